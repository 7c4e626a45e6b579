#include "analysis/retrain.h"

#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<std::vector<double>> RetrainSelected(
    const LogisticProblem& problem, const ExperimentResult& cell, uint64_t seed,
    int epochs) {
  if (!cell.has_selected()) {
    return absl::InvalidArgumentError(
        absl::StrCat(cell.target(), ": selected: every grid point exploded"));
  }
  GridTrainerOptions options;
  options.optimizer = cell.spec().method(0).optimizer();
  options.grid = {{cell.selected().learning_rate(),
                   cell.selected().schedule()}};
  options.batch_size = cell.spec().batch_size(0);
  options.protocol = cell.spec().logistic();
  options.protocol.set_epochs(epochs);
  options.seed = seed;
  options.keep_best_weights = true;
  ASSIGN_OR_RETURN(std::vector<GridRun> runs, TrainGrid(problem, options));
  return std::move(runs[0].best_weights);
}

}  // namespace anisograd
