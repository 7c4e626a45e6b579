// A whole training step of GPT-2 124M, the trainer's own (RunTrainer): the batch
// put together, gradients to zero, forward and backward pass, the gradient's norm,
// the clipped update with its bf16 copy. Time is the host's, over some steps one
// after the other and what the device has left to do behind the last one, as a
// trainer has it.
//
// Counters: tokens_per_second and tokens, none of them padding; flops, what the
// mathematics of a step needs (experiments/gpt2/net/flops.h); mfu_measured and
// mfu_nominal, flops per second over ProductRate() and over the device's peak
// by name (absent for a device without an entry); memory_gib, taken of the
// device's memory; host_ms, what the host needs to start a step: where it comes
// near the step's time, a CUDA graph would pay. Steps in `varying` have another
// number of tokens each, for which the products' algorithms are looked up anew.
//
// The context holds the model and the sequences' lengths, so that a peer
// (tools/bench/peers/gpt2_cuda_peer.py) takes the same step.

#include <cuda_runtime_api.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/memory/memory.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "benchmark/benchmark.h"
#include "experiments/gpt2/net/config.h"
#include "experiments/gpt2/net/cuda/device_batch.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/train/cuda/trainable_model.h"
#include "experiments/gpt2/train/run_trainer.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/product_rate.h"
#include "tools/bench/training_batch.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr int64_t kLongest = kEmulated ? 48 : 1024;
constexpr int64_t kFewTokens = kEmulated ? 88 : 4096;
constexpr int64_t kTokens = kEmulated ? 96 : 16384;
constexpr int64_t kManyTokens = kEmulated ? 144 : 65536;
constexpr int kUntimedSteps = kEmulated ? 0 : 3;
constexpr int kTimedSteps = kEmulated ? 1 : 10;
// Of an epoch whose steps differ.
constexpr int kDifferentSteps = kEmulated ? 3 : 16;

Gpt2Config Config() {
  Gpt2Config config = Gpt2Small();
  if (kEmulated) {
    config.set_layers(1);
    config.set_heads(1);
    config.set_width(64);
    config.set_context(512);
    config.set_vocabulary(300);
  }
  return config;
}

enum class Rule { kSgd, kAdaGrad, kAdam };

const char* RuleName(Rule rule) {
  switch (rule) {
    case Rule::kSgd:
      return "sgd";
    case Rule::kAdaGrad:
      return "adagrad";
    case Rule::kAdam:
      break;
  }
  return "adam";
}

OptimizerSpec SpecOf(Rule rule) {
  OptimizerSpec spec;
  switch (rule) {
    case Rule::kSgd:
      spec.mutable_sgd();
      break;
    case Rule::kAdaGrad:
      spec.mutable_adagrad()->set_epsilon(1e-10);
      spec.mutable_adagrad()->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
      break;
    case Rule::kAdam:
      spec.mutable_adam()->set_beta1(0.9);
      spec.mutable_adam()->set_beta2(0.999);
      spec.mutable_adam()->set_epsilon(1e-8);
      break;
  }
  return spec;
}

// One benchmark.
struct Setting {
  Arithmetic arithmetic = Arithmetic::kBf16;
  Sequences sequences = Sequences::kLongest;
  int64_t tokens = kTokens;
  Rule rule = Rule::kAdam;
  bool dropout = true;
  // Every step has sequences of its own, `tokens` in the mean, as packed examples
  // have: what was prepared for another number of tokens does not serve it.
  bool varying = false;
};

std::string SequencesName(Sequences sequences) {
  return sequences == Sequences::kAlpaca ? "alpaca"
                                         : absl::StrCat("sequence:", kLongest);
}

std::string Name(const Setting& s) {
  return absl::StrCat("Step/", ArithmeticName(s.arithmetic), "/",
                      SequencesName(s.sequences), "/tokens:", s.tokens, "/",
                      RuleName(s.rule), s.dropout ? "/dropout" : "",
                      s.varying ? "/varying" : "");
}

// Of `steps` steps.
absl::StatusOr<SequenceBatch> BatchOf(const Setting& s, int steps = 1) {
  return TrainingBatch(s.sequences, steps * s.tokens, kLongest,
                       Config().vocabulary());
}

const std::vector<float>& InitialParameters() {
  static const auto* const parameters = [] {
    const ParameterLayout layout(Config());
    auto* const p = new std::vector<float>(static_cast<size_t>(layout.size()));
    ThreadPool pool(
        std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
    InitializeParameters(Config(), layout, 1, absl::MakeSpan(*p), &pool);
    return p;
  }();
  return *parameters;
}

double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

TokenBatch View(const SequenceBatch& batch) {
  TokenBatch view;
  view.tokens = batch.tokens;
  view.starts = batch.starts;
  view.targets = batch.targets;
  return view;
}

Gpt2Protocol::Arithmetic SpecOf(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::kBf16:
      return Gpt2Protocol::BF16;
    case Arithmetic::kTf32:
      return Gpt2Protocol::TF32;
    case Arithmetic::kFloat32:
      break;
  }
  return Gpt2Protocol::FLOAT32;
}

