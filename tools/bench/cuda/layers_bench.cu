// The layers of GPT-2 124M that are bound by memory, by the bytes that they
// have to move: each array once, formulas beside each. At 4,096 tokens most of
// them fit the level-2 cache, at 16,384 they do not.

#include <cuda_bf16.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/classifier.h"
#include "experiments/gpt2/net/cuda/column_sums.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/cuda/elementwise.h"
#include "experiments/gpt2/net/cuda/embedding.h"
#include "experiments/gpt2/net/cuda/layer_norm.h"
#include "tools/base/status_macros.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/device_inputs.h"
#include "tools/bench/training_batch.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

using Bf16 = __nv_bfloat16;

constexpr int64_t kWidth = kEmulated ? 64 : 768;
constexpr int32_t kVocabulary = kEmulated ? 500 : 50257;
constexpr int64_t kContext = kEmulated ? 64 : 1024;
constexpr int64_t kTokens[] = {kEmulated ? 64 : 4096, kEmulated ? 128 : 16384};
// Of the head at one time.
constexpr int64_t kRows = kEmulated ? 8 : 2048;
constexpr int64_t kStride = (kVocabulary + 7) / 8 * 8;
constexpr int64_t kParameters = kEmulated ? 5000 : 124439808;

// Of one matrix [rows, columns] in T.
template <typename T>
int64_t Bytes(int64_t rows, int64_t columns) {
  return rows * columns * static_cast<int64_t>(sizeof(T));
}

DropoutParameters DropoutAt(bool enabled, DropoutSite site) {
  return DropoutParameters(enabled ? Dropout({1, 2}, 3, site, 0.1) : Dropout());
}

// A batch's sequences as long as the context, on the device.
struct Rows {
  RowIndex host;
  std::vector<int32_t> ids;
  DeviceBuffer<int32_t> tokens, positions;

  static absl::StatusOr<Rows> Create(int64_t tokens) {
    ASSIGN_OR_RETURN(
        const SequenceBatch batch,
        TrainingBatch(Sequences::kLongest, tokens, kContext, kVocabulary));
    Rows rows;
    rows.host = MakeRowIndex(batch.starts);
    rows.ids = batch.tokens;
    ASSIGN_OR_RETURN(rows.tokens, CopyOnDevice(rows.ids));
    ASSIGN_OR_RETURN(rows.positions, CopyOnDevice(rows.host.position));
    return rows;
  }
};

// Reads the ids, as many rows of the tables as differ; writes x.
absl::Status EmbeddingForwardBench(benchmark::State& state, int64_t tokens,
                                   bool dropout) {
  ASSIGN_OR_RETURN(const Rows rows, Rows::Create(tokens));
  const int64_t read = MakeInvertedIndex(rows.ids, kVocabulary).keys() +
                       std::min(tokens, kContext);
  ASSIGN_OR_RETURN(auto wte, RandomOnDevice<float>(kVocabulary * kWidth));
  ASSIGN_OR_RETURN(auto wpe, RandomOnDevice<float>(kContext * kWidth));
  ASSIGN_OR_RETURN(auto x, DeviceBuffer<float>::Create(tokens * kWidth));
  MeasureOnDevice(
      state, Bytes<float>(tokens + read, kWidth) + Bytes<int32_t>(tokens, 2),
      [&](cudaStream_t stream) {
        return EmbeddingForward(
            stream, rows.tokens.data(), rows.positions.data(),
            DropoutAt(dropout, DropoutSite::kEmbedding), 0,
            {wte.data(), kVocabulary, kWidth}, {wpe.data(), kContext, kWidth},
            {x.data(), tokens, kWidth});
      });
  return absl::OkStatus();
}

