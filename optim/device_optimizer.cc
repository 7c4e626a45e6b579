#include "optim/device_optimizer.h"

#include <algorithm>
#include <utility>

#include "optim/adagrad.h"
#include "optim/adam.h"
#include "optim/gradient_norm.h"
#include "optim/validation.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace {

using cuda::DeviceBuffer;

// The rules' common part: state arrays, on the device but for Adam's powers.
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

class SgdOptimizer : public StatefulOptimizer {
 public:
  using StatefulOptimizer::StatefulOptimizer;
  absl::Status Init() { return absl::OkStatus(); }

  absl::Status Step(cudaStream_t stream, float learning_rate,
                    const GradientScale& scale, const float* gradient,
                    float* weights, __nv_bfloat16* weights_copy) override {
    return SgdStepOnDevice(stream,
                           {size(), scale, gradient, weights, weights_copy},
                           learning_rate);
  }
};

class AdaGradOptimizer : public StatefulOptimizer {
 public:
  AdaGradOptimizer(const AdaGrad& options, int64_t size)
      : StatefulOptimizer(size), options_(options) {}
  absl::Status Init() {
    return AddOnDevice("accumulator", size(),
                       static_cast<float>(AdaGradInitialAccumulator(options_)));
  }

  absl::Status Step(cudaStream_t stream, float learning_rate,
                    const GradientScale& scale, const float* gradient,
                    float* weights, __nv_bfloat16* weights_copy) override {
    return AdaGradStepOnDevice(
        stream, {size(), scale, gradient, weights, weights_copy}, learning_rate,
        static_cast<float>(AdaGradStepEpsilon(options_)), on_device(0));
  }

 private:
  AdaGrad options_;
};

class AdaGradNormOptimizer : public StatefulOptimizer {
 public:
  AdaGradNormOptimizer(const AdaGradNorm& options, int64_t size)
      : StatefulOptimizer(size), options_(options) {}
  absl::Status Init() {
    ASSIGN_OR_RETURN(rate_, DeviceBuffer<float>::Create(1));
    ASSIGN_OR_RETURN(pieces_,
                     DeviceBuffer<double>::Create(SquareSumPieces(size())));
    return AddOnDevice(
        "accumulator", 1,
        static_cast<float>(options_.epsilon() * options_.epsilon()));
  }

  absl::Status Step(cudaStream_t stream, float learning_rate,
                    const GradientScale& scale, const float* gradient,
                    float* weights, __nv_bfloat16* weights_copy) override {
    return AdaGradNormStepOnDevice(
        stream, {size(), scale, gradient, weights, weights_copy}, learning_rate,
        on_device(0), rate_.data(), pieces_.data());
  }

 private:
  AdaGradNorm options_;
  DeviceBuffer<float> rate_;
  DeviceBuffer<double> pieces_;
};

class AdamOptimizer : public StatefulOptimizer {
 public:
  AdamOptimizer(const Adam& options, int64_t size)
      : StatefulOptimizer(size), options_(options) {}
  absl::Status Init() {
    AddOnHost("powers", {1.0f, 1.0f});
    RETURN_IF_ERROR(AddOnDevice("first_moment", size(), 0.0f));
    return AddOnDevice("second_moment", size(), 0.0f);
  }

  absl::Status Step(cudaStream_t stream, float learning_rate,
                    const GradientScale& scale, const float* gradient,
                    float* weights, __nv_bfloat16* weights_copy) override {
    const AdamStepConstants<float> constants =
        NextAdamConstants(options_, on_host(0));
    return AdamStepOnDevice(stream,
                            {size(), scale, gradient, weights, weights_copy},
                            learning_rate, constants, on_device(1),
                            on_device(2));
  }

 private:
  Adam options_;
};

template <typename Rule>
absl::StatusOr<std::unique_ptr<DeviceOptimizer>> Initialized(
    std::unique_ptr<Rule> rule) {
  RETURN_IF_ERROR(rule->Init());
  return std::unique_ptr<DeviceOptimizer>(std::move(rule));
}

}  // namespace

absl::StatusOr<std::unique_ptr<DeviceOptimizer>> MakeDeviceOptimizer(
    const OptimizerSpec& spec, int64_t size) {
  RETURN_IF_ERROR(ValidateOptimizer(spec, "optimizer"));
  switch (spec.rule_case()) {
    case OptimizerSpec::kSgd:
      return Initialized(std::make_unique<SgdOptimizer>(size));
    case OptimizerSpec::kAdagrad:
      return Initialized(
          std::make_unique<AdaGradOptimizer>(spec.adagrad(), size));
    case OptimizerSpec::kAdagradNorm:
      return Initialized(
          std::make_unique<AdaGradNormOptimizer>(spec.adagrad_norm(), size));
    default:
      return Initialized(std::make_unique<AdamOptimizer>(spec.adam(), size));
  }
}

}  // namespace anisograd