// A run whose every epoch takes all sequences of `batch`, in an order of its own
// and in so many steps.
class Steps {
 public:
  static absl::StatusOr<std::unique_ptr<Steps>> Create(
      const Setting& s, const SequenceBatch& batch, int steps_per_epoch,
      TrainableModel* model) {
    const int64_t sequences_per_step =
        std::max<int64_t>(1, batch.sequences() / steps_per_epoch);
    Gpt2ExperimentSpec cell;
    cell.mutable_method()->Add()->mutable_optimizer()->CopyFrom(SpecOf(s.rule));
    cell.add_batch_size(sequences_per_step);
    Gpt2Protocol* const protocol = cell.mutable_protocol();
    protocol->set_epochs(1 << 20);
    protocol->set_sequence_mode(Gpt2Protocol::PACKED);
    protocol->set_sequence_length(Config().context());
    protocol->set_last_batch(LogisticProtocol::DROP);
    protocol->set_accumulation(Gpt2Protocol::MEAN_OF_TOKENS);
    protocol->set_micro_batch_size(sequences_per_step);
    protocol->set_max_gradient_norm(1.0);
    protocol->set_tokens_per_pass(batch.starts.back());
    auto steps = absl::WrapUnique(new Steps);
    steps->tokens_.tokens = batch.tokens;
    steps->tokens_.offsets = batch.starts;
    steps->tokens_.prompt_lengths.resize(batch.sequences());
    ASSIGN_OR_RETURN(SequenceSet sequences,
                     SequenceSet::Create(steps->tokens_, *protocol));
    steps->sequences_ = std::make_unique<SequenceSet>(std::move(sequences));
    Gpt2Run run;
    run.set_learning_rate(1e-4);
    run.mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
    run.set_seed(1);
    steps->trainer_ = std::make_unique<RunTrainer>(cell, *steps->sequences_,
                                                   model, std::move(run));
    return steps;
  }

  // The device may still be at work when it returns.
  absl::Status Step() {
    RETURN_IF_ERROR(trainer_->Step());
    if (trainer_->done()) {
      return absl::InternalError(trainer_->run().explosion_reason());
    }
    return absl::OkStatus();
  }
  // In all steps so far.
  int64_t tokens() const { return trainer_->run().tokens(); }

 private:
  Steps() = default;

  InstructionTokens tokens_;
  std::unique_ptr<SequenceSet> sequences_;
  std::unique_ptr<RunTrainer> trainer_;
};

absl::Status Wait() {
  RETURN_IF_CUDA_ERROR(cudaDeviceSynchronize());
  return absl::OkStatus();
}

// What the host needs to start a step, in seconds: the calls for a step on a few
// tokens, for which the device hardly works, and indexing a batch; the best of
// five.
absl::StatusOr<double> HostSeconds(const Setting& s, TrainableModel* model) {
  constexpr int kTimes = kEmulated ? 1 : 5;
  ASSIGN_OR_RETURN(const SequenceBatch batch, BatchOf(s));
  std::vector<int64_t> few = {2};
  while (s.varying && few.size() <= kTimes) few.push_back(few.back() + 1);
  ASSIGN_OR_RETURN(const auto tiny,
                   Steps::Create(s, MakeUpBatch(few, Config().vocabulary()),
                                 static_cast<int>(few.size()), model));
  RETURN_IF_ERROR(tiny->Step());
  ASSIGN_OR_RETURN(DeviceBatch place, DeviceBatch::Create());
  double calls = std::numeric_limits<double>::infinity(), index = calls;
  for (int i = 0; i < kTimes; ++i) {
    RETURN_IF_ERROR(Wait());
    double start = SecondsNow();
    RETURN_IF_ERROR(tiny->Step());
    calls = std::min(calls, SecondsNow() - start);
    RETURN_IF_ERROR(Wait());
    start = SecondsNow();
    RETURN_IF_ERROR(place.Place(nullptr, Config(), View(batch)));
    index = std::min(index, SecondsNow() - start);
  }
  return calls + index;
}

