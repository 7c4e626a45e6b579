#ifndef EXPERIMENTS_GPT2_TRAIN_TRAINABLE_MODEL_H_
#define EXPERIMENTS_GPT2_TRAIN_TRAINABLE_MODEL_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/language_model.h"
#include "experiments/gpt2/spec/spec.pb.h"
#include "optim/optimizer.pb.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// A language model with an update rule and its state, on one device: all that
// the trainer knows of where it runs.
class TrainableModel {
 public:
  virtual ~TrainableModel() = default;

  // "CPU (x86-64-v3)": which class of devices gives these bits.
  virtual std::string device() const = 0;

  virtual LanguageModel& model() = 0;
  const LanguageModel& model() const {
    return const_cast<TrainableModel*>(this)->model();
  }

  // Starts anew: these parameters, and a fresh update rule.
  virtual absl::Status Reset(const OptimizerSpec& optimizer,
                             absl::Span<const float> parameters) = 0;

  // Floating-point operations per second, a multiply-add counted as two, of
  // large matrix products, as measured now; 0 where the device does not say. For
  // a person to look at.
  virtual double MeasurePeakRate() { return 0.0; }

  // |gradients|_2, accumulated in double precision in a fixed order.
  virtual double GradientNorm() = 0;

  // One step of the update rule on g min(1, max_norm / |g|_2), on g itself where
  // max_norm is 0. Where |g|_2 is not finite the parameters stay, and the rule's
  // state must not be used again. A device may still be at work afterwards.
  virtual void Step(double learning_rate, double max_norm) = 0;
  // |g|_2 of the last Step; waits for it.
  virtual double StepNorm() = 0;
  // Whether that wait costs time which the host could use: callers then ask
  // behind the next step's passes.
  virtual bool runs_ahead() const { return false; }

  // What a checkpoint keeps: parameters, then the update rule's arrays.
  struct StateArray {
    std::string name;
    int64_t size;
  };
  virtual std::vector<StateArray> StateArrays() const = 0;
  // Copies array `index` of StateArrays(), whole.
  virtual void GetState(int index, absl::Span<float> out) const = 0;
  virtual void SetState(int index, absl::Span<const float> values) = 0;
};

// How one kind of device makes its model. `config` must be valid; `pool`, for
// what the host does, must outlive the model. InvalidArgument "FIELD: reason"
// for a model or an arithmetic that the device does not have.
using TrainableModelFactory =
    std::function<absl::StatusOr<std::unique_ptr<TrainableModel>>(
        const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
        ThreadPool* pool)>;

// The model of the spec at `path`, by which InvalidArgument is preceded, and
// ResourceExhausted, where there is no room for it; other errors are of the device.
absl::StatusOr<std::unique_ptr<TrainableModel>> MakeModelOfSpec(
    const std::string& path, const TrainableModelFactory& make_model,
    const Gpt2Config& config, Gpt2Protocol::Arithmetic arithmetic,
    ThreadPool* pool);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_TRAINABLE_MODEL_H_
