#include "data/dataset_spec.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", reason));
}

}  // namespace

absl::Status ValidateDataset(const DatasetSpec& spec) {
  if (spec.name().empty()) return Bad("name", "must be set");
  if (spec.compression() != DatasetSpec::NONE &&
      spec.compression() != DatasetSpec::BZIP2) {
    return Bad("compression", "must be NONE or BZIP2");
  }
  if (spec.rows() <= 0 || spec.rows() > (int64_t{1} << 31)) {
    return Bad("rows", absl::StrCat("must be in 1 .. 2^31, got ", spec.rows()));
  }
  if (spec.features() <= 0 || spec.features() > (int64_t{1} << 31)) {
    return Bad("features",
               absl::StrCat("must be in 1 .. 2^31, got ", spec.features()));
  }
  if (!(spec.mean_nonzeros() >= 1.0 &&
        spec.mean_nonzeros() <= 0.5 * static_cast<double>(spec.features()))) {
    return Bad("mean_nonzeros",
               absl::StrCat("must be at least 1 and at most half of features, "
                            "got ",
                            spec.mean_nonzeros()));
  }
  if (spec.positive_label_size() == 0) {
    return Bad("positive_label", "give at least one");
  }
  if (spec.negative_label_size() == 0) {
    return Bad("negative_label", "give at least one");
  }
  const SyntheticSpec& synthetic = spec.synthetic();
  if (!std::isfinite(synthetic.power_law_exponent()) ||
      synthetic.power_law_exponent() < 0.0) {
    return Bad("synthetic.power_law_exponent",
               "must be finite and not negative");
  }
  if (synthetic.values() != SyntheticSpec::BINARY &&
      synthetic.values() != SyntheticSpec::UNIT_NORM) {
    return Bad("synthetic.values", "must be BINARY or UNIT_NORM");
  }
  if (!std::isfinite(synthetic.label_noise()) ||
      synthetic.label_noise() < 0.0) {
    return Bad("synthetic.label_noise", "must be finite and not negative");
  }
  return absl::OkStatus();
}

absl::StatusOr<DatasetSpec> ReadDatasetSpec(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  DatasetSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  RETURN_IF_ERROR(AtField(ValidateDataset(spec), text, path));
  return spec;
}

}  // namespace anisograd
