// The update rules on the device. The norm costs 4 bytes a parameter more (see
// gradient_norm.cu), the rate that depends on it a block.

#include "optim/device_optimizer.h"

#include <algorithm>
#include <utility>

#include "optim/device_step.cuh"
#include "optim/gradient_norm.cuh"
#include "optim/gradient_norm.h"
#include "optim/rules.h"
#include "optim/validation.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace {

using cuda::DeviceBuffer;

// The rules' common part: state arrays, on the device but for clocks.
class StatefulOptimizer : public DeviceOptimizer {
 public:
  explicit StatefulOptimizer(int64_t size) : size_(size) {}

  std::vector<NamedState> State() const override {
    std::vector<NamedState> named;
    for (const Array& a : arrays_) named.push_back({a.name, a.size()});
    return named;
  }
  absl::Status GetState(cudaStream_t stream, int index,
                        absl::Span<float> out) const override {
    const Array& a = arrays_[index];
    if (!a.on_host.empty()) {
      std::copy(a.on_host.begin(), a.on_host.end(), out.begin());
      return absl::OkStatus();
    }
    if (a.size() == 0) return absl::OkStatus();
    RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(
        out.data(), a.on_device.data(), a.size() * sizeof(float),
        cudaMemcpyDeviceToHost, stream));
    RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(stream));
    return absl::OkStatus();
  }
  absl::Status SetState(cudaStream_t stream, int index,
                        absl::Span<const float> values) override {
    Array& a = arrays_[index];
    if (!a.on_host.empty()) {
      std::copy(values.begin(), values.end(), a.on_host.begin());
      return absl::OkStatus();
    }
    if (a.size() == 0) return absl::OkStatus();
    RETURN_IF_CUDA_ERROR(cudaMemcpyAsync(
        a.on_device.data(), values.data(), a.size() * sizeof(float),
        cudaMemcpyHostToDevice, stream));
    RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(stream));
    return absl::OkStatus();
  }
  int64_t size() const override { return size_; }

 protected:
  absl::Status AddOnDevice(std::string name, int64_t size, float value) {
    Array a;
    a.name = std::move(name);
    ASSIGN_OR_RETURN(a.on_device, DeviceBuffer<float>::Create(size));
    arrays_.push_back(std::move(a));
    if (value == 0.0f) return absl::OkStatus();
    const std::vector<float> values(size, value);
    return SetState(nullptr, static_cast<int>(arrays_.size()) - 1, values);
  }
  void AddOnHost(std::string name, std::vector<float> values) {
    Array a;
    a.name = std::move(name);
    a.on_host = std::move(values);
    arrays_.push_back(std::move(a));
  }
  float* on_device(int index) { return arrays_[index].on_device.data(); }
  float* on_host(int index) { return arrays_[index].on_host.data(); }

 private:
  // On the host where on_host has elements.
  struct Array {
    std::string name;
    DeviceBuffer<float> on_device;
    std::vector<float> on_host;

    int64_t size() const {
      return on_host.empty() ? on_device.size()
                             : static_cast<int64_t>(on_host.size());
    }
  };

  int64_t size_;
  std::vector<Array> arrays_;
};

// The rate of a rule that needs the norm, whose squares' sums are `pieces`. It
// stays on the device, so nothing waits for the host. No step, no new rate.
template <typename Rule>
__global__ void __launch_bounds__(kSumThreads)
    RateKernel(Rule rule, float learning_rate, GradientScale scale,
               const double* pieces, int64_t count, float* accumulator,
               float* rate) {
  const double squares = SumInOrder(pieces, count);
  const float factor = LoadScale(scale);
  if (threadIdx.x != 0 || factor != factor) return;
  *rate = rule.Rate(learning_rate, static_cast<float>(squares), accumulator);
}

template <typename Rule>
class RuleOptimizer : public StatefulOptimizer {
 public:
  RuleOptimizer(const OptimizerSpec& spec, int64_t size)
      : StatefulOptimizer(size), rule_(spec) {}
  absl::Status Init() {
    if constexpr (Rule::kClock > 0) {
      AddOnHost(Rule::kClockName, std::vector<float>(Rule::kClock, 1.0f));
    }
    if constexpr (Rule::kNeedsNorm) {
      ASSIGN_OR_RETURN(rate_, DeviceBuffer<float>::Create(1));
      ASSIGN_OR_RETURN(pieces_,
                       DeviceBuffer<double>::Create(SquareSumPieces(size())));
      RETURN_IF_ERROR(
          AddOnDevice("accumulator", 1, rule_.InitialAccumulator()));
    }
    for (int s = 0; s < Rule::kStates; ++s) {
      RETURN_IF_ERROR(AddOnDevice(Rule::kStateNames[s], size(),
                                  static_cast<float>(rule_.InitialState(s))));
    }
    return absl::OkStatus();
  }

  absl::Status Step(cudaStream_t stream, float learning_rate,
                    const GradientScale& scale, const float* gradient,
                    float* weights, __nv_bfloat16* weights_copy) override {
    if constexpr (Rule::kClock > 0) rule_.Advance(on_host(0));
    if constexpr (Rule::kNeedsNorm) {
      RETURN_IF_ERROR(SumSquarePieces(stream, size(), gradient, scale,
                                      pieces_.data()));
      RETURN_IF_ERROR(cuda::Launch(
          "Rate", RateKernel<Rule>, dim3(1), dim3(kSumThreads), stream, rule_,
          learning_rate, scale, pieces_.data(), SquareSumPieces(size()),
          on_device(kFirstState - 1), rate_.data()));
    }
    StateArrays<Rule::kStates> states = {};
    for (int s = 0; s < Rule::kStates; ++s) {
      states.array[s] = on_device(kFirstState + s);
    }
    return LaunchStep(stream, {size(), scale, gradient, weights, weights_copy},
                      rule_, learning_rate, rate_.data(), states);
  }

 private:
  // The arrays are: the clock, the norm's accumulator, the states.
  static constexpr int kFirstState =
      (Rule::kClock > 0 ? 1 : 0) + (Rule::kNeedsNorm ? 1 : 0);

  Rule rule_;
  // Of the norm.
  DeviceBuffer<float> rate_;
  DeviceBuffer<double> pieces_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceOptimizer>> MakeDeviceOptimizer(
    const OptimizerSpec& spec, int64_t size) {
  RETURN_IF_ERROR(ValidateOptimizer(spec, "optimizer"));
  std::unique_ptr<DeviceOptimizer> optimizer;
  RETURN_IF_ERROR(WithRule(spec.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), float>;
    auto made = std::make_unique<RuleOptimizer<Rule>>(spec, size);
    RETURN_IF_ERROR(made->Init());
    optimizer = std::move(made);
    return absl::OkStatus();
  }));
  return optimizer;
}

}  // namespace anisograd
