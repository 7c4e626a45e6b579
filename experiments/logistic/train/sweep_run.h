#ifndef EXPERIMENTS_LOGISTIC_TRAIN_SWEEP_RUN_H_
#define EXPERIMENTS_LOGISTIC_TRAIN_SWEEP_RUN_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/csr.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"
#include "experiments/spec.pb.h"

// The flags of RunSweep, as a program's usage lists them.
#define ANISOGRAD_SWEEP_USAGE                             \
  "--libsvm=FILE --features=N [--rows=N] [--positive_labels=A,B] " \
  "[--negative_labels=A,B] [--spec=F.textproto] [--epochs=N] " \
  "[--methods=A,B] [--batch_sizes=A,B]"

namespace anisograd {

// A family on any LIBSVM file, trained here and now.
struct SweepRun {
  ExperimentSpec family;
  CsrMatrix matrix;
  LogisticProblem problem;
  DatasetRecord dataset;
  // By role, and of each one line for the user. Where data are separable its loss
  // is the infimum, 0.
  std::vector<OptimumResult> optima;
  std::vector<std::string> known;
  bool separable = false;
  // Every cell; the target is "sweep".
  std::vector<ExperimentResult> results;
};

// Runs it on the file `libsvm`. Beside those of data/libsvm_flags.h the flags are
// --spec, --epochs, --methods and --batch_sizes. Protocol and w* are those of
// --spec; without it the protocol is the paper's for small data sets, but with the
// general explosion rule, and w* is the exact optimum (Newton, or L-BFGS in more
// than 2,000 dimensions). Errors name file or flag.
absl::StatusOr<SweepRun> RunSweep(const std::string& libsvm);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_TRAIN_SWEEP_RUN_H_
