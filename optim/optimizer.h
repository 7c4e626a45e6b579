#ifndef OPTIM_OPTIMIZER_H_
#define OPTIM_OPTIMIZER_H_

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "optim/optimizer.pb.h"

namespace anisograd {

// An update rule of optim/rules.h with its state, over one flat array of
// weights. T is float or double.
template <typename T>
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  // One step on the dense gradient; both spans have size() entries. O(size()).
  virtual void Step(T learning_rate, absl::Span<const T> gradient,
                    absl::Span<T> weights) = 0;

  // One step on a gradient that is zero but at `indices`, which are distinct.
  // Exactly the dense step: where the other coordinates do not move
  // (AtRest::kNothing), the cost is that of `indices`, otherwise O(size()).
  virtual void SparseStep(T learning_rate, absl::Span<const uint32_t> indices,
                          absl::Span<const T> values,
                          absl::Span<T> weights) = 0;

  // State for checkpoints: names and flat arrays, in a fixed order. Writing the
  // arrays of another optimizer of the same spec and size restores it.
  struct NamedState {
    std::string name;
    absl::Span<T> values;
  };
  virtual std::vector<NamedState> State() = 0;

  virtual int64_t size() const = 0;
};

// InvalidArgument for a bad spec, naming the field.
template <typename T>
absl::StatusOr<std::unique_ptr<Optimizer<T>>> MakeOptimizer(
    const OptimizerSpec& spec, int64_t size);

}  // namespace anisograd

#endif  // OPTIM_OPTIMIZER_H_
