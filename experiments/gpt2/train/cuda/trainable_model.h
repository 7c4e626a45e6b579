#ifndef EXPERIMENTS_GPT2_TRAIN_CUDA_TRAINABLE_MODEL_H_
#define EXPERIMENTS_GPT2_TRAIN_CUDA_TRAINABLE_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {
namespace cuda {

// A TrainableModelFactory: GPT-2 (cuda/model.h) and its update rule
// (optim/device_optimizer.h) on the current GPU, in any arithmetic.
//
// device() names the GPU, its architecture, the releases of CUDA and cuBLASLt
// and the arithmetic, which together give the bits:
// "NVIDIA H200 (sm_90), CUDA 13.0, cuBLASLt 13.1.0, BF16". State has the names,
// sizes and order of the CPU's.
//
// A step makes the host wait for the losses of its passes alone, behind which
// the way back is under way. All else is only started: the gradient's norm, the
// factor that clips it and, unless the norm is not finite, the update.
//
// Unavailable where there is no GPU or no fitting driver; ResourceExhausted
// where its memory does not suffice for parameters and gradients. Errors of the
// device after that end the program where TrainableModel has no way to return
// them.
absl::StatusOr<std::unique_ptr<TrainableModel>> CudaTrainableModel(
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* pool);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_CUDA_TRAINABLE_MODEL_H_
