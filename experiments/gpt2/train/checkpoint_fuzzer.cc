// Feeds the reader of checkpoints; aborts where what it accepts is not what would
// be written, an error does not name the file, or a refused checkpoint has
// touched the model.

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "tools/base/file.h"
#include "tools/base/fuzz_target.h"

namespace anisograd {
namespace {

// Two arrays that can be kept and restored, and nothing to train.
class Arrays : public TrainableModel {
 public:
  std::string device() const override { return "none"; }
  LanguageModel& model() override { std::abort(); }
  absl::Status Reset(const OptimizerSpec&, absl::Span<const float>) override {
    return absl::OkStatus();
  }
  double GradientNorm() override { return 0.0; }
  void Step(double, double) override {}
  double StepNorm() override { return 0.0; }
  std::vector<StateArray> StateArrays() const override {
    return {{"w", 3}, {"sum", 2}};
  }
  void GetState(int index, absl::Span<float> out) const override {
    std::memcpy(out.data(), values_[index].data(), out.size() * sizeof(float));
  }
  void SetState(int index, absl::Span<const float> values) override {
    if (values.size() != values_[index].size()) std::abort();
    values_[index].assign(values.begin(), values.end());
    touched_ = true;
  }
  bool touched() const { return touched_; }

 private:
  std::vector<float> values_[2] = {{0, 0, 0}, {0, 0}};
  bool touched_ = false;
};

// A file in memory, for a reader that maps one.
class MemoryFile {
 public:
  MemoryFile() : fd_(memfd_create("fuzz", 0)) {
    if (fd_ < 0) std::abort();
  }
  std::string Fill(absl::string_view bytes) {
    if (ftruncate(fd_, 0) != 0 ||
        pwrite(fd_, bytes.data(), bytes.size(), 0) !=
            static_cast<ssize_t>(bytes.size())) {
      std::abort();
    }
    return absl::StrCat("/proc/self/fd/", fd_);
  }

 private:
  const int fd_;
};

void Check(absl::string_view bytes) {
  static MemoryFile* const file = new MemoryFile();
  const std::string path = file->Fill(bytes);
  Gpt2Checkpoint expected;
  expected.set_spec_digest("spec");
  expected.set_device("none");
  Arrays arrays;
  const auto checkpoint = RestoreCheckpoint(path, expected, &arrays);
  if (!checkpoint.ok()) {
    if (!absl::StartsWith(checkpoint.status().message(), path + ": ") ||
        arrays.touched()) {
      std::abort();
    }
    return;
  }
  if (arrays.touched() != (checkpoint->array_size() > 0)) std::abort();
}

}  // namespace
}  // namespace anisograd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  std::string bytes(reinterpret_cast<const char*>(data), size);
  anisograd::Check(bytes);
  // What a checksum keeps out would never be reached: the right one.
  constexpr size_t kChecksum = 8;
  constexpr size_t kChecked = 72;
  uint64_t message = 0;
  if (size < kChecked + sizeof(message)) return 0;
  std::memcpy(&message, &bytes[kChecked], sizeof(message));
  const absl::string_view rest = absl::string_view(bytes).substr(kChecked);
  if (message > rest.size() - sizeof(message)) return 0;
  const std::string digest =
      anisograd::Sha256Hex(rest.substr(0, sizeof(message) + message));
  std::memcpy(&bytes[kChecksum], digest.data(), digest.size());
  anisograd::Check(bytes);
  return 0;
}
