#ifndef EXPERIMENTS_SPEC_PARTS_H_
#define EXPERIMENTS_SPEC_PARTS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/spec.pb.h"
#include "google/protobuf/message.h"

namespace anisograd {

// What the specs of all kinds of experiments have in common. Every check
// returns OK, or InvalidArgument "FIELD: reason" for the first bad field, the
// field as a path into the message.

absl::Status BadField(absl::string_view field, absl::string_view reason);

// A part of a target's name and of a file's: letters, digits, '_' and '-'.
bool IsTargetName(const std::string& name);

bool IsPositive(double x);

// Fields of enum type must be set, and to a value that this program knows.
template <typename IsValid>
absl::Status CheckEnum(int value, IsValid is_valid, absl::string_view field) {
  if (value == 0) return BadField(field, "must be set");
  if (!is_valid(value)) return BadField(field, "is not a known value");
  return absl::OkStatus();
}

// M: positive, and no more than a data set can have rows, so that sums with a
// number of rows hold it.
absl::Status ValidateBatchSize(int64_t batch_size, absl::string_view field);

// `field`: where the grid stands in its message; "" for a message of its own.
absl::Status ValidateGrid(const Grid& grid, absl::string_view field);

// name, dataset, method, batch_size, grid and seed. A family without methods
// trains nothing (an optimum's own part) and needs no grid.
template <typename Spec>
absl::Status ValidateFamily(const Spec& spec);

// One table cell of a family: its one method and batch size. InvalidArgument
// where the family has no such method or batch size.
template <typename Spec>
absl::StatusOr<Spec> ExpandCell(const Spec& family, absl::string_view method,
                                int64_t batch_size) {
  Spec cell = family;
  cell.clear_method();
  cell.clear_batch_size();
  for (const Method& candidate : family.method()) {
    if (absl::string_view(candidate.name()) == method) {
      *cell.add_method() = candidate;
    }
  }
  if (cell.method_size() == 0) {
    return BadField("method", absl::StrCat(family.name(), " has no method \"",
                                           method, "\""));
  }
  for (const int64_t candidate : family.batch_size()) {
    if (candidate == batch_size) cell.add_batch_size(candidate);
  }
  if (cell.batch_size_size() == 0) {
    return BadField("batch_size", absl::StrCat(family.name(),
                                               " has no batch size ",
                                               batch_size));
  }
  return cell;
}

// SHA-256 of the deterministic serialisation.
std::string SpecDigest(const google::protobuf::Message& spec);

// Implementation below this line.
namespace internal {
absl::Status ValidateFamilyParts(
    const std::string& name, const std::string& dataset,
    const google::protobuf::RepeatedPtrField<Method>& methods,
    const google::protobuf::RepeatedField<int64_t>& batch_sizes,
    const Grid& grid, const google::protobuf::RepeatedField<uint64_t>& seeds);
}  // namespace internal

template <typename Spec>
absl::Status ValidateFamily(const Spec& spec) {
  return internal::ValidateFamilyParts(spec.name(), spec.dataset(),
                                       spec.method(), spec.batch_size(),
                                       spec.grid(), spec.seed());
}

}  // namespace anisograd

#endif  // EXPERIMENTS_SPEC_PARTS_H_
