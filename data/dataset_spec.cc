#include "data/dataset_spec.h"

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "data/libsvm.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", reason));
}

// OK when low <= value <= high; no NaN.
absl::Status InRange(absl::string_view field, double value, double low,
                     double high) {
  if (value >= low && value <= high) return absl::OkStatus();
  return Bad(field, absl::StrCat("must be in ", low, " .. ", high, ", got ",
                                 value));
}

constexpr double kHuge = std::numeric_limits<double>::max();

absl::Status ValidatePlain(const SyntheticSpec& spec) {
  RETURN_IF_ERROR(InRange("synthetic.power_law_exponent",
                          spec.power_law_exponent(), 0.0, kHuge));
  if (spec.values() != SyntheticSpec::BINARY &&
      spec.values() != SyntheticSpec::UNIT_NORM) {
    return Bad("synthetic.values", "must be BINARY or UNIT_NORM");
  }
  return InRange("synthetic.label_noise", spec.label_noise(), 0.0, kHuge);
}

absl::Status ValidateText(const TextSpec& text) {
  RETURN_IF_ERROR(InRange("synthetic.text.frequency_exponent",
                          text.frequency_exponent(), 0.0, kHuge));
  RETURN_IF_ERROR(InRange("synthetic.text.frequency_offset",
                          text.frequency_offset(), 0.0, kHuge));
  RETURN_IF_ERROR(InRange("synthetic.text.length_deviation",
                          text.length_deviation(), 0.0, 3.0));
  RETURN_IF_ERROR(InRange("synthetic.text.repeat", text.repeat(), 0.0, 0.95));
  RETURN_IF_ERROR(InRange("synthetic.text.topics", text.topics(), 1, 64));
  RETURN_IF_ERROR(InRange("synthetic.text.class_deviation",
                          text.class_deviation(), 0.0, 5.0));
  RETURN_IF_ERROR(InRange("synthetic.text.topic_deviation",
                          text.topic_deviation(), 0.0, 5.0));
  RETURN_IF_ERROR(
      InRange("synthetic.text.stray_most", text.stray_most(), 0.0, 1.0));
  return InRange("synthetic.text.stray_power", text.stray_power(),
                 std::numeric_limits<double>::min(), kHuge);
}

// Some row of counts is positive at `value`.
bool Occurs(const CategoricalSpec::Group& group, int value) {
  for (const CategoricalSpec::Counts& counts : group.given()) {
    if (value < counts.count_size() && counts.count(value) > 0.0) return true;
  }
  return false;
}

