// Feeds the reader of data sets in binary form; aborts where what it accepts is
// not a valid matrix of both classes, or an error does not name the file.

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "data/dataset_file.h"
#include "tools/base/file.h"
#include "tools/base/fuzz_target.h"

namespace anisograd {
namespace {

void Check(absl::string_view bytes) {
  const auto dataset = Dataset::Parse(bytes, "input");
  if (!dataset.ok()) {
    if (dataset.status().message().substr(0, 7) != "input: ") std::abort();
    return;
  }
  const CsrView& view = dataset->view();
  if (!HasBothClasses(view)) std::abort();
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      if (view.index[k] >= view.features || !std::isfinite(view.value[k])) {
        std::abort();
      }
    }
  }
}

}  // namespace
}  // namespace anisograd

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // Aligned as a mapped file is.
  std::vector<uint64_t> aligned(size / 8 + 1);
  char* const bytes = reinterpret_cast<char*>(aligned.data());
  std::memcpy(bytes, data, size);
  anisograd::Check({bytes, size});
  // What a checksum keeps out would never be reached: the right one.
  constexpr size_t kChecksum = 8;
  constexpr size_t kPayload = 72;
  if (size < kPayload) return 0;
  const std::string digest =
      anisograd::Sha256Hex({bytes + kPayload, size - kPayload});
  std::memcpy(bytes + kChecksum, digest.data(), digest.size());
  anisograd::Check({bytes, size});
  return 0;
}
