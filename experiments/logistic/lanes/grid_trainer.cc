#include "experiments/logistic/lanes/grid_trainer.h"

#include <vector>

#include "absl/status/status.h"
#include "experiments/logistic/lanes/train_some.h"
#include "experiments/logistic/lanes/wide_lanes.h"
#include "tools/base/flush_subnormals.h"
#include "tools/base/isa.h"
#include "tools/base/lanes.h"
#include "tools/base/status_macros.h"

namespace anisograd {

absl::StatusOr<std::vector<GridRun>> TrainGrid(
    const LogisticProblem& problem, const GridTrainerOptions& options) {
  RETURN_IF_ERROR(CheckGridOptions(options, problem.dimension()));
  const FlushSubnormals flush;
  std::vector<GridRun> runs(options.grid.size());
  absl::Span<GridRun> left = absl::MakeSpan(runs);
  if (!options.one_lane && CurrentIsa() == Isa::kAvx512) {
    ASSIGN_OR_RETURN(left, TrainWideGroups(problem, options, left));
  }
  RETURN_IF_ERROR(WithLaneRule(problem, options, [&](auto tag, auto put_off) {
    using Rule = RuleOf<decltype(tag), double>;
    const auto with = [&](auto width) {
      using V = decltype(width);
      return TrainSome<LaneRule<Rule, V, put_off.value>, V>(problem, options,
                                                            left);
    };
    if (!options.one_lane) {
      left = TrainGroups<Lanes8, Lanes16, Rule, put_off.value>(problem, options,
                                                               left);
    }
    while (!left.empty()) {
      left = options.one_lane ? with(double()) : with(Lanes2());
    }
  }));
  return runs;
}

}  // namespace anisograd