absl::Status ValidateCounts(const CategoricalSpec::Group& group,
                            const CategoricalSpec::Group* parent,
                            absl::string_view field) {
  const int rows = parent == nullptr ? 1 : parent->score_size() + 1;
  if (group.given_size() != rows) {
    return Bad(absl::StrCat(field, ".given"),
               absl::StrCat("must be there ", rows, " times, got ",
                            group.given_size()));
  }
  for (int v = 0; v < rows; ++v) {
    const std::string given = absl::StrCat(field, ".given[", v, "]");
    const auto& counts = group.given(v).count();
    double sum = 0.0;
    for (const double count : counts) {
      RETURN_IF_ERROR(InRange(absl::StrCat(given, ".count"), count, 0.0, 1e15));
      sum += count;
    }
    if (counts.empty() && parent != nullptr && !Occurs(*parent, v)) continue;
    if (counts.size() != group.score_size() + 1 || sum <= 0.0) {
      return Bad(given, absl::StrCat("must have ", group.score_size() + 1,
                                     " counts, not all 0"));
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateCategorical(const CategoricalSpec& spec,
                                 int64_t features) {
  RETURN_IF_ERROR(InRange("synthetic.categorical.intercept", spec.intercept(),
                          -kHuge, kHuge));
  if (spec.group_size() == 0) {
    return Bad("synthetic.categorical.group", "give at least one");
  }
  absl::flat_hash_map<std::string, const CategoricalSpec::Group*> earlier;
  absl::flat_hash_set<int64_t> taken;
  for (int i = 0; i < spec.group_size(); ++i) {
    const CategoricalSpec::Group& group = spec.group(i);
    const std::string field =
        absl::StrCat("synthetic.categorical.group[", i, "]");
    if (group.score_size() == 0) return Bad(field + ".score", "one per feature");
    for (int k = 0; k < group.score_size(); ++k) {
      const int64_t j = group.first_feature() + k;
      if (j < 1 || j > features || !taken.insert(j).second) {
        return Bad(field + ".first_feature",
                   absl::StrCat("feature ", j, " is taken or not in 1 .. ",
                                features));
      }
      if (!std::isfinite(group.score(k))) {
        return Bad(field + ".score", "must be finite");
      }
    }
    const CategoricalSpec::Group* parent = nullptr;
    if (!group.parent().empty()) {
      const auto found = earlier.find(group.parent());
      if (found == earlier.end()) {
        return Bad(field + ".parent",
                   absl::StrCat("no earlier group is named ", group.parent()));
      }
      parent = found->second;
    }
    RETURN_IF_ERROR(ValidateCounts(group, parent, field));
    if (group.name().empty() || !earlier.emplace(group.name(), &group).second) {
      return Bad(field + ".name", "must be set, and only once");
    }
  }
  return absl::OkStatus();
}

absl::Status ValidateSynthetic(const DatasetSpec& spec) {
  const SyntheticSpec& synthetic = spec.synthetic();
  if (synthetic.kind_case() != SyntheticSpec::KIND_NOT_SET &&
      (synthetic.power_law_exponent() != 0.0 ||
       synthetic.values() != SyntheticSpec::VALUES_UNSPECIFIED ||
       synthetic.label_noise() != 0.0)) {
    return Bad("synthetic",
               "power_law_exponent, values and label_noise are the plain "
               "kind's; take them or categorical or text away");
  }
  if (synthetic.has_categorical()) {
    return ValidateCategorical(synthetic.categorical(), spec.features());
  }
  if (spec.mean_nonzeros() > 0.5 * static_cast<double>(spec.features())) {
    return Bad("mean_nonzeros",
               absl::StrCat("a stand-in of this kind needs at most half of "
                            "features, got ",
                            spec.mean_nonzeros()));
  }
  return synthetic.has_text() ? ValidateText(synthetic.text())
                              : ValidatePlain(synthetic);
}

using Labels = google::protobuf::RepeatedPtrField<std::string>;

// None of which is among `others`.
absl::Status ValidateLabels(absl::string_view field, const Labels& labels,
                            const Labels& others) {
  if (labels.empty()) return Bad(field, "give at least one");
  for (int i = 0; i < labels.size(); ++i) {
    const std::string element = absl::StrCat(field, "[", i, "]");
    if (labels[i].empty()) return Bad(element, "must not be empty");
    const std::optional<double> number = NumberOfLabel(labels[i]);
    for (const std::string& other : others) {
      if (labels[i] == other ||
          (number.has_value() && number == NumberOfLabel(other))) {
        return Bad(element, absl::StrCat("\"", labels[i],
                                         "\" is a positive_label too"));
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateDataset(const DatasetSpec& spec) {
  if (spec.name().empty()) return Bad("name", "must be set");
  if (spec.rows() <= 0 || spec.rows() > (int64_t{1} << 31)) {
    return Bad("rows", absl::StrCat("must be in 1 .. 2^31, got ", spec.rows()));
  }
  if (spec.features() <= 0 || spec.features() > (int64_t{1} << 31)) {
    return Bad("features",
               absl::StrCat("must be in 1 .. 2^31, got ", spec.features()));
  }
  if (!(spec.mean_nonzeros() >= 1.0 &&
        spec.mean_nonzeros() <= static_cast<double>(spec.features()))) {
    return Bad("mean_nonzeros",
               absl::StrCat("must be at least 1 and at most features, got ",
                            spec.mean_nonzeros()));
  }
  RETURN_IF_ERROR(ValidateLabels("positive_label", spec.positive_label(), {}));
  RETURN_IF_ERROR(ValidateLabels("negative_label", spec.negative_label(),
                                 spec.positive_label()));
  return spec.has_synthetic() ? ValidateSynthetic(spec) : absl::OkStatus();
}

absl::StatusOr<DatasetSpec> ReadDatasetSpec(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  DatasetSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  RETURN_IF_ERROR(AtField(ValidateDataset(spec), text, path));
  return spec;
}

}  // namespace anisograd
