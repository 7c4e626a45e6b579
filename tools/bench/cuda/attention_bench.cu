// Attention of GPT-2 124M, forward and backward, over Alpaca's packed examples
// and over sequences as long as the context. `flops` is what the mathematics
// needs (AttentionForwardFlops, twice that back); computed_flops adds the
// scores and products that the backward kernels form anew. Neither counts what
// masked halves of tiles cost. share_of_product is of flops, against products
// of the same arithmetic.

#include <cuda_bf16.h>

#include <cstdint>
#include <string>
#include <type_traits>

#include "benchmark/benchmark.h"
#include "experiments/gpt2/net/cuda/attention.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "tools/base/status_macros.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/device_inputs.h"
#include "tools/bench/cuda/product_rate.h"
#include "tools/bench/training_batch.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

constexpr int64_t kHeads = kEmulated ? 1 : 12;
constexpr int64_t kWidth = 64 * kHeads;
constexpr int64_t kContext = 1024;
constexpr int64_t kTokens = kEmulated ? 128 : 16384;
constexpr int64_t kLongest = kEmulated ? 96 : kContext;
constexpr int32_t kVocabulary = 50257;

// Products over the pairs of a query and a key: 2 forward (q k, P v), 7 back,
// since both kernels there form q k and dy v (attention_bf16.cu).
constexpr double kBackwardComputed = 7.0 / 2.0;
constexpr double kBackwardNeeded = 2.0;

template <typename A>
absl::Status Run(benchmark::State& state, bool backward, Sequences sequences,
                 bool with_dropout) {
  ASSIGN_OR_RETURN(const double rate, ProductRate(std::is_same<A, float>::value
                                                      ? Arithmetic::kFloat32
                                                      : Arithmetic::kBf16));
  ASSIGN_OR_RETURN(const SequenceBatch sequence_batch,
                   TrainingBatch(sequences, kTokens, kLongest, kVocabulary));
  const int64_t tokens = sequence_batch.starts.back();
  ASSIGN_OR_RETURN(const auto query_tiles,
                   CopyOnDevice(QueryTiles(sequence_batch.starts)));
  ASSIGN_OR_RETURN(const auto key_tiles,
                   CopyOnDevice(KeyTiles(sequence_batch.starts)));
  AttentionBatch batch;
  batch.heads = kHeads;
  batch.context = kContext;
  batch.query_tiles = query_tiles.data();
  batch.query_tile_count = query_tiles.size();
  batch.key_tiles = key_tiles.data();
  batch.key_tile_count = key_tiles.size();
  const DropoutParameters dropout(
      with_dropout ? Dropout({1, 2}, 3, DropoutSite::kAttention, 0.1)
                   : Dropout());

  ASSIGN_OR_RETURN(auto qkv, RandomOnDevice<A>(3 * tokens * kWidth));
  ASSIGN_OR_RETURN(auto y, RandomOnDevice<A>(tokens * kWidth));
  ASSIGN_OR_RETURN(auto log_sum, RandomOnDevice<float>(kHeads * tokens));
  const MatrixView<A> qkv_view(qkv.data(), tokens, 3 * kWidth);
  const MatrixView<A> y_view(y.data(), tokens, kWidth);
  const auto forward = [&](cudaStream_t stream) {
    return AttentionForward<A>(stream, batch, dropout, qkv_view, y_view,
                               log_sum.data());
  };
  const double flops = AttentionForwardFlops(sequence_batch.starts, kWidth);
  state.counters["tokens"] = static_cast<double>(tokens);
  if (!backward) {
    MeasureFlopsOnDevice(state, flops, rate, forward);
    return absl::OkStatus();
  }
  // The way back needs what the way there left.
  RETURN_IF_ERROR(forward(nullptr));
  ASSIGN_OR_RETURN(auto dy, RandomOnDevice<A>(tokens * kWidth));
  ASSIGN_OR_RETURN(auto dqkv, DeviceBuffer<A>::Create(3 * tokens * kWidth));
  ASSIGN_OR_RETURN(auto workspace, DeviceBuffer<float>::Create(
                                       AttentionWorkspace(kHeads, tokens)));
  MeasureFlopsOnDevice(
      state, kBackwardNeeded * flops, rate, [&](cudaStream_t stream) {
        return AttentionBackward<A>(stream, batch, dropout,
                                    {dy.data(), tokens, kWidth}, qkv_view,
                                    y_view, log_sum.data(), workspace.data(),
                                    {dqkv.data(), tokens, 3 * kWidth});
      });
  state.counters["computed_flops"] = kBackwardComputed * flops;
  return absl::OkStatus();
}

bool RegisterAll() {
  for (const bool bf16 : {true, false}) {
    for (const bool backward : {false, true}) {
      for (const Sequences sequences :
           {Sequences::kAlpaca, Sequences::kLongest}) {
        for (const bool dropout : {false, true}) {
          const std::string name =
              std::string("Attention/") + (bf16 ? "bf16" : "fp32") +
              (backward ? "/backward/" : "/forward/") +
              (sequences == Sequences::kAlpaca
                   ? std::string("alpaca")
                   : "sequence:" + std::to_string(kLongest)) +
              (dropout ? "/dropout" : "");
          benchmark::RegisterBenchmark(
              name.c_str(),
              [=](benchmark::State& state) {
                SkipUnlessOk(
                    state,
                    bf16 ? Run<__nv_bfloat16>(state, backward, sequences,
                                              dropout)
                         : Run<float>(state, backward, sequences, dropout));
              })
              ->Apply(TimedOnDevice);
        }
      }
    }
  }
  return true;
}
const bool kRegistered = RegisterAll();

}  // namespace
}  // namespace cuda
}  // namespace anisograd
