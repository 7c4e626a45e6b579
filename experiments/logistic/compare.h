#ifndef EXPERIMENTS_LOGISTIC_COMPARE_H_
#define EXPERIMENTS_LOGISTIC_COMPARE_H_

#include <cstdint>

#include "absl/status/statusor.h"
#include "experiments/result.pb.h"

namespace anisograd {

// How far two results of one cell are apart, such as a CPU's and a GPU's.
// Relative: |actual - expected| / max(|expected|, 1e-300); two NaNs, or two
// infinities of one sign, are no difference, and one alone is infinite.
struct ResultDifferences {
  // The largest over all series of losses and best losses.
  double loss = 0.0;
  // The largest over distances.
  double distance = 0.0;
  // Runs that explode in one alone, or at another step, or have their best epoch
  // elsewhere.
  int64_t outcomes = 0;
  // The selected grid point is another one, or there is one in one alone.
  bool selection = false;
};

// InvalidArgument where the two are not of the same cell on the same data.
absl::StatusOr<ResultDifferences> CompareResults(
    const ExperimentResult& expected, const ExperimentResult& actual);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_COMPARE_H_
