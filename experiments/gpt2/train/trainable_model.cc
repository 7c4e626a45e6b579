#include "experiments/gpt2/train/trainable_model.h"

#include "tools/base/textproto.h"

namespace anisograd {

absl::StatusOr<std::unique_ptr<TrainableModel>> MakeModelOfSpec(
    const std::string& path, const TrainableModelFactory& make_model,
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* pool) {
  absl::StatusOr<std::unique_ptr<TrainableModel>> model =
      make_model(config, arithmetic, pool);
  if (absl::IsInvalidArgument(model.status()) ||
      absl::IsResourceExhausted(model.status())) {
    return InFile(model.status(), path);
  }
  return model;
}

}  // namespace anisograd
