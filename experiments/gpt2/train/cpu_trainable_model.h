#ifndef EXPERIMENTS_GPT2_TRAIN_CPU_TRAINABLE_MODEL_H_
#define EXPERIMENTS_GPT2_TRAIN_CPU_TRAINABLE_MODEL_H_

#include <memory>

#include "absl/status/statusor.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// The reference, in FLOAT32.
std::unique_ptr<TrainableModel> MakeCpuTrainableModel(const Gpt2Config& config,
                                                      ThreadPool* pool);

// The same as a TrainableModelFactory.
absl::StatusOr<std::unique_ptr<TrainableModel>> CpuTrainableModel(
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* pool);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_CPU_TRAINABLE_MODEL_H_
