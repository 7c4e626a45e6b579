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
namespace {

template <typename T>
MatrixView<T> Take(DeviceArena* arena, int64_t rows, int64_t columns,
                   int64_t stride) {
  return {arena->Take<T>(rows * stride), rows, columns, stride};
}
template <typename T>
MatrixView<T> Take(DeviceArena* arena, int64_t rows, int64_t columns) {
  return Take<T>(arena, rows, columns, columns);
}

}  // namespace

template <typename A>
int64_t Activations<A>::LayOut(DeviceArena arena, const Gpt2Config& config,
                               const DeviceBatch& batch, bool recompute,
                               int64_t head_rows) {
  const int64_t n = batch.size(), width = config.width();
  blocks.resize(static_cast<size_t>(config.layers()));
  const BlockActivations<A>& first = blocks.front();
  for (BlockActivations<A>& a : blocks) {
    const bool share = recompute && &a != &first;
    a.x = Take<float>(&arena, n, width);
    a.mid = Take<float>(&arena, n, width);
    a.ln1 = share ? first.ln1 : Take<A>(&arena, n, width);
    a.qkv = Take<A>(&arena, n, 3 * width);
    a.attention = Take<A>(&arena, n, width);
    a.ln2 = share ? first.ln2 : Take<A>(&arena, n, width);
    a.hidden = Take<A>(&arena, n, 4 * width);
    a.gelu = share ? first.gelu : Take<A>(&arena, n, 4 * width);
    a.log_sum = arena.Take<float>(config.heads() * n);
    a.mean1 = arena.Take<float>(n);
    a.rstd1 = arena.Take<float>(n);
    a.mean2 = arena.Take<float>(n);
    a.rstd2 = arena.Take<float>(n);
  }
  last = Take<float>(&arena, n, width);
  final_norm = Take<A>(&arena, n, width);
  final_mean = arena.Take<float>(n);
  final_rstd = arena.Take<float>(n);
  branch = Take<A>(&arena, n, width);
  dx = Take<float>(&arena, n, width);
  dwide = Take<A>(&arena, n, 4 * width);
  dnarrow = Take<A>(&arena, n, width);

  const int64_t stride = (config.vocabulary() + 7) / 8 * 8;
  const int64_t rows = std::min(head_rows, n);
  head = Take<A>(&arena, rows, width);
  dhead = Take<A>(&arena, rows, width);
  logits = Take<float>(&arena, rows, config.vocabulary(), stride);
  if constexpr (std::is_same<A, float>::value) {
    dlogits = logits;
  } else {
    dlogits = Take<A>(&arena, rows, config.vocabulary(), stride);
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
                                   const DeviceBatch& batch, bool recompute,
                                   int64_t head_rows) {
  RETURN_IF_ERROR(memory_.Reserve(
      LayOut(DeviceArena(nullptr), config, batch, recompute, head_rows)));
  LayOut(DeviceArena(memory_.data()), config, batch, recompute, head_rows);
  return absl::OkStatus();
}

template struct Activations<float>;
template struct Activations<__nv_bfloat16>;

}  // namespace cuda
}  // namespace anisograd
