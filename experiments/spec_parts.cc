#include "experiments/spec_parts.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <set>

#include "absl/strings/ascii.h"
#include "optim/schedule.h"
#include "optim/validation.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {

absl::Status BadField(absl::string_view field, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", reason));
}

bool IsTargetName(const std::string& name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool IsPositive(double x) { return std::isfinite(x) && x > 0.0; }

absl::Status ValidateBatchSize(int64_t batch_size, absl::string_view field) {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  if (batch_size > 0 && batch_size <= kMost) return absl::OkStatus();
  return BadField(field,
                  absl::StrCat("must be in 1 .. ", kMost, ", got ", batch_size));
}

absl::Status ValidateGrid(const Grid& grid, absl::string_view field) {
  const std::string prefix = field.empty() ? "" : absl::StrCat(field, ".");
  if (grid.learning_rate_size() == 0) {
    return BadField(prefix + "learning_rate",
                    "the grid is empty; give at least one");
  }
  if (grid.schedule_size() == 0) {
    return BadField(prefix + "schedule",
                    "the grid is empty; give at least one");
  }
  for (int i = 0; i < grid.learning_rate_size(); ++i) {
    if (!IsPositive(grid.learning_rate(i))) {
      return BadField(absl::StrCat(prefix, "learning_rate[", i, "]"),
                      absl::StrCat("must be positive and finite, got ",
                                   grid.learning_rate(i)));
    }
    // Grid points are told apart by their rate and schedule.
    for (int k = 0; k < i; ++k) {
      if (grid.learning_rate(k) == grid.learning_rate(i)) {
        return BadField(absl::StrCat(prefix, "learning_rate[", i, "]"),
                        absl::StrCat(grid.learning_rate(i), " stands twice"));
      }
    }
  }
  for (int i = 0; i < grid.schedule_size(); ++i) {
    const std::string name = absl::StrCat(prefix, "schedule[", i, "]");
    RETURN_IF_ERROR(ValidateSchedule(grid.schedule(i), name));
    for (int k = 0; k < i; ++k) {
      if (SameSchedule(grid.schedule(k), grid.schedule(i))) {
        return BadField(name, "stands twice");
      }
    }
  }
  return absl::OkStatus();
}

std::string SpecDigest(const google::protobuf::Message& spec) {
  return Sha256Hex(SerializeDeterministically(spec));
}

namespace internal {

absl::Status ValidateFamilyParts(
    const std::string& name, const std::string& dataset,
    const google::protobuf::RepeatedPtrField<Method>& methods,
    const google::protobuf::RepeatedField<int64_t>& batch_sizes,
    const Grid& grid, const google::protobuf::RepeatedField<uint64_t>& seeds) {
  if (!IsTargetName(name)) {
    return BadField("name", "must be letters, digits, '_' and '-'");
  }
  if (!IsTargetName(dataset)) {
    return BadField("dataset", "must name a data set of //data");
  }
  std::set<std::string> names;
  for (int i = 0; i < methods.size(); ++i) {
    const std::string field = absl::StrCat("method[", i, "]");
    if (!IsTargetName(methods[i].name())) {
      return BadField(field + ".name", "must be letters, digits, '_' and '-'");
    }
    if (!names.insert(methods[i].name()).second) {
      return BadField(field + ".name", absl::StrCat("\"", methods[i].name(),
                                                    "\" stands twice"));
    }
    RETURN_IF_ERROR(
        ValidateOptimizer(methods[i].optimizer(), field + ".optimizer"));
  }
  std::set<int64_t> sizes;
  for (int i = 0; i < batch_sizes.size(); ++i) {
    const std::string field = absl::StrCat("batch_size[", i, "]");
    RETURN_IF_ERROR(ValidateBatchSize(batch_sizes[i], field));
    if (!sizes.insert(batch_sizes[i]).second) {
      return BadField(field, absl::StrCat(batch_sizes[i], " stands twice"));
    }
  }
  if (methods.empty()) return absl::OkStatus();
  if (sizes.empty()) return BadField("batch_size", "give at least one");
  RETURN_IF_ERROR(ValidateGrid(grid, "grid"));
  if (seeds.empty()) return BadField("seed", "give at least one");
  if (static_cast<int>(std::set<uint64_t>(seeds.begin(), seeds.end()).size()) !=
      seeds.size()) {
    return BadField("seed", "stands twice");
  }
  return absl::OkStatus();
}

}  // namespace internal
}  // namespace anisograd
