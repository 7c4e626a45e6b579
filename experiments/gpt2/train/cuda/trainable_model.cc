#include "experiments/gpt2/train/cuda/trainable_model.h"

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/net/cuda/matrix_product.h"
#include "experiments/gpt2/net/cuda/model.h"
#include "optim/device_optimizer.h"
#include "optim/gradient_norm.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

absl::StatusOr<std::string> DeviceName(Gpt2Protocol::Arithmetic arithmetic) {
  int device = 0, runtime = 0;
  RETURN_IF_CUDA_ERROR(cudaGetDevice(&device));
  cudaDeviceProp properties;
  RETURN_IF_CUDA_ERROR(cudaGetDeviceProperties(&properties, device));
  RETURN_IF_CUDA_ERROR(cudaRuntimeGetVersion(&runtime));
  return absl::StrCat(properties.name, " (sm_", properties.major,
                      properties.minor, "), CUDA ", runtime / 1000, ".",
                      runtime % 1000 / 10, ", ", MatrixProductLibrary(), ", ",
                      Gpt2Protocol::Arithmetic_Name(arithmetic));
}

// A: what the model computes in.
template <typename A>
class DeviceModel : public TrainableModel {
 public:
  static absl::StatusOr<std::unique_ptr<TrainableModel>> Create(
      const Gpt2Config& config, const Gpt2CudaOptions& options,
      std::string device) {
    ASSIGN_OR_RETURN(auto model, Gpt2Cuda<A>::Create(config, options));
    ASSIGN_OR_RETURN(auto norm, anisograd::GradientNorm::Create(
                                    model->layout().size()));
    return std::unique_ptr<TrainableModel>(new DeviceModel(
        std::move(device), std::move(model), std::move(norm)));
  }

  std::string device() const override { return device_; }
  LanguageModel& model() override { return *model_; }

  absl::Status Reset(const OptimizerSpec& optimizer,
                     absl::Span<const float> parameters) override {
    // The old rule's memory first.
    optimizer_ = nullptr;
    ASSIGN_OR_RETURN(optimizer_,
                     MakeDeviceOptimizer(optimizer, model_->layout().size()));
    model_->SetParameters(parameters);
    return absl::OkStatus();
  }

  double GradientNorm() override {
    StartNorm(/*max_norm=*/0.0);
    return StepNorm();
  }

  void Step(double learning_rate, double max_norm) override {
    StartNorm(max_norm);
    GradientScale scale;
    scale.device_factor = norm_.clip_factor();
    DieUnlessOk(optimizer_->Step(
        model_->stream(), static_cast<float>(learning_rate), scale,
        model_->gradients(), model_->parameters(),
        model_->rounded_parameters()));
  }
  double StepNorm() override {
    const absl::StatusOr<NormAndClip> result = norm_.Result();
    DieUnlessOk(result.status());
    return result->norm;
  }
  bool runs_ahead() const override { return true; }

  std::vector<StateArray> StateArrays() const override {
    std::vector<StateArray> arrays = {{"parameters", model_->layout().size()}};
    for (const auto& state : optimizer_->State()) {
      arrays.push_back({state.name, state.size});
    }
    return arrays;
  }
  void GetState(int index, absl::Span<float> out) const override {
    if (index == 0) return model_->GetParameters(out);
    DieUnlessOk(optimizer_->GetState(model_->stream(), index - 1, out));
  }
  void SetState(int index, absl::Span<const float> values) override {
    if (index == 0) return model_->SetParameters(values);
    DieUnlessOk(optimizer_->SetState(model_->stream(), index - 1, values));
  }

 private:
  DeviceModel(std::string device, std::unique_ptr<Gpt2Cuda<A>> model,
              anisograd::GradientNorm norm)
      : device_(std::move(device)),
        model_(std::move(model)),
        norm_(std::move(norm)) {}

  void StartNorm(double max_norm) {
    DieUnlessOk(norm_.Compute(model_->stream(), model_->layout().size(),
                              model_->gradients(), GradientScale(), max_norm));
  }

  const std::string device_;
  const std::unique_ptr<Gpt2Cuda<A>> model_;
  anisograd::GradientNorm norm_;
  std::unique_ptr<DeviceOptimizer> optimizer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TrainableModel>> CudaTrainableModel(
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* /*pool*/) {
  LiftMemoryLimit();
  ASSIGN_OR_RETURN(std::string device, DeviceName(arithmetic));
  Gpt2CudaOptions model;
  if (arithmetic == Gpt2Protocol::BF16) {
    return DeviceModel<__nv_bfloat16>::Create(config, model, std::move(device));
  }
  if (arithmetic == Gpt2Protocol::TF32) {
    model.single_precision = SinglePrecision::kTf32;
  }
  return DeviceModel<float>::Create(config, model, std::move(device));
}

}  // namespace cuda
}  // namespace anisograd
