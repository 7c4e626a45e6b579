#ifndef EXPERIMENTS_GPT2_TRAIN_CHECKPOINT_H_
#define EXPERIMENTS_GPT2_TRAIN_CHECKPOINT_H_

#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/train/checkpoint.pb.h"
#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {

// Writes `checkpoint` and the state of `model` to `path`, atomically: an older
// checkpoint stays until the new one is whole. Without a model there are no
// arrays, as between two runs, where all is what TrainableModel::Reset makes:
// such a file is small enough to travel.
//
// The file is a magic number of 8 bytes, the SHA-256 (in 64) of the message and
// its size, these two (the size in 8), then the arrays as little-endian floats,
// whose SHA-256s stand in the message; the same bytes for the same contents. Of
// the arrays, only one is held in memory at a time.
absl::Status SaveCheckpoint(const std::string& path, Gpt2Checkpoint checkpoint,
                            const TrainableModel* model);

// Reads what SaveCheckpoint wrote and restores the state of `model`, whose
// update rule must have been set (TrainableModel::Reset). The file may end
// behind its message (`head -c`), so that one with arrays can travel too: they
// are then missing from the message that is returned, and the model is as it
// was. NotFound where there is no file. FailedPrecondition "PATH: FIELD: reason"
// where one of the first four fields is not that of `expected`: the checkpoint
// of another experiment. DataLoss "PATH: reason" for a file that is cut
// elsewhere or changed, or whose arrays are not those of `model`. On any error
// the model is as it was.
absl::StatusOr<Gpt2Checkpoint> RestoreCheckpoint(const std::string& path,
                                                 const Gpt2Checkpoint& expected,
                                                 TrainableModel* model);

// Says at which calls `seconds` have passed since it was made or last said so.
// The only clock: it decides when there is a checkpoint, never what a result is.
std::function<bool()> EverySeconds(double seconds);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_CHECKPOINT_H_
