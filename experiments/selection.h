#ifndef EXPERIMENTS_SELECTION_H_
#define EXPERIMENTS_SELECTION_H_

#include <cmath>
#include <optional>

#include "experiments/result.pb.h"
#include "optim/schedule.h"

namespace anisograd {

// Whether two runs, or a run and what was selected, are of one grid point.
template <typename A, typename B>
bool AreOfOneGridPoint(const A& a, const B& b) {
  return a.learning_rate() == b.learning_rate() &&
         SameSchedule(a.schedule(), b.schedule());
}

// One grid point's runs, which stand one after another in a result.
struct GridChoice {
  int first_run = 0;
  // Of value(run) over seeds; the deviation with divisor (number of seeds).
  double mean = 0.0;
  double deviation = 0.0;
};

// The grid point with the lowest mean of value(run) over seeds among those none
// of whose runs is left_out(run); nullopt where there is no such point. `runs`
// stand grid-major, `seeds` of them a grid point. value(run) is only asked of
// runs that are not left out.
template <typename Runs, typename LeftOut, typename Value>
std::optional<GridChoice> ChooseGridPoint(const Runs& runs, int seeds,
                                          LeftOut left_out, Value value) {
  std::optional<GridChoice> best;
  for (int first = 0; seeds > 0 && first < runs.size(); first += seeds) {
    bool allowed = true;
    double sum = 0.0;
    for (int i = first; i < first + seeds; ++i) {
      if (left_out(runs[i])) {
        allowed = false;
      } else {
        sum += value(runs[i]);
      }
    }
    const double mean = sum / seeds;
    if (!allowed || (best.has_value() && !(mean < best->mean))) continue;
    double squares = 0.0;
    for (int i = first; i < first + seeds; ++i) {
      const double difference = value(runs[i]) - mean;
      squares += difference * difference;
    }
    best = GridChoice{first, mean, std::sqrt(squares / seeds)};
  }
  return best;
}

// Sets `exploded_runs` and `selected` of a result from its runs: what
// ChooseGridPoint picks among runs that did not explode, none where there is no
// such point.
template <typename Result, typename Value>
void SelectGridPoint(int seeds, Value value, Result* result) {
  const auto exploded = [](const auto& run) {
    return run.outcome() == Run::EXPLODED;
  };
  result->clear_selected();
  result->set_exploded_runs(0);
  for (const auto& run : result->run()) {
    if (exploded(run)) result->set_exploded_runs(result->exploded_runs() + 1);
  }
  const std::optional<GridChoice> choice =
      ChooseGridPoint(result->run(), seeds, exploded, value);
  if (!choice.has_value()) return;
  const auto& run = result->run(choice->first_run);
  Selected* selected = result->mutable_selected();
  selected->set_learning_rate(run.learning_rate());
  *selected->mutable_schedule() = run.schedule();
  selected->set_mean_loss(choice->mean);
  selected->set_std_loss(choice->deviation);
}

// Where the optimum of `role` stands among OptimumRecords or OptimumResults; -1
// where there is none.
template <typename Optima>
int FindOptimum(const Optima& optima, OptimumSpec::Role role) {
  int at = 0;
  for (const auto& optimum : optima) {
    if (optimum.spec().role() == role) return at;
    ++at;
  }
  return -1;
}

// What logistic.selection compares runs by.
inline double SelectionValue(const LogisticProtocol& protocol, const Run& run) {
  return protocol.selection() == LogisticProtocol::LAST_EPOCH
             ? run.loss(run.loss_size() - 1)
             : run.best_loss();
}

}  // namespace anisograd

#endif  // EXPERIMENTS_SELECTION_H_
