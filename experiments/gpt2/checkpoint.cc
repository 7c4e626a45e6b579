#include "experiments/gpt2/checkpoint.h"

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

constexpr char kMagic[8] = {'A', 'n', 'i', 's', 'o', 'C', 'K', '1'};
constexpr size_t kDigestSize = 64;
constexpr size_t kFront = sizeof(kMagic) + kDigestSize;

absl::Status CheckField(const std::string& path, absl::string_view field,
                        absl::string_view found, absl::string_view expected) {
  if (found == expected) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(
      path, ": ", field, ": this is the checkpoint of another experiment (",
      found, ", not ", expected, "); delete it to start anew"));
}

}  // namespace

absl::Status SaveCheckpoint(const std::string& path, Gpt2Checkpoint checkpoint,
                            const TrainableModel& model) {
  const std::vector<TrainableModel::StateArray> arrays = model.StateArrays();
  checkpoint.clear_array();
  size_t floats = 0;
  for (const auto& array : arrays) {
    Gpt2Checkpoint::Array* const entry = checkpoint.add_array();
    entry->set_name(array.name);
    entry->set_size(array.size);
    floats += static_cast<size_t>(array.size);
  }
  const std::string message = SerializeDeterministically(checkpoint);
  const uint64_t message_size = message.size();
  std::string file;
  file.reserve(kFront + sizeof(message_size) + message.size() +
               floats * sizeof(float));
  file.append(kMagic, sizeof(kMagic));
  file.append(kDigestSize, '0');
  file.append(reinterpret_cast<const char*>(&message_size),
              sizeof(message_size));
  file.append(message);
  std::vector<float> values;
  for (size_t i = 0; i < arrays.size(); ++i) {
    values.resize(static_cast<size_t>(arrays[i].size));
    model.GetState(static_cast<int>(i), absl::MakeSpan(values));
    file.append(reinterpret_cast<const char*>(values.data()),
                values.size() * sizeof(float));
  }
  const std::string digest =
      Sha256Hex(absl::string_view(file).substr(kFront));
  std::memcpy(&file[sizeof(kMagic)], digest.data(), kDigestSize);
  return WriteFileAtomically(path, file);
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
    return damaged("not a checkpoint");
  }
  const absl::string_view digest = rest.substr(sizeof(kMagic), kDigestSize);
  rest.remove_prefix(kFront);
  if (Sha256Hex(rest) != digest) {
    return damaged("wrong checksum: the file is cut or was changed");
  }
  std::memcpy(&message_size, rest.data(), sizeof(message_size));
  rest.remove_prefix(sizeof(message_size));
  Gpt2Checkpoint checkpoint;
  if (message_size > rest.size() ||
      !checkpoint.ParseFromArray(rest.data(),
                                 static_cast<int>(message_size))) {
    return damaged("its message is malformed");
  }
  rest.remove_prefix(message_size);

  RETURN_IF_ERROR(CheckField(path, "spec_digest", checkpoint.spec_digest(),
                             expected.spec_digest()));
  RETURN_IF_ERROR(CheckField(path, "dataset_digest",
                             checkpoint.dataset_digest(),
                             expected.dataset_digest()));
  RETURN_IF_ERROR(CheckField(path, "start_digest", checkpoint.start_digest(),
                             expected.start_digest()));
  RETURN_IF_ERROR(CheckField(path, "device", checkpoint.device(),
                             expected.device()));

  const std::vector<TrainableModel::StateArray> arrays = model->StateArrays();
  bool same = checkpoint.array_size() == static_cast<int>(arrays.size());
  size_t floats = 0;
  for (int i = 0; same && i < checkpoint.array_size(); ++i) {
    same = checkpoint.array(i).name() == arrays[i].name &&
           checkpoint.array(i).size() == arrays[i].size;
    floats += static_cast<size_t>(arrays[i].size);
  }
  if (!same || rest.size() != floats * sizeof(float)) {
    return damaged("its arrays are not those of the model");
  }
  std::vector<float> values;
  for (size_t i = 0; i < arrays.size(); ++i) {
    values.resize(static_cast<size_t>(arrays[i].size));
    // The mapped bytes need not be aligned for floats.
    std::memcpy(values.data(), rest.data(), values.size() * sizeof(float));
    rest.remove_prefix(values.size() * sizeof(float));
    model->SetState(static_cast<int>(i), values);
  }
  return checkpoint;
}

}  // namespace anisograd
