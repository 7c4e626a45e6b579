#ifndef DATA_RANDOM_DRAWS_H_
#define DATA_RANDOM_DRAWS_H_

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "tools/base/random.h"

namespace anisograd {

// Draws k with probability weight[k] / sum of weights. Weights are not negative;
// without a positive one (also none at all) it must not be drawn from.
class Discrete {
 public:
  explicit Discrete(std::vector<double> weights)
      : cumulative_(std::move(weights)) {
    double sum = 0.0;
    for (double& c : cumulative_) {
      if (c > 0.0) last_ = &c - cumulative_.data();
      c = sum += c;
    }
  }

  // Of two equal entries upper_bound passes the first, so a weight of 0 is never
  // drawn.
  int64_t Draw(RandomStream* stream) const {
    const double u = stream->NextUniform() * cumulative_.back();
    return std::min<int64_t>(
        std::upper_bound(cumulative_.begin(), cumulative_.end(), u) -
            cumulative_.begin(),
        last_);
  }

 private:
  std::vector<double> cumulative_;
  // The last positive weight's place: where rounding of u ends.
  int64_t last_ = 0;
};

// Draws distinct features for one row after another.
class DistinctDraws {
 public:
  explicit DistinctDraws(int64_t features) : row_of_feature_(features, -1) {}

  // Draws from `draw` until `count` distinct features are there, and calls `add`
  // with each. After 20 draws a feature it takes what is missing from 0, 1, ...
  // instead, so that it ends whatever the distribution; `count` is at most
  // `features`. `row` must be another one at each call.
  template <typename DrawFn, typename AddFn>
  void Row(int64_t row, int64_t count, DrawFn draw, AddFn add) {
    int64_t found = 0;
    const auto take = [&](int64_t j) {
      if (row_of_feature_[j] == row) return;
      row_of_feature_[j] = row;
      ++found;
      add(j);
    };
    for (int64_t k = 0; found < count && k < 20 * count; ++k) take(draw());
    for (int64_t j = 0; found < count; ++j) take(j);
  }

 private:
  std::vector<int64_t> row_of_feature_;
};

}  // namespace anisograd

#endif  // DATA_RANDOM_DRAWS_H_
