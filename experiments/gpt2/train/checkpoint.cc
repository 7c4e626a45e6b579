#include "experiments/gpt2/train/checkpoint.h"

#include <chrono>
#include <climits>
#include <cstdint>
#include <cstring>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

constexpr char kMagic[8] = {'A', 'n', 'i', 's', 'o', 'C', 'K', '2'};
constexpr size_t kDigestSize = 64;
constexpr size_t kFront = sizeof(kMagic) + kDigestSize;

absl::Status CheckField(const std::string& path, absl::string_view field,
                        absl::string_view found, absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, ": ", field, ": this is the checkpoint of another experiment (",
      found, ", not ", expected, "); delete it to start anew"));
}

absl::string_view Bytes(const std::vector<float>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(float)};
}

// Array `index` of the model's state, in memory that the next array reuses.
void ReadState(const TrainableModel& model, size_t index, int64_t size,
               std::vector<float>* values) {
  values->resize(static_cast<size_t>(size));
  model.GetState(static_cast<int>(index), absl::MakeSpan(*values));
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, Gpt2Checkpoint checkpoint,
                            const TrainableModel* model) {
  std::vector<TrainableModel::StateArray> arrays;
  if (model != nullptr) arrays = model->StateArrays();
  std::vector<float> values;
  checkpoint.clear_array();
  for (size_t i = 0; i < arrays.size(); ++i) {
    ReadState(*model, i, arrays[i].size, &values);
    Gpt2Checkpoint::Array* const entry = checkpoint.add_array();
    entry->set_name(arrays[i].name);
    entry->set_size(arrays[i].size);
    entry->set_sha256(Sha256Hex(Bytes(values)));
  }
  const std::string message = SerializeDeterministically(checkpoint);
  const uint64_t message_size = message.size();
  const std::string checked = absl::StrCat(
      absl::string_view(reinterpret_cast<const char*>(&message_size),
                        sizeof(message_size)),
      message);
  ASSIGN_OR_RETURN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
  RETURN_IF_ERROR(writer.Append(
      absl::StrCat(absl::string_view(kMagic, sizeof(kMagic)),
                   Sha256Hex(checked), checked)));
  for (size_t i = 0; i < arrays.size(); ++i) {
    ReadState(*model, i, arrays[i].size, &values);
    RETURN_IF_ERROR(writer.Append(Bytes(values)));
  }
  return writer.Commit();
}

absl::StatusOr<Gpt2Checkpoint> RestoreCheckpoint(const std::string& path,
                                                 const Gpt2Checkpoint& expected,
                                                 TrainableModel* model) {
  ASSIGN_OR_RETURN(const MappedFile file, MappedFile::Open(path));
  const auto damaged = [&](absl::string_view reason) {
    return absl::DataLossError(absl::StrCat(path, ": ", reason));
  };
  absl::string_view rest = file.view();
  uint64_t message_size = 0;
  if (rest.size() < kFront + sizeof(message_size) ||
      std::memcmp(rest.data(), kMagic, sizeof(kMagic)) != 0) {
    return damaged("not a checkpoint, or of another version");
  }
  const absl::string_view digest = rest.substr(sizeof(kMagic), kDigestSize);
  rest.remove_prefix(kFront);
  std::memcpy(&message_size, rest.data(), sizeof(message_size));
  if (message_size > rest.size() - sizeof(message_size) ||
      message_size > INT_MAX) {
    return damaged("its message is longer than the file: it is cut or was "
                   "changed");
  }
  const size_t checked = sizeof(message_size) + message_size;
  if (Sha256Hex(rest.substr(0, checked)) != digest) {
    return damaged("wrong checksum: the file was changed");
  }
  Gpt2Checkpoint checkpoint;
  if (!checkpoint.ParseFromArray(rest.data() + sizeof(message_size),
                                 static_cast<int>(message_size))) {
    return damaged("its message is malformed");
  }
  rest.remove_prefix(checked);

  RETURN_IF_ERROR(CheckField(path, "spec_digest", checkpoint.spec_digest(),
                             expected.spec_digest()));
  RETURN_IF_ERROR(CheckField(path, "dataset_digest",
                             checkpoint.dataset_digest(),
                             expected.dataset_digest()));
  RETURN_IF_ERROR(CheckField(path, "start_digest", checkpoint.start_digest(),
                             expected.start_digest()));
  RETURN_IF_ERROR(CheckField(path, "device", checkpoint.device(),
                             expected.device()));

  if (rest.empty()) {
    checkpoint.clear_array();
    return checkpoint;
  }
  const std::vector<TrainableModel::StateArray> arrays = model->StateArrays();
  bool same = checkpoint.array_size() == static_cast<int>(arrays.size());
  for (int i = 0; same && i < checkpoint.array_size(); ++i) {
    same = checkpoint.array(i).name() == arrays[i].name &&
           checkpoint.array(i).size() == arrays[i].size;
  }
  if (!same) return damaged("its arrays are not those of the model");
  std::vector<absl::string_view> bytes;
  for (const Gpt2Checkpoint::Array& array : checkpoint.array()) {
    const size_t size = static_cast<size_t>(array.size()) * sizeof(float);
    if (rest.size() < size) return damaged("the file is cut");
    bytes.push_back(rest.substr(0, size));
    if (Sha256Hex(bytes.back()) != array.sha256()) {
      return damaged(absl::StrCat("wrong checksum of ", array.name(),
                                  ": the file was changed"));
    }
    rest.remove_prefix(size);
  }
  if (!rest.empty()) return damaged("something follows its arrays");
  std::vector<float> values;
  for (size_t i = 0; i < bytes.size(); ++i) {
    values.resize(static_cast<size_t>(arrays[i].size));
    // The mapped bytes need not be aligned for floats.
    std::memcpy(values.data(), bytes[i].data(), bytes[i].size());
    model->SetState(static_cast<int>(i), values);
  }
  return checkpoint;
}

std::function<bool()> EverySeconds(double seconds) {
  using Clock = std::chrono::steady_clock;
  return [seconds, last = Clock::now()]() mutable {
    const Clock::time_point now = Clock::now();
    if (std::chrono::duration<double>(now - last).count() < seconds) {
      return false;
    }
    last = now;
    return true;
  };
}

}  // namespace anisograd
