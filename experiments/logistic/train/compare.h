#ifndef EXPERIMENTS_LOGISTIC_TRAIN_COMPARE_H_
#define EXPERIMENTS_LOGISTIC_TRAIN_COMPARE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "experiments/result.pb.h"

namespace anisograd {

// How far two results of one cell are apart, such as a CPU's and a GPU's.
// Relative: |actual - expected| / max(|expected|, 1e-300); two NaNs, or two
// infinities of one sign, are no difference, and one alone is infinite.
//
// A run that exploded goes on to the end and throws a rounding about, so that
// two correct trainers can end far apart; such runs are told apart.
struct ResultDifferences {
  // Of runs that converged: the largest over losses, and over distances; over those
  // that a GPU does not measure, of every step and of evaluations between epoch ends,
  // where both results have them.
  double loss = 0.0;
  double distance = 0.0;
  // Of runs that exploded: the largest over both.
  double exploded = 0.0;
  // Runs that explode in one alone or at another step, or have their best epoch
  // at another.
  int64_t outcomes = 0;
  // The selected grid point is another, or there is one in one alone.
  bool selection = false;
};

// InvalidArgument where the two are not of the same cell on the same data.
absl::StatusOr<ResultDifferences> CompareResults(
    const ExperimentResult& expected, const ExperimentResult& actual);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_TRAIN_COMPARE_H_
