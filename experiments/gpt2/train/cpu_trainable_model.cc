#include "experiments/gpt2/train/cpu_trainable_model.h"

#include <algorithm>
#include <chrono>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/matrix_product.h"
#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/net/vector_math.h"
#include "optim/gradient_norm_order.h"
#include "optim/optimizer.h"
#include "tools/base/aligned_buffer.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

static_assert(kNormChains == 16, "SumOfSquares has that order");

double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// The best of three products of 1,024 x 1,024 matrices.
double MeasuredProductRate(ThreadPool* pool) {
  constexpr int64_t kSize = 1024;
  AlignedBuffer<float> a(kSize * kSize), b(kSize * kSize), c(kSize * kSize);
  const MatrixView<float> va(a.data(), kSize, kSize);
  const MatrixView<float> vb(b.data(), kSize, kSize);
  const MatrixView<float> vc(c.data(), kSize, kSize);
  double best = 0.0;
  for (int i = 0; i < 3; ++i) {
    const double begin = SecondsNow();
    ParallelMultiply<float>(pool, Op::kAsIs, va, Op::kAsIs, vb,
                            Into::kOverwrite, vc);
    best = std::max(best,
                    2.0 * kSize * kSize * kSize / (SecondsNow() - begin));
  }
  return best;
}

class ReferenceModel : public TrainableModel {
 public:
  ReferenceModel(const Gpt2Config& config, ThreadPool* pool)
      : pool_(pool), model_(config, pool) {}

  std::string device() const override { return "CPU (x86-64-v3)"; }
  LanguageModel& model() override { return model_; }

  absl::Status Reset(const OptimizerSpec& optimizer,
                     absl::Span<const float> parameters) override {
    ASSIGN_OR_RETURN(optimizer_,
                     MakeOptimizer<float>(optimizer, model_.layout().size()));
    model_.SetParameters(parameters);
    return absl::OkStatus();
  }

  double MeasurePeakRate() override { return MeasuredProductRate(pool_); }

  double GradientNorm() override {
    const absl::Span<const float> g = model_.gradients();
    const int64_t n = static_cast<int64_t>(g.size());
    std::vector<double> pieces(
        static_cast<size_t>((n + kNormPiece - 1) / kNormPiece));
    pool_->ParallelRanges(n, kNormPiece, [&](int64_t begin, int64_t end) {
      pieces[begin / kNormPiece] = SumOfSquares(end - begin, g.data() + begin);
    });
    double sum = 0.0;
    for (const double piece : pieces) sum += piece;
    return std::sqrt(sum);
  }

  void Step(double learning_rate, double max_norm) override {
    step_norm_ = GradientNorm();
    if (!std::isfinite(step_norm_)) return;
    const absl::Span<float> g = model_.gradients();
    if (max_norm > 0.0 && step_norm_ > max_norm) {
      const float scale = static_cast<float>(max_norm / step_norm_);
      pool_->ParallelRanges(static_cast<int64_t>(g.size()), kNormPiece,
                            [&](int64_t begin, int64_t end) {
                              Scale(end - begin, scale, g.data() + begin);
                            });
    }
    optimizer_->Step(static_cast<float>(learning_rate), g,
                     model_.parameters());
  }
  double StepNorm() override { return step_norm_; }

  std::vector<StateArray> StateArrays() const override {
    std::vector<StateArray> arrays = {
        {"parameters", model_.layout().size()}};
    for (const auto& state : optimizer_->State()) {
      arrays.push_back(
          {state.name, static_cast<int64_t>(state.values.size())});
    }
    return arrays;
  }
  void GetState(int index, absl::Span<float> out) const override {
    if (index == 0) return model_.GetParameters(out);
    const auto state = optimizer_->State()[index - 1];
    std::copy(state.values.begin(), state.values.end(), out.begin());
  }
  void SetState(int index, absl::Span<const float> values) override {
    if (index == 0) return model_.SetParameters(values);
    const auto state = optimizer_->State()[index - 1];
    std::copy(values.begin(), values.end(), state.values.begin());
  }

 private:
  ThreadPool* const pool_;
  Gpt2<float> model_;
  std::unique_ptr<Optimizer<float>> optimizer_;
  double step_norm_ = 0.0;
};

}  // namespace

std::unique_ptr<TrainableModel> MakeCpuTrainableModel(const Gpt2Config& config,
                                                      ThreadPool* pool) {
  return std::make_unique<ReferenceModel>(config, pool);
}

absl::StatusOr<std::unique_ptr<TrainableModel>> CpuTrainableModel(
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* pool) {
  if (arithmetic != Gpt2Protocol::FLOAT32) {
    return absl::InvalidArgumentError(absl::StrCat(
        "arithmetic: is ", Gpt2Protocol::Arithmetic_Name(arithmetic),
        ", which takes a GPU; a CPU computes in FLOAT32 alone. Build with "
        "--config=cuda, or run the program of //experiments/gpt2/train/cuda, or set "
        "FLOAT32"));
  }
  // What every run has at least: the start, parameters and gradients. Activations,
  // and what the update rule keeps, come on top.
  const int64_t size = ParameterLayout(config).size();
  constexpr int64_t kLeastBytes = 3 * sizeof(float);
  RETURN_IF_ERROR(CheckMemory(
      size * kLeastBytes, absl::StrCat("model: ", size, " parameters")));
  return MakeCpuTrainableModel(config, pool);
}

}  // namespace anisograd