// Reads dx and its order, reads and writes the table's rows that occur.
absl::Status EmbeddingBackwardBench(benchmark::State& state, int64_t tokens,
                                    bool positions) {
  ASSIGN_OR_RETURN(const Rows rows, Rows::Create(tokens));
  const int64_t table_rows = positions ? kContext : kVocabulary;
  const InvertedIndex host =
      MakeInvertedIndex(positions ? rows.host.position : rows.ids,
                        static_cast<int32_t>(table_rows));
  ASSIGN_OR_RETURN(const auto ids, CopyOnDevice(host.ids));
  ASSIGN_OR_RETURN(const auto key_pieces, CopyOnDevice(host.key_pieces));
  ASSIGN_OR_RETURN(const auto piece_rows, CopyOnDevice(host.piece_rows));
  ASSIGN_OR_RETURN(const auto index_rows, CopyOnDevice(host.rows));
  ASSIGN_OR_RETURN(auto dx, RandomOnDevice<float>(tokens * kWidth));
  ASSIGN_OR_RETURN(auto table, RandomOnDevice<float>(table_rows * kWidth));
  ASSIGN_OR_RETURN(auto workspace,
                   DeviceBuffer<float>::Create(host.pieces() * kWidth));
  const DeviceInvertedIndex index = {host.keys(),       host.pieces(),
                                     ids.data(),        key_pieces.data(),
                                     piece_rows.data(), index_rows.data()};
  MeasureOnDevice(state,
                  Bytes<float>(tokens + 2 * host.keys(), kWidth) +
                      Bytes<int32_t>(tokens, 1),
                  [&](cudaStream_t stream) {
                    return EmbeddingBackward(
                        stream, index, {dx.data(), tokens, kWidth},
                        workspace.data(), {table.data(), table_rows, kWidth});
                  });
  return absl::OkStatus();
}

// What both ways of a layer norm work on.
template <typename A>
struct Norm {
  DeviceBuffer<float> x, dx, gamma, beta, mean, rstd, workspace;
  DeviceBuffer<A> branch, y;

  static absl::StatusOr<Norm> Create(int64_t tokens) {
    Norm n;
    ASSIGN_OR_RETURN(n.x, RandomOnDevice<float>(tokens * kWidth));
    ASSIGN_OR_RETURN(n.dx, RandomOnDevice<float>(tokens * kWidth));
    ASSIGN_OR_RETURN(n.gamma, RandomOnDevice<float>(kWidth));
    ASSIGN_OR_RETURN(n.beta, RandomOnDevice<float>(kWidth));
    ASSIGN_OR_RETURN(n.mean, RandomOnDevice<float>(tokens));
    ASSIGN_OR_RETURN(n.rstd, RandomOnDevice<float>(tokens));
    ASSIGN_OR_RETURN(n.workspace, DeviceBuffer<float>::Create(
                                      LayerNormWorkspace(tokens, kWidth)));
    ASSIGN_OR_RETURN(n.branch, RandomOnDevice<A>(tokens * kWidth));
    ASSIGN_OR_RETURN(n.y, RandomOnDevice<A>(tokens * kWidth));
    return n;
  }
};

// Reads the residual stream and the branch, writes the stream and y; mean and
// rstd.
template <typename A>
absl::Status LayerNormForwardBench(benchmark::State& state, int64_t tokens,
                                   bool dropout) {
  ASSIGN_OR_RETURN(auto n, Norm<A>::Create(tokens));
  MeasureOnDevice(
      state,
      Bytes<float>(2 * tokens, kWidth) + Bytes<A>(2 * tokens, kWidth) +
          Bytes<float>(2, tokens),
      [&](cudaStream_t stream) {
        return LayerNormForward<A>(
            stream, {n.x.data(), tokens, kWidth},
            {n.branch.data(), tokens, kWidth},
            DropoutAt(dropout, DropoutSite::kAttentionResidual), 0,
            n.gamma.data(), n.beta.data(), 1e-5f, {n.x.data(), tokens, kWidth},
            {n.y.data(), tokens, kWidth}, n.mean.data(), n.rstd.data());
      });
  return absl::OkStatus();
}

// Reads dy, x and dx, writes dx and the branch's gradient; mean and rstd.
template <typename A>
absl::Status LayerNormBackwardBench(benchmark::State& state, int64_t tokens,
                                    bool dropout) {
  ASSIGN_OR_RETURN(auto n, Norm<A>::Create(tokens));
  MeasureOnDevice(
      state,
      Bytes<float>(3 * tokens, kWidth) + Bytes<A>(2 * tokens, kWidth) +
          Bytes<float>(2, tokens),
      [&](cudaStream_t stream) {
        return LayerNormBackward<A>(
            stream, {n.y.data(), tokens, kWidth}, {n.x.data(), tokens, kWidth},
            n.gamma.data(), n.mean.data(), n.rstd.data(), true,
            DropoutAt(dropout, DropoutSite::kAttentionResidual), 0,
            n.workspace.data(), {n.dx.data(), tokens, kWidth},
            {n.branch.data(), tokens, kWidth}, n.gamma.data(), n.beta.data());
      });
  return absl::OkStatus();
}

