// GPT-2 on the CPU. `flops` counts matrix products alone
// (experiments/gpt2/net/flops.h); `share_of_peak` divides by the rate of a
// product of 2,048 x 2,048 matrices on as many threads and with vectors as
// wide, measured first in the same run. The arguments are `threads` and, where
// it is not the processor's widest, `vector_bits` of the products.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "experiments/gpt2/net/attention.h"
#include "experiments/gpt2/net/config.h"
#include "experiments/gpt2/net/cross_entropy.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/flops.h"
#include "experiments/gpt2/net/gelu.h"
#include "experiments/gpt2/net/layer_norm.h"
#include "experiments/gpt2/net/linear.h"
#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/net/tied_head.h"
#include "optim/optimizer.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/isa.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

constexpr int64_t kTokens = 512;

double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// A matrix of small numbers that differ.
class Matrix {
 public:
  Matrix(int64_t rows, int64_t columns)
      : rows_(rows), columns_(columns), values_(rows * columns) {
    for (int64_t i = 0; i < values_.size(); ++i) {
      values_.data()[i] = static_cast<float>(i % 251) * 1e-3f - 0.125f;
    }
  }
  MatrixView<float> view() { return {values_.data(), rows_, columns_}; }
  MatrixView<const float> view() const {
    return {values_.data(), rows_, columns_};
  }
  float* data() { return values_.data(); }

 private:
  int64_t rows_, columns_;
  AlignedBuffer<float> values_;
};

// Products with vectors of so many bits from now on; false where the processor
// has none.
bool UseVectorBits(int64_t bits) {
  const Isa isa = bits == 512 ? Isa::kAvx512 : Isa::kAvx2;
  for (const Isa available : AvailableIsas()) {
    if (available != isa) continue;
    UseIsa(isa);
    return true;
  }
  return false;
}
int64_t WidestVectorBits() {
  return AvailableIsas().back() == Isa::kAvx512 ? 512 : 256;
}

// FLOP per second of the machine; the best of some products.
double Peak(int threads, int64_t bits = WidestVectorBits()) {
  static std::map<std::pair<int, int64_t>, double>& peaks =
      *new std::map<std::pair<int, int64_t>, double>();
  double& peak = peaks[{threads, bits}];
  if (peak == 0.0) {
    constexpr int64_t kSize = 2048;
    ThreadPool pool(threads);
    Matrix a(kSize, kSize), b(kSize, kSize), c(kSize, kSize);
    for (int i = 0; i < 4; ++i) {
      const double begin = SecondsNow();
      ParallelMultiply<float>(&pool, Op::kAsIs, a.view(), Op::kAsIs, b.view(),
                              Into::kOverwrite, c.view());
      peak =
          std::max(peak, 2.0 * kSize * kSize * kSize / (SecondsNow() - begin));
    }
  }
  return peak;
}

using benchmark::Counter;

// Rates of one iteration that takes `flops`.
void SetCounters(benchmark::State& state, double flops, double seconds,
                 int64_t bits = WidestVectorBits()) {
  const double done = flops * static_cast<double>(state.iterations());
  state.counters["flops"] = done / seconds;
  state.counters["share_of_peak"] =
      done / seconds / Peak(static_cast<int>(state.range(0)), bits);
}

