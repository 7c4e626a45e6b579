#include "experiments/result_file.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {

absl::Status CheckResult(const ExperimentResult& result) {
  const auto damaged = [](absl::string_view reason) {
    return absl::DataLossError(reason);
  };
  const ExperimentSpec& spec = result.spec();
  if (spec.method_size() != 1 || spec.batch_size_size() != 1) {
    return damaged("spec: not that of one cell");
  }
  if (spec.seed_size() == 0 || result.run_size() % spec.seed_size() != 0) {
    return damaged("run: not one a seed for every grid point");
  }
  for (int i = 0; i < result.run_size(); ++i) {
    const Run& run = result.run(i);
    if (run.loss_size() == 0) {
      return damaged(absl::StrCat("run[", i, "].loss: missing"));
    }
    if (run.epoch_mean_loss_size() < run.loss_size() - 1) {
      return damaged(
          absl::StrCat("run[", i, "].epoch_mean_loss: fewer than losses"));
    }
  }
  if (result.has_selected() && spec.grid().learning_rate_size() == 0) {
    return damaged("spec.grid.learning_rate: missing");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExperimentResult> ReadResult(const std::string& path) {
  ExperimentResult result;
  RETURN_IF_ERROR(ReadBinaryProto(path, &result));
  RETURN_IF_ERROR(InFile(CheckResult(result), path));
  return result;
}

}  // namespace anisograd
