// This file alone is compiled for AVX-512 (BUILD.bazel). What it shares with other
// files, such as vectors of the standard library, may be the code that is linked
// where the processor lacks the instructions, and must be free of them:
// //tools:unfused_test looks at every program. So nothing is instantiated here but
// for Lanes<8, ...>.
#include "experiments/logistic/lanes/wide_lanes.h"

#include "experiments/logistic/lanes/train_some.h"
#include "tools/base/lanes.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<absl::Span<GridRun>> TrainWideGroups(
    const LogisticProblem& problem, const GridTrainerOptions& options,
    absl::Span<GridRun> runs) {
  RETURN_IF_ERROR(WithLaneRule(problem, options, [&](auto tag, auto put_off) {
    runs = TrainGroups<Lanes<8, 1>, Lanes<8, 2>, RuleOf<decltype(tag), double>,
                       put_off.value>(problem, options, runs);
  }));
  return runs;
}

}  // namespace anisograd