void BM_Peak(benchmark::State& state) {
  const int64_t bits = state.range(1);
  if (!UseVectorBits(bits)) {
    state.SkipWithError("the processor has no such vectors");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(Peak(state.range(0), bits));
  state.counters["flops"] = Peak(static_cast<int>(state.range(0)), bits);
  UseVectorBits(WidestVectorBits());
}
BENCHMARK(BM_Peak)
    ->ArgNames({"threads", "vector_bits"})
    ->ArgsProduct({{1, 2}, {256, 512}})
    ->Iterations(1);

// One product c = op(a) op(b) of m x k and k x n. The first ones are the
// reduced family's: qkv, its gradient, that of its weights, q k^T, P v, the
// tied head.
void BM_Product(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  const int64_t m = state.range(1), k = state.range(2), n = state.range(3);
  const Op op_a = state.range(4) == 0 ? Op::kAsIs : Op::kTransposed;
  const Op op_b = state.range(5) == 0 ? Op::kAsIs : Op::kTransposed;
  Matrix a(op_a == Op::kAsIs ? m : k, op_a == Op::kAsIs ? k : m),
      b(op_b == Op::kAsIs ? k : n, op_b == Op::kAsIs ? n : k), c(m, n);
  Peak(static_cast<int>(state.range(0)));
  const double begin = SecondsNow();
  for (auto _ : state) {
    ParallelMultiply<float>(&pool, op_a, a.view(), op_b, b.view(),
                            Into::kOverwrite, c.view());
  }
  SetCounters(state, 2.0 * static_cast<double>(m * k * n),
              SecondsNow() - begin);
}
BENCHMARK(BM_Product)
    ->ArgNames({"threads", "m", "k", "n", "a_transposed", "b_transposed"})
    ->Args({1, 512, 32, 96, 0, 0})
    ->Args({1, 512, 96, 32, 0, 1})
    ->Args({1, 32, 512, 96, 1, 0})
    ->Args({1, 64, 16, 64, 0, 1})
    ->Args({1, 64, 64, 16, 0, 0})
    ->Args({1, 256, 32, 1257, 0, 1})
    ->Args({1, 512, 768, 3072, 0, 0})
    ->Args({1, 512, 3072, 768, 0, 1})
    ->Args({1, 768, 512, 3072, 1, 0})
    ->UseRealTime();

// Forward and backward pass of GPT-2 124M over 512 tokens, with dropout: one
// sequence, or six as short as Alpaca's.
void BM_TrainingPass(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  const int64_t length = state.range(1), bits = state.range(2);
  if (!UseVectorBits(bits)) {
    state.SkipWithError("the processor has no such vectors");
    return;
  }
  const Gpt2Config config = Gpt2Small();
  Gpt2<float> model(config, &pool);
  std::vector<float> parameters(static_cast<size_t>(model.layout().size()));
  InitializeParameters(config, model.layout(), 1, absl::MakeSpan(parameters));
  model.SetParameters(parameters);
  std::vector<int32_t> tokens;
  std::vector<int64_t> starts;
  for (int64_t i = 0; i < kTokens; ++i) {
    tokens.push_back(static_cast<int32_t>(i * 7919 % config.vocabulary()));
    if (i % length == 0) starts.push_back(i);
  }
  starts.push_back(kTokens);
  TokenBatch batch;
  batch.tokens = tokens;
  batch.targets = tokens;
  batch.starts = starts;
  Peak(static_cast<int>(state.range(0)), bits);
  const auto pass = [&] {
    auto loss = model.LossAndGradient(batch, DropoutKey{1, 2}, 1.0);
    benchmark::DoNotOptimize(loss->sum);
  };
  // The first pass is not timed: it is when the kernel hands out a gigabyte of
  // pages, twice (read as the zero page, then written).
  pass();
  const double begin = SecondsNow();
  for (auto _ : state) pass();
  const double seconds = SecondsNow() - begin;
  SetCounters(
      state,
      kTokens * Gpt2TrainingFlopsPerToken(config, static_cast<double>(length)),
      seconds, bits);
  state.counters["tokens_per_second"] =
      static_cast<double>(kTokens * state.iterations()) / seconds;
  UseVectorBits(WidestVectorBits());
}
BENCHMARK(BM_TrainingPass)
    ->ArgNames({"threads", "sequence", "vector_bits"})
    ->Args({1, 512, 256})
    ->Args({2, 512, 256})
    ->Args({2, 100, 256})
    ->Args({1, 512, 512})
    ->Args({2, 512, 512})
    ->Args({2, 100, 512})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// Forward and backward of the linear layers of a block and of attention.
void BM_Linear(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  const int64_t inputs = state.range(1), outputs = state.range(2);
  Matrix x(kTokens, inputs), w(inputs, outputs), b(1, outputs),
      y(kTokens, outputs), dx(kTokens, inputs), dw(inputs, outputs),
      db(1, outputs);
  Peak(static_cast<int>(state.range(0)));
  const double begin = SecondsNow();
  for (auto _ : state) {
    LinearForward<float>(&pool, x.view(), w.view(), b.data(), y.view());
    LinearBackward<float>(&pool, y.view(), x.view(), w.view(), dx.view(),
                          dw.view(), db.data());
  }
  SetCounters(state,
              6.0 * kTokens * static_cast<double>(inputs) *
                  static_cast<double>(outputs),
              SecondsNow() - begin);
}
BENCHMARK(BM_Linear)
    ->ArgNames({"threads", "inputs", "outputs"})
    ->Args({2, 768, 2304})
    ->Args({2, 768, 768})
    ->Args({2, 768, 3072})
    ->Args({2, 3072, 768})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_Attention(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  const bool with_dropout = state.range(1) != 0;
  constexpr int64_t kHeads = 12, kWidth = 768;
  Matrix qkv(kTokens, 3 * kWidth), y(kTokens, kWidth), up(kTokens, kWidth),
      log_sum(kHeads, kTokens), dqkv(kTokens, 3 * kWidth);
  const std::vector<int64_t> starts = {0, kTokens};
  AttentionShape shape;
  shape.heads = kHeads;
  shape.context = 1024;
  shape.starts = starts;
  const Dropout dropout = with_dropout
                              ? Dropout({1, 2}, 3, DropoutSite::kAttention, 0.1)
                              : Dropout();
  Peak(static_cast<int>(state.range(0)));
  const double begin = SecondsNow();
  for (auto _ : state) {
    AttentionForward<float>(&pool, shape, dropout, qkv.view(), y.view(),
                            log_sum.view());
    AttentionBackward<float>(&pool, shape, dropout, up.view(), qkv.view(),
                             y.view(), log_sum.view(), dqkv.view());
  }
  SetCounters(state, 6.0 * kWidth * kTokens * (kTokens + 1.0),
              SecondsNow() - begin);
}
BENCHMARK(BM_Attention)
    ->ArgNames({"threads", "dropout"})
    ->Args({2, 0})
    ->Args({2, 1})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

void BM_TiedHead(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  constexpr int64_t kWidth = 768, kVocabulary = 50257;
  Matrix h(kTokens, kWidth), wte(kVocabulary, kWidth), dh(kTokens, kWidth),
      dwte(kVocabulary, kWidth);
  const std::vector<int32_t> targets(kTokens, 5);
  Peak(static_cast<int>(state.range(0)));
  const double begin = SecondsNow();
  for (auto _ : state) {
    TiedHeadLossAndGradient<float>(&pool, targets, 1.0, h.view(), wte.view(),
                                   dh.view(), dwte.view());
  }
  SetCounters(state, 6.0 * kTokens * kWidth * kVocabulary,
              SecondsNow() - begin);
}
BENCHMARK(BM_TiedHead)
    ->ArgName("threads")
    ->Arg(2)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// What is bound by memory: layer norm and GELU, forward and backward.
void BM_LayerNorm(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  Matrix x(kTokens, 768), gamma(1, 768), beta(1, 768), y(kTokens, 768),
      mean(1, kTokens), rstd(1, kTokens), dx(kTokens, 768), dgamma(1, 768),
      dbeta(1, 768);
  for (auto _ : state) {
    LayerNormForward<float>(&pool, x.view(), gamma.data(), beta.data(), 1e-5,
                            y.view(), mean.data(), rstd.data());
    LayerNormBackward<float>(&pool, y.view(), x.view(), gamma.data(),
                             mean.data(), rstd.data(), dx.view(), dgamma.data(),
                             dbeta.data());
  }
}
BENCHMARK(BM_LayerNorm)->ArgName("threads")->Arg(2)->UseRealTime();

void BM_Gelu(benchmark::State& state) {
  ThreadPool pool(static_cast<int>(state.range(0)));
  Matrix x(kTokens, 3072), y(kTokens, 3072), dx(kTokens, 3072);
  for (auto _ : state) {
    GeluForward<float>(&pool, x.view(), y.view());
    GeluBackward<float>(&pool, y.view(), x.view(), dx.view());
  }
}
BENCHMARK(BM_Gelu)->ArgName("threads")->Arg(2)->UseRealTime();

// AdaGrad over 124M parameters: 20 bytes each.
void BM_AdaGradStep(benchmark::State& state) {
  const int64_t n = ParameterLayout(Gpt2Small()).size();
  OptimizerSpec spec;
  spec.mutable_adagrad()->set_epsilon(1e-10);
  spec.mutable_adagrad()->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
  const auto optimizer = MakeOptimizer<float>(spec, n).value();
  std::vector<float> weights(static_cast<size_t>(n), 1.0f);
  const std::vector<float> gradient(static_cast<size_t>(n), 0.01f);
  for (auto _ : state) {
    optimizer->Step(1e-3f, gradient, absl::MakeSpan(weights));
  }
  state.SetBytesProcessed(20 * n * static_cast<int64_t>(state.iterations()));
}
BENCHMARK(BM_AdaGradStep)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace anisograd