// Reads x (back: dy and x), writes as much once.
template <typename A>
absl::Status GeluBench(benchmark::State& state, int64_t tokens, bool backward) {
  constexpr int64_t kHidden = 4 * kWidth;
  ASSIGN_OR_RETURN(auto x, RandomOnDevice<A>(tokens * kHidden));
  ASSIGN_OR_RETURN(auto dy, RandomOnDevice<A>(tokens * kHidden));
  ASSIGN_OR_RETURN(auto out, DeviceBuffer<A>::Create(tokens * kHidden));
  const MatrixView<const A> in(x.data(), tokens, kHidden);
  const MatrixView<A> to(out.data(), tokens, kHidden);
  MeasureOnDevice(state, Bytes<A>((backward ? 3 : 2) * tokens, kHidden),
                  [&](cudaStream_t stream) {
                    return backward ? GeluBackward<A>(
                                          stream, {dy.data(), tokens, kHidden},
                                          in, to)
                                    : GeluForward<A>(stream, in, to);
                  });
  return absl::OkStatus();
}

// Reads x; the sums are nothing beside it.
template <typename A>
absl::Status ColumnSumsBench(benchmark::State& state, int64_t tokens,
                             int64_t columns) {
  ASSIGN_OR_RETURN(auto x, RandomOnDevice<A>(tokens * columns));
  ASSIGN_OR_RETURN(auto workspace, DeviceBuffer<float>::Create(
                                       ColumnSumWorkspace(tokens, columns)));
  ASSIGN_OR_RETURN(auto out, DeviceBuffer<float>::Create(columns));
  MeasureOnDevice(state, Bytes<A>(tokens, columns), [&](cudaStream_t stream) {
    return AddColumnSums<A>(stream, {x.data(), tokens, columns},
                            workspace.data(), out.data());
  });
  return absl::OkStatus();
}

// Reads the logits, writes their gradients.
template <typename A>
absl::Status CrossEntropyBench(benchmark::State& state) {
  ASSIGN_OR_RETURN(auto logits, RandomOnDevice<float>(kRows * kStride));
  ASSIGN_OR_RETURN(auto dlogits, DeviceBuffer<A>::Create(kRows * kStride));
  ASSIGN_OR_RETURN(auto losses, DeviceBuffer<double>::Create(kRows));
  ASSIGN_OR_RETURN(const auto targets,
                   CopyOnDevice(MakeUpBatch({kRows}, kVocabulary).tokens));
  MeasureOnDevice(
      state, Bytes<float>(kRows, kVocabulary) + Bytes<A>(kRows, kVocabulary),
      [&](cudaStream_t stream) {
        return CrossEntropy<A>(stream, targets.data(), 1e-3f,
                               {logits.data(), kRows, kVocabulary, kStride},
                               losses.data(),
                               {dlogits.data(), kRows, kVocabulary, kStride});
      });
  return absl::OkStatus();
}

// Reads the rows and their numbers, writes the rows. Every second row of twice
// as many, as with a masked prompt.
template <typename A>
absl::Status MoveRowsBench(benchmark::State& state, int64_t tokens,
                           bool scatter) {
  std::vector<int32_t> numbers;
  for (int64_t i = 0; i < tokens; ++i) {
    numbers.push_back(static_cast<int32_t>(2 * i));
  }
  ASSIGN_OR_RETURN(const auto rows, CopyOnDevice(numbers));
  ASSIGN_OR_RETURN(auto all, RandomOnDevice<A>(2 * tokens * kWidth));
  ASSIGN_OR_RETURN(auto some, RandomOnDevice<A>(tokens * kWidth));
  const MatrixView<A> all_view(all.data(), 2 * tokens, kWidth);
  const MatrixView<A> some_view(some.data(), tokens, kWidth);
  MeasureOnDevice(
      state, Bytes<A>(2 * tokens, kWidth) + Bytes<int32_t>(tokens, 1),
      [&](cudaStream_t stream) {
        return scatter
                   ? ScatterRows<A>(stream, rows.data(), some_view, all_view)
                   : GatherRows<A>(stream, rows.data(), all_view, some_view);
      });
  return absl::OkStatus();
}

