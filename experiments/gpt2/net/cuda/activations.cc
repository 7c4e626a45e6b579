#include "experiments/gpt2/net/cuda/activations.h"

#include <cuda_bf16.h>

#include <algorithm>
#include <type_traits>

#include "experiments/gpt2/net/cuda/attention.h"
#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/layer_norm.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {
template <typename A>
int64_t Activations<A>::LayOut(Arena arena, const Gpt2Config& config,
                               const DeviceBatch& batch, int64_t head_rows) {
  const int64_t n = batch.size(), width = config.width();
  blocks.resize(static_cast<size_t>(config.layers()));
  for (auto& block : blocks) {
    block = BlockActivations<float, A>::Take(config, n, &arena);
  }
  last = arena.Take<float>(n, width);
  final_norm = arena.Take<A>(n, width);
  final_mean = arena.Take<float>(n);
  final_rstd = arena.Take<float>(n);
  branch = arena.Take<A>(n, width);
  dx = arena.Take<float>(n, width);
  dwide = arena.Take<A>(n, 4 * width);
  dnarrow = arena.Take<A>(n, width);

  const int64_t stride = (config.vocabulary() + 7) / 8 * 8;
  const int64_t rows = std::min(head_rows, n);
  head = arena.Take<A>(rows, width);
  dhead = arena.Take<A>(rows, width);
  logits = arena.Take<float>(rows, config.vocabulary(), stride);
  if constexpr (std::is_same<A, float>::value) {
    dlogits = logits;
  } else {
    dlogits = arena.Take<A>(rows, config.vocabulary(), stride);
  }
  losses = arena.Take<double>(n);
  workspace = arena.Take<float>(std::max(
      {LayerNormWorkspace(n, width), ColumnSumWorkspace(n, 4 * width),
       AttentionWorkspace(config.heads(), n), batch.by_token().pieces * width,
       batch.by_position().pieces * width}));
  return arena.used();
}

template <typename A>
absl::Status Activations<A>::Place(const Gpt2Config& config,
                                   const DeviceBatch& batch,
                                   int64_t head_rows) {
  RETURN_IF_ERROR(memory_.Reserve(
      LayOut(Arena(nullptr, kDeviceAlignment), config, batch, head_rows)));
  LayOut(Arena(memory_.data(), kDeviceAlignment), config, batch, head_rows);
  return absl::OkStatus();
}

template struct Activations<float>;
template struct Activations<__nv_bfloat16>;

}  // namespace cuda
}  // namespace anisograd
