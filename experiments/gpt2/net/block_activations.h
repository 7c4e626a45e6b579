#ifndef EXPERIMENTS_GPT2_NET_BLOCK_ACTIVATIONS_H_
#define EXPERIMENTS_GPT2_NET_BLOCK_ACTIVATIONS_H_

#include <cstdint>

#include "experiments/gpt2/net/arena.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {

// What the forward pass of one block leaves for the backward pass, on any
// device, in the notation of experiments/gpt2/net/model.h, for n tokens. The
// residual stream and sums are in T; A is what branches are computed in.
template <typename T, typename A>
struct BlockActivations {
  // [n, C]: the block's input, and what stands between its branches.
  MatrixView<T> x, mid;
  // [n, C], but qkv [n, 3C], hidden and gelu [n, 4C].
  MatrixView<A> ln1, qkv, attention, ln2, hidden, gelu;
  // [heads, n].
  MatrixView<T> log_sum;
  // [n].
  T *mean1, *rstd1, *mean2, *rstd2;

  static BlockActivations Take(const Gpt2Config& config, int64_t n,
                               Arena* arena) {
    const int64_t width = config.width();
    BlockActivations a;
    a.x = arena->Take<T>(n, width);
    a.mid = arena->Take<T>(n, width);
    a.ln1 = arena->Take<A>(n, width);
    a.qkv = arena->Take<A>(n, 3 * width);
    a.attention = arena->Take<A>(n, width);
    a.ln2 = arena->Take<A>(n, width);
    a.hidden = arena->Take<A>(n, 4 * width);
    a.gelu = arena->Take<A>(n, 4 * width);
    a.log_sum = arena->Take<T>(config.heads(), n);
    a.mean1 = arena->Take<T>(n);
    a.rstd1 = arena->Take<T>(n);
    a.mean2 = arena->Take<T>(n);
    a.rstd2 = arena->Take<T>(n);
    return a;
  }
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_BLOCK_ACTIVATIONS_H_