// Reads and writes x.
absl::Status ApplyDropoutBench(benchmark::State& state, int64_t tokens) {
  ASSIGN_OR_RETURN(auto x, RandomOnDevice<float>(tokens * kWidth));
  MeasureOnDevice(
      state, Bytes<float>(2 * tokens, kWidth), [&](cudaStream_t stream) {
        return ApplyDropout(stream, DropoutAt(true, DropoutSite::kEmbedding), 0,
                            {x.data(), tokens, kWidth});
      });
  return absl::OkStatus();
}

// Reads single precision, writes bf16.
absl::Status RoundToBf16Bench(benchmark::State& state) {
  ASSIGN_OR_RETURN(auto x, RandomOnDevice<float>(kParameters));
  ASSIGN_OR_RETURN(auto out, DeviceBuffer<Bf16>::Create(kParameters));
  MeasureOnDevice(
      state, Bytes<float>(kParameters, 1) + Bytes<Bf16>(kParameters, 1),
      [&](cudaStream_t stream) {
        return RoundToBf16(stream, kParameters, x.data(), out.data());
      });
  return absl::OkStatus();
}

template <typename Bench>
void Register(const std::string& name, Bench bench) {
  benchmark::RegisterBenchmark(
      name.c_str(),
      [=](benchmark::State& state) { SkipUnlessOk(state, bench(state)); })
      ->Apply(TimedOnDevice);
}

// `run` at both numbers of tokens, each with the switch off and on.
using Switched = absl::Status (*)(benchmark::State&, int64_t, bool);
void RegisterSwitched(const std::string& name, const std::string& off,
                      const std::string& on, Switched run) {
  for (const int64_t tokens : kTokens) {
    for (const bool value : {false, true}) {
      Register(
          name + (value ? on : off) + "/tokens:" + std::to_string(tokens),
          [=](benchmark::State& state) { return run(state, tokens, value); });
    }
  }
}

template <typename A>
void RegisterBranches(const std::string& type) {
  RegisterSwitched("LayerNormForward/" + type, "", "/dropout",
                   LayerNormForwardBench<A>);
  RegisterSwitched("LayerNormBackward/" + type, "", "/dropout",
                   LayerNormBackwardBench<A>);
  RegisterSwitched("Gelu/" + type, "/forward", "/backward", GeluBench<A>);
  RegisterSwitched("MoveRows/" + type, "/gather", "/scatter", MoveRowsBench<A>);
  for (const int64_t tokens : kTokens) {
    for (const int64_t columns : {kWidth, 3 * kWidth, 4 * kWidth}) {
      Register("ColumnSums/" + type + "/columns:" + std::to_string(columns) +
                   "/tokens:" + std::to_string(tokens),
               [=](benchmark::State& state) {
                 return ColumnSumsBench<A>(state, tokens, columns);
               });
    }
  }
  Register("CrossEntropy/" + type + "/rows:" + std::to_string(kRows),
           CrossEntropyBench<A>);
}

bool RegisterAll() {
  RegisterSwitched("EmbeddingForward", "", "/dropout", EmbeddingForwardBench);
  RegisterSwitched("EmbeddingBackward", "/token_ids", "/positions",
                   EmbeddingBackwardBench);
  for (const int64_t tokens : kTokens) {
    Register("ApplyDropout/tokens:" + std::to_string(tokens),
             [=](benchmark::State& state) {
               return ApplyDropoutBench(state, tokens);
             });
  }
  Register("RoundToBf16", RoundToBf16Bench);
  RegisterBranches<Bf16>("bf16");
  RegisterBranches<float>("fp32");
  return true;
}
const bool kRegistered = RegisterAll();

}  // namespace
}  // namespace cuda
}  // namespace anisograd
