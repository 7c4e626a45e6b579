#ifndef EXPERIMENTS_GPT2_NET_CUDA_ACTIVATIONS_H_
#define EXPERIMENTS_GPT2_NET_CUDA_ACTIVATIONS_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "experiments/gpt2/net/arena.h"
#include "experiments/gpt2/net/block_activations.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/net/cuda/device_batch.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace cuda {

// The memory of a pass of GPT-2 over a batch of n tokens, laid out in one block
// of the device's memory that grows with the largest batch.
//
// Bytes per token, for L layers, width C, h heads and a = sizeof(A):
//   L (8 C + 14 a C + 4 h + 16)   kept for the backward pass
//   (8 + 7 a) C and what `workspace` needs, for the pass itself
// and head_rows (V (4 + a) + 2 a C) for the head, whatever n is, but V 4 where
// A = float. GPT-2 124M in bf16: 0.35 MB a token.
template <typename A>
struct Activations {
  std::vector<BlockActivations<float, A>> blocks;
  // x_L and its norm.
  MatrixView<float> last;
  MatrixView<A> final_norm;
  float *final_mean = nullptr, *final_rstd = nullptr;

  // What comes out of a branch, and on the way back the gradient of that.
  MatrixView<A> branch;
  // The gradient of the residual stream.
  MatrixView<float> dx;
  // [n, 4C] and [n, C]: gradients within a branch.
  MatrixView<A> dwide, dnarrow;

  // The head's, head_rows of them at a time: ln_f's output and its gradient
  // [head_rows, C]; logits and their gradient [head_rows, V], where rows begin
  // at multiples of 16 bytes, which the fast products want. The gradient takes
  // the logits' place where A = float.
  MatrixView<A> head, dhead, dlogits;
  MatrixView<float> logits;
  // [n].
  double* losses = nullptr;

  // For column sums, attention and embeddings, one at a time.
  float* workspace = nullptr;

  // Lays everything out for a batch; what stood there is lost.
  absl::Status Place(const Gpt2Config& config, const DeviceBatch& batch,
                     int64_t head_rows);

 private:
  int64_t LayOut(Arena arena, const Gpt2Config& config,
                 const DeviceBatch& batch, int64_t head_rows);

  DeviceBuffer<char> memory_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_ACTIVATIONS_H_
