#ifndef OPTIM_SIGNSGD_H_
#define OPTIM_SIGNSGD_H_

#include "optim/optimizer.pb.h"
#include "optim/rule.h"
#include "tools/base/host_device.h"
#include "tools/base/scalar_math.h"

namespace anisograd {

// signSGD (Bernstein, Wang, Azizzadenesheli, Anandkumar 2018, Algorithm 1), with
// whose rates Section 4.2 compares AdaGrad's; one coordinate, sign(0) = 0:
//
//   w <- w - rate * sign(g)
template <typename T>
struct SignSgdRule : RuleDefaults {
  static constexpr OptimizerSpec::RuleCase kCase = OptimizerSpec::kSignsgd;
  static constexpr const char* kName = "signsgd";
  static constexpr const char* kTitle = "signSGD";

  explicit SignSgdRule(const OptimizerSpec& spec) {}

  template <typename V>
  ANISOGRAD_HOST_DEVICE void Step(V rate, V g, V* states, V* w) const {
    const V positive = IfNegative(-g, V(T(1)), V(T(0)));
    *w = MulAdd(-rate, IfNegative(g, V(T(-1)), positive), *w);
  }
};

}  // namespace anisograd

#endif  // OPTIM_SIGNSGD_H_
