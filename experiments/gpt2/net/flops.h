#ifndef EXPERIMENTS_GPT2_NET_FLOPS_H_
#define EXPERIMENTS_GPT2_NET_FLOPS_H_

#include "experiments/gpt2/net/config.pb.h"

namespace anisograd {

// Floating-point operations that forward and backward pass need per token, a
// multiply-add counted as two, matrix products alone (all else is bound by
// memory), nothing counted that is computed anew on the way back:
//   6 (12 L C^2 + V C)   the weights: once forward, twice backward
//   6 L C T              attention over (T + 1) / 2 earlier tokens on average,
//                        for sequences of T tokens
// With a masked prompt the head's V C only counts for tokens with a target.
double Gpt2TrainingFlopsPerToken(const Gpt2Config& config,
                                 double sequence_length,
                                 double counted_share = 1.0);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_FLOPS_H_
