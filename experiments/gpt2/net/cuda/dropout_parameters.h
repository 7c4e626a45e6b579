#ifndef EXPERIMENTS_GPT2_NET_CUDA_DROPOUT_PARAMETERS_H_
#define EXPERIMENTS_GPT2_NET_CUDA_DROPOUT_PARAMETERS_H_

#include "experiments/gpt2/net/dropout.h"

namespace anisograd {
namespace cuda {

// A Dropout as kernels take it: the same counters as on the CPU, hence the same
// dropped elements.
struct DropoutParameters {
  DropoutParameters() = default;
  explicit DropoutParameters(const Dropout& d)
      : dropout(d),
        enabled(d.enabled()),
        scale(static_cast<float>(d.scale())) {}

  Dropout dropout;
  bool enabled = false;
  // 1 / (1 - p).
  float scale = 1.0f;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_DROPOUT_PARAMETERS_H_
