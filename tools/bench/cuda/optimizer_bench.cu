// The update rules over GPT-2 124M's parameters, and the gradient's norm. Bytes
// a parameter: SGD 12, AdaGrad 20, Adam 28, AdaGrad-Norm 16; the norm 4; a copy
// of the weights in bf16 2 more.

#include <cuda_bf16.h>

#include <cstdint>
#include <memory>

#include "benchmark/benchmark.h"
#include "optim/device_optimizer.h"
#include "optim/gradient_norm.h"
#include "tools/base/status_macros.h"
#include "tools/bench/cuda/device_benchmark.h"
#include "tools/bench/cuda/device_inputs.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace {

using cuda::DeviceBuffer;

constexpr int64_t kParameters = cuda::kEmulated ? 5000 : 124439808;

OptimizerSpec SgdSpec() {
  OptimizerSpec spec;
  spec.mutable_sgd();
  return spec;
}
OptimizerSpec AdaGradSpec() {
  OptimizerSpec spec;
  spec.mutable_adagrad()->set_epsilon(1e-10);
  spec.mutable_adagrad()->set_epsilon_convention(AdaGrad::OUTSIDE_ROOT);
  return spec;
}
OptimizerSpec AdaGradNormSpec() {
  OptimizerSpec spec;
  spec.mutable_adagrad_norm()->set_epsilon(1e-10);
  return spec;
}
OptimizerSpec AdamSpec() {
  OptimizerSpec spec;
  spec.mutable_adam()->set_beta1(0.9);
  spec.mutable_adam()->set_beta2(0.999);
  spec.mutable_adam()->set_epsilon(1e-8);
  return spec;
}

absl::Status RunStep(benchmark::State& state, const OptimizerSpec& spec,
                     int64_t bytes_per_parameter) {
  const bool with_copy = state.range(0) != 0;
  ASSIGN_OR_RETURN(auto optimizer, MakeDeviceOptimizer(spec, kParameters));
  ASSIGN_OR_RETURN(auto gradient, cuda::RandomOnDevice<float>(kParameters));
  ASSIGN_OR_RETURN(auto weights, cuda::RandomOnDevice<float>(kParameters));
  ASSIGN_OR_RETURN(auto copy, DeviceBuffer<__nv_bfloat16>::Create(
                                  with_copy ? kParameters : 0));
  cuda::MeasureOnDevice(
      state, kParameters * (bytes_per_parameter + (with_copy ? 2 : 0)),
      [&](cudaStream_t stream) {
        return optimizer->Step(stream, 1e-3f, {0.5f, nullptr}, gradient.data(),
                               weights.data(), copy.data());
      });
  return absl::OkStatus();
}

void Step(benchmark::State& state, OptimizerSpec (*spec)(), int64_t bytes) {
  cuda::SkipUnlessOk(state, RunStep(state, spec(), bytes));
}
#define ANISOGRAD_STEP_BENCHMARK(rule, bytes)      \
  BENCHMARK_CAPTURE(Step, rule, rule##Spec, bytes) \
      ->ArgName("bf16_copy")                       \
      ->Arg(0)                                     \
      ->Arg(1)                                     \
      ->Apply(cuda::TimedOnDevice)
ANISOGRAD_STEP_BENCHMARK(Sgd, 12);
ANISOGRAD_STEP_BENCHMARK(AdaGrad, 20);
ANISOGRAD_STEP_BENCHMARK(AdaGradNorm, 16);
ANISOGRAD_STEP_BENCHMARK(Adam, 28);

absl::Status RunNorm(benchmark::State& state) {
  ASSIGN_OR_RETURN(auto gradient, DeviceBuffer<float>::Create(kParameters));
  ASSIGN_OR_RETURN(auto norm, GradientNorm::Create(kParameters));
  cuda::MeasureOnDevice(state, kParameters * 4, [&](cudaStream_t stream) {
    return norm.Compute(stream, kParameters, gradient.data(), {}, 1.0);
  });
  return absl::OkStatus();
}

void Norm(benchmark::State& state) {
  cuda::SkipUnlessOk(state, RunNorm(state));
}
BENCHMARK(Norm)->Apply(cuda::TimedOnDevice);

}  // namespace
}  // namespace anisograd
