#ifndef OPTIM_SGD_H_
#define OPTIM_SGD_H_

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// Stochastic gradient descent, Algorithm 2, one coordinate:
//
//   w <- w - rate * g        (one rounding: fused multiply-add)
template <typename T>
struct SgdRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kSgd;
  static constexpr const char* kName = "sgd";
  static constexpr const char* kTitle = "SGD";

  explicit SgdRule(const OptimizerSpec& spec) {}

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    *w = MulAdd(-rate, g, *w);
  }
};

}  // namespace anisograd

#endif  // OPTIM_SGD_H_
