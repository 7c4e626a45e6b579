#ifndef OPTIM_DEVICE_STEP_CUH_
#define OPTIM_DEVICE_STEP_CUH_

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstdint>
#include <cstring>

#include "absl/status/status.h"
#include "optim/device_step.h"
#include "tools/cuda/launch.cuh"

// The pass over the flat array that all update rules share. Every element is
// computed by one thread alone, in the operations of the rule's header and so
// with the CPU's bits: nothing depends on how the device shares out the work.
//
// Floor: the bytes. A parameter's gradient is read, its weight and its states
// are read and written: 12 bytes for SGD, 8 more a state (20 for AdaGrad, 28
// for Adam), 2 more for the copy in bf16. Arithmetic is below that, IEEE division and square root
// included. So a thread takes four elements and issues all of its loads, of 16
// bytes each, before the first is needed; the many threads of a multiprocessor
// together are to keep the memory busy.

namespace anisograd {

constexpr int kElementsPerThread = 4;

// p[0 .. count) to x; in one load where `aligned` and count is 4.
inline __device__ void LoadElements(const float* p, bool aligned, int count,
                                    float x[kElementsPerThread]) {
  if (aligned && count == kElementsPerThread) {
    const float4 v = *reinterpret_cast<const float4*>(p);
    x[0] = v.x;
    x[1] = v.y;
    x[2] = v.z;
    x[3] = v.w;
    return;
  }
#pragma unroll
  for (int i = 0; i < kElementsPerThread; ++i) x[i] = i < count ? p[i] : 0.0f;
}

inline __device__ void StoreElements(const float x[kElementsPerThread],
                                     bool aligned, int count, float* p) {
  if (aligned && count == kElementsPerThread) {
    *reinterpret_cast<float4*>(p) = make_float4(x[0], x[1], x[2], x[3]);
    return;
  }
#pragma unroll
  for (int i = 0; i < kElementsPerThread; ++i) {
    if (i < count) p[i] = x[i];
  }
}

inline __device__ void StoreElements(const float x[kElementsPerThread],
                                     bool aligned, int count,
                                     __nv_bfloat16* p) {
  if (aligned && count == kElementsPerThread) {
    const __nv_bfloat162 pairs[2] = {__floats2bfloat162_rn(x[0], x[1]),
                                     __floats2bfloat162_rn(x[2], x[3])};
    uint2 bits;
    memcpy(&bits, pairs, sizeof(bits));
    *reinterpret_cast<uint2*>(p) = bits;
    return;
  }
#pragma unroll
  for (int i = 0; i < kElementsPerThread; ++i) {
    if (i < count) p[i] = __float2bfloat16_rn(x[i]);
  }
}

inline __device__ float LoadScale(const GradientScale& scale) {
  return scale.device_factor == nullptr ? scale.factor
                                        : scale.factor * *scale.device_factor;
}

// Whether each array's first element allows the wide accesses.
template <int kStates>
struct Alignment {
  bool gradient, weights, weights_copy;
  bool state[kStates > 0 ? kStates : 1];
};

template <int kStates>
struct StateArrays {
  float* array[kStates > 0 ? kStates : 1];
};

// One step of a rule of optim/rules.h over floats, with *device_rate for its
// rate where it needs the gradient's norm.
template <typename Rule>
__global__ void __launch_bounds__(256)
    StepKernel(DeviceStep step, Rule rule, float learning_rate,
               const float* device_rate, StateArrays<Rule::kStates> states,
               Alignment<Rule::kStates> aligned) {
  const int64_t first =
      (int64_t{blockIdx.x} * blockDim.x + threadIdx.x) * kElementsPerThread;
  if (first >= step.size) return;
  const int64_t rest = step.size - first;
  const int count =
      rest < kElementsPerThread ? static_cast<int>(rest) : kElementsPerThread;
  float gradient[kElementsPerThread], weight[kElementsPerThread];
  float state[Rule::kStates > 0 ? Rule::kStates : 1][kElementsPerThread];
  LoadElements(step.gradient + first, aligned.gradient, count, gradient);
  LoadElements(step.weights + first, aligned.weights, count, weight);
#pragma unroll
  for (int s = 0; s < Rule::kStates; ++s) {
    LoadElements(states.array[s] + first, aligned.state[s], count, state[s]);
  }
  const float scale = LoadScale(step.scale);
  const float rate = Rule::kNeedsNorm ? *device_rate : learning_rate;
#pragma unroll
  for (int i = 0; i < kElementsPerThread; ++i) {
    float mine[Rule::kStates > 0 ? Rule::kStates : 1];
#pragma unroll
    for (int s = 0; s < Rule::kStates; ++s) mine[s] = state[s][i];
    rule.Step(rate, gradient[i] * scale, mine, &weight[i]);
#pragma unroll
    for (int s = 0; s < Rule::kStates; ++s) state[s][i] = mine[s];
  }
  StoreElements(weight, aligned.weights, count, step.weights + first);
#pragma unroll
  for (int s = 0; s < Rule::kStates; ++s) {
    StoreElements(state[s], aligned.state[s], count, states.array[s] + first);
  }
  if (step.weights_copy != nullptr) {
    StoreElements(weight, aligned.weights_copy, count,
                  step.weights_copy + first);
  }
}

template <typename Rule>
absl::Status LaunchStep(cudaStream_t stream, const DeviceStep& step,
                        const Rule& rule, float learning_rate,
                        const float* device_rate,
                        StateArrays<Rule::kStates> states) {
  constexpr int kThreads = 256;
  const auto is_aligned = [](const void* p, uintptr_t bytes) {
    return reinterpret_cast<uintptr_t>(p) % bytes == 0;
  };
  Alignment<Rule::kStates> aligned = {};
  aligned.gradient = is_aligned(step.gradient, 16);
  aligned.weights = is_aligned(step.weights, 16);
  aligned.weights_copy = is_aligned(step.weights_copy, 8);
  for (int s = 0; s < Rule::kStates; ++s) {
    aligned.state[s] = is_aligned(states.array[s], 16);
  }
  const int64_t blocks =
      cuda::CeilDiv(step.size, int64_t{kThreads} * kElementsPerThread);
  return cuda::Launch(Rule::kName, StepKernel<Rule>,
                      dim3(static_cast<unsigned>(blocks)), dim3(kThreads),
                      stream, step, rule, learning_rate, device_rate, states,
                      aligned);
}

}  // namespace anisograd

#endif  // OPTIM_DEVICE_STEP_CUH_
