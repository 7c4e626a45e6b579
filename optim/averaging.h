#ifndef OPTIM_AVERAGING_H_
#define OPTIM_AVERAGING_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/types/span.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// The output of Algorithms 1 to 3 is the average iterate (1/T) sum_{t<T} w_t.

// Sparse form, one coordinate: sum_{s < until} w_s from `sum` = sum_{s < from}
// w_s, where the coordinate has been `weight` at all steps from .. until - 1.
// A coordinate at rest costs nothing until it moves or is read: call this with
// until = t + 1 before step t moves it, and with until = T to read it.
//
// V is float, double or lanes of doubles (tools/base/lanes.h).
template <typename V>
ANISOGRAD_HOST_DEVICE inline V ExtendIterateSum(V sum, V weight, int64_t from, int64_t until) {
  return MulAdd(V(static_cast<double>(until - from)), weight, sum);
}

// Dense form.
template <typename T>
class IterateAverage {
 public:
  explicit IterateAverage(int64_t size) : sum_(size, T(0)) {}

  // Adds w_t, t = 0, 1, ...
  void Add(absl::Span<const T> weights) {
    for (size_t j = 0; j < sum_.size(); ++j) sum_[j] += weights[j];
    ++count_;
  }

  // (1/T) sum_{t<T} w_t after T calls of Add; zero after none.
  std::vector<T> Average() const {
    std::vector<T> average = sum_;
    for (T& x : average) x /= static_cast<T>(count_ > 0 ? count_ : 1);
    return average;
  }

 private:
  std::vector<T> sum_;
  int64_t count_ = 0;
};

}  // namespace anisograd

#endif  // OPTIM_AVERAGING_H_
