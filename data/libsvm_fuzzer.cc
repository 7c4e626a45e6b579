// Feeds the LIBSVM reader; aborts where what it accepts is not a valid matrix.

#include <cmath>
#include <cstdlib>

#include "absl/strings/string_view.h"
#include "data/libsvm.h"
#include "tools/base/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::LibsvmOptions options;
  options.features = 100;
  const auto result = anisograd::ParseLibsvm(
      absl::string_view(reinterpret_cast<const char*>(data), size), options);
  if (!result.ok()) {
    if (result.status().message().empty()) std::abort();
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
