#include "analysis/held_out.h"

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/gram.h"
#include "analysis/retrain.h"
#include "tools/base/status_macros.h"

namespace anisograd {

HeldOutScore ScoreWeights(const LogisticProblem& problem,
                          absl::Span<const double> w) {
  HeldOutScore score;
  score.set_loss(problem.Loss(w));
  int64_t right = 0;
  // sigma(-margin) is below 1/2 where the margin is positive.
  for (const double s : Residuals(problem, w)) right += s < 0.5;
  score.set_accuracy(static_cast<double>(right) /
                     static_cast<double>(problem.rows()));
  return score;
}

absl::StatusOr<HeldOutResult> ComputeHeldOut(
    const LogisticProblem& train, const LogisticProblem& test,
    absl::Span<const ExperimentResult> cells, const OptimumResult& optimum) {
  if (train.dimension() != test.dimension()) {
    return absl::InvalidArgumentError(
        absl::StrCat("held-out samples have ", test.dimension(),
                     " dimensions, those trained on ", train.dimension()));
  }
  HeldOutResult result;
  result.set_rows(test.rows());
  for (const ExperimentResult& cell : cells) {
    if (!cell.has_selected()) continue;
    HeldOutCell* const out = result.add_cell();
    out->set_method(cell.spec().method(0).name());
    out->set_batch_size(cell.spec().batch_size(0));
    out->set_target(cell.target());
    out->set_spec_digest(cell.spec_digest());
    for (const uint64_t seed : cell.spec().seed()) {
      ASSIGN_OR_RETURN(const std::vector<double> w,
                       RetrainSelected(train, cell, seed,
                                       cell.spec().logistic().epochs()));
      *out->add_score() = ScoreWeights(test, w);
    }
  }
  if (optimum.certificate() == OptimumResult::DUALITY_GAP &&
      optimum.weights_size() == test.dimension()) {
    *result.mutable_optimum() = ScoreWeights(test, optimum.weights());
  }
  return result;
}

}  // namespace anisograd
