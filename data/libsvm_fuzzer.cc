// Feeds the LIBSVM reader, compressed or not; aborts where what it accepts is not
// a valid matrix, or an error does not name the file.

#include <cmath>
#include <cstdlib>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/input_file.h"
#include "data/libsvm.h"
#include "tools/base/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::LibsvmOptions options;
  options.features = 100;
  const auto text = anisograd::DecodeInput(
      std::string(reinterpret_cast<const char*>(data), size), options.file);
  const auto result =
      text.ok() ? anisograd::ParseLibsvm(*text, options)
                : absl::StatusOr<anisograd::CsrMatrix>(text.status());
  if (!result.ok()) {
    const absl::string_view message = result.status().message();
    if (message.substr(0, options.file.size() + 1) != options.file + ":") {
      std::abort();
    }
    return 0;
  }
  const anisograd::CsrView view = result->view();
  for (int64_t i = 0; i < view.rows; ++i) {
    if (view.row_start[i] > view.row_start[i + 1]) std::abort();
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      if (view.index[k] >= 100 || !std::isfinite(view.value[k])) std::abort();
      if (k > view.row_start[i] && view.index[k] <= view.index[k - 1]) {
        std::abort();
      }
    }
  }
  return 0;
}
