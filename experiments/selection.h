#ifndef EXPERIMENTS_SELECTION_H_
#define EXPERIMENTS_SELECTION_H_

#include <cmath>

#include "experiments/result.pb.h"

namespace anisograd {

// Sets `exploded_runs` and `selected` of a result from its runs, which stand
// grid-major with `seeds` runs a grid point: the grid point with the lowest mean
// of value(run) over seeds among those with no exploded seed, none where there
// is no such point. value(run) is only asked of runs that did not explode.
template <typename Result, typename Value>
void SelectGridPoint(int seeds, Value value, Result* result) {
  result->clear_selected();
  result->set_exploded_runs(0);
  for (int first = 0; first < result->run_size(); first += seeds) {
    int exploded = 0;
    double sum = 0.0;
    for (int i = first; i < first + seeds; ++i) {
      if (result->run(i).outcome() == Run::EXPLODED) {
        ++exploded;
      } else {
        sum += value(result->run(i));
      }
    }
    result->set_exploded_runs(result->exploded_runs() + exploded);
    const double mean = sum / seeds;
    if (exploded > 0 ||
        (result->has_selected() && !(mean < result->selected().mean_loss()))) {
      continue;
    }
    double squares = 0.0;
    for (int i = first; i < first + seeds; ++i) {
      const double difference = value(result->run(i)) - mean;
      squares += difference * difference;
    }
    Selected* selected = result->mutable_selected();
    selected->set_learning_rate(result->run(first).learning_rate());
    *selected->mutable_schedule() = result->run(first).schedule();
    selected->set_mean_loss(mean);
    selected->set_std_loss(std::sqrt(squares / seeds));
  }
}

}  // namespace anisograd

#endif  // EXPERIMENTS_SELECTION_H_
