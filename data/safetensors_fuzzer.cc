// Feeds the safetensors reader; aborts where what it accepts is not a cover of
// the buffer, or an error is not one line that names the file.

#include <cstdlib>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/safetensors.h"
#include "tools/base/fuzz_target.h"

namespace anisograd {
namespace {

// Every error is one line with the file's name.
void CheckError(const absl::Status& status) {
  const absl::string_view message = status.message();
  if (status.code() != absl::StatusCode::kDataLoss ||
      message.substr(0, 5) != "input" ||
      message.find('\n') != absl::string_view::npos) {
    std::abort();
  }
}

// What is accepted covers the buffer without overlap.
void CheckTensors(absl::Span<const SafetensorsTensor> tensors,
                  int64_t buffer_size) {
  int64_t covered = 0;
  for (const SafetensorsTensor& tensor : tensors) {
    int64_t size = 1;
    for (const int64_t extent : tensor.shape) size *= extent;
    if (tensor.begin != covered || size != tensor.size ||
        tensor.end - tensor.begin !=
            size * SafetensorsDtypeSize(tensor.dtype)) {
      std::abort();
    }
    covered = tensor.end;
  }
  if (covered != buffer_size) std::abort();
}

void CheckFile(absl::string_view input) {
  const auto file = SafetensorsFile::Parse(input, "input");
  if (!file.ok()) return CheckError(file.status());
  size_t bytes = 0;
  for (const SafetensorsTensor& tensor : file->tensors()) {
    if (file->Find(tensor.name) != &tensor) std::abort();
    bytes += tensor.bytes.size();
    std::vector<float> values(static_cast<size_t>(tensor.size));
    const absl::Status status = ReadFloats(tensor, absl::MakeSpan(values));
    if (!status.ok() && !absl::IsInvalidArgument(status)) std::abort();
  }
  CheckTensors(file->tensors(), static_cast<int64_t>(bytes));
}

// Alone, a header can change its length without lying about it.
void CheckHeader(absl::string_view input) {
  constexpr int64_t kBufferSize = 24;
  const auto header = ParseSafetensorsHeader(input, kBufferSize, "input");
  if (!header.ok()) return CheckError(header.status());
  CheckTensors(header->tensors, kBufferSize);
}

}  // namespace
}  // namespace anisograd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const absl::string_view input(reinterpret_cast<const char*>(data), size);
  anisograd::CheckFile(input);
  anisograd::CheckHeader(input);
  return 0;
}