absl::Status Run(benchmark::State& state, const Setting& s) {
  const int different = s.varying ? kDifferentSteps : 1;
  ASSIGN_OR_RETURN(const SequenceBatch batch, BatchOf(s, different));
  ASSIGN_OR_RETURN(const double measured, ProductRate(s.arithmetic));
  ASSIGN_OR_RETURN(const absl::optional<double> nominal,
                   NominalProductRate(s.arithmetic));
  size_t free_before = 0, free_after = 0, total = 0;
  RETURN_IF_CUDA_ERROR(cudaMemGetInfo(&free_before, &total));
  Gpt2Config config = Config();
  if (!s.dropout) {
    config.clear_attention_dropout();
    config.clear_embedding_dropout();
    config.clear_residual_dropout();
  }
  ASSIGN_OR_RETURN(
      const std::unique_ptr<TrainableModel> model,
      CudaTrainableModel(config, SpecOf(s.arithmetic), nullptr));
  RETURN_IF_ERROR(model->Reset(SpecOf(s.rule), InitialParameters()));
  ASSIGN_OR_RETURN(const auto steps,
                   Steps::Create(s, batch, different, model.get()));
  for (int i = 0; i < kUntimedSteps; ++i) RETURN_IF_ERROR(steps->Step());
  RETURN_IF_ERROR(Wait());
  const int64_t before = steps->tokens();
  double sum = 0.0;
  for (auto _ : state) {
    const double start = SecondsNow();
    for (int i = 0; i < kTimedSteps; ++i) RETURN_IF_ERROR(steps->Step());
    RETURN_IF_ERROR(Wait());
    const double seconds = (SecondsNow() - start) / kTimedSteps;
    state.SetIterationTime(seconds);
    sum += seconds;
  }
  RETURN_IF_CUDA_ERROR(cudaMemGetInfo(&free_after, &total));
  const double iterations = static_cast<double>(state.iterations());
  const double seconds = sum / iterations;
  const double tokens = static_cast<double>(steps->tokens() - before) /
                        (iterations * kTimedSteps);
  // A token needs what it does in the mean of all steps.
  const double flops = TrainingFlops(Config(), batch) * tokens /
                       static_cast<double>(batch.real_tokens);
  state.counters["tokens"] = tokens;
  state.counters["tokens_per_second"] = tokens / seconds;
  state.counters["flops"] = flops;
  state.counters["mfu_measured"] = flops / seconds / measured;
  if (nominal.has_value()) {
    state.counters["mfu_nominal"] = flops / seconds / *nominal;
  }
  state.counters["memory_gib"] =
      static_cast<double>(free_before - free_after) / (int64_t{1} << 30);
  ASSIGN_OR_RETURN(const double host, HostSeconds(s, model.get()));
  state.counters["host_ms"] = 1e3 * host;
  return absl::OkStatus();
}

// On the emulator every seventh, so that all of them take seconds.
void Register(const Setting& s) {
  static int number = 0;
  if (kEmulated && number++ % 7 != 0) return;
  benchmark::RegisterBenchmark(
      Name(s).c_str(),
      [s](benchmark::State& state) { SkipUnlessOk(state, Run(state, s)); })
      ->UseManualTime()
      ->Iterations(1)
      ->Unit(benchmark::kMillisecond);
}

// For peers: "lengths/SEQUENCES/tokens:N". Without a batch, because a token
// file cannot be read, the benchmarks say why.
void AddLengthsToContext(const Setting& s) {
  const absl::StatusOr<SequenceBatch> batch = BatchOf(s);
  if (!batch.ok()) return;
  std::vector<int64_t> lengths;
  for (size_t i = 0; i + 1 < batch->starts.size(); ++i) {
    lengths.push_back(batch->starts[i + 1] - batch->starts[i]);
  }
  benchmark::AddCustomContext(
      absl::StrCat("lengths/", SequencesName(s.sequences),
                   "/tokens:", s.tokens),
      absl::StrJoin(lengths, ","));
}

bool RegisterAll() {
  const Gpt2Config config = Config();
  benchmark::AddCustomContext(
      "model",
      absl::StrCat("layers=", config.layers(), ",heads=", config.heads(),
                   ",width=", config.width(), ",context=", config.context(),
                   ",vocabulary=", config.vocabulary()));
  for (const Sequences sequences : {Sequences::kAlpaca, Sequences::kLongest}) {
    Setting s;
    s.sequences = sequences;
    for (const int64_t tokens : {kFewTokens, kManyTokens, kTokens}) {
      s.tokens = tokens;
      AddLengthsToContext(s);
      Register(s);
    }
    for (const Rule rule : {Rule::kAdaGrad, Rule::kSgd}) {
      Setting other = s;
      other.rule = rule;
      Register(other);
    }
    Setting other = s;
    for (const Arithmetic arithmetic :
         {Arithmetic::kTf32, Arithmetic::kFloat32}) {
      other.arithmetic = arithmetic;
      Register(other);
    }
    other = s;
    other.varying = true;
    if (sequences == Sequences::kAlpaca) Register(other);
    other = s;
    other.dropout = false;
    Register(other);
  }
  return true;
}
const bool kRegistered = RegisterAll();

}  // namespace
}  // namespace cuda
}  // namespace anisograd
