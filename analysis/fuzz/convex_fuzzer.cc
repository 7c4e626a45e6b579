// Feeds a family's reader with the bytes of one cell's result, as a damaged
// result.pb; aborts where an error says nothing, or what is accepted lacks the
// cell.

#include <cstdlib>

#include "analysis/convex.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "tools/base/fuzz_target.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::ExperimentResult result;
  if (!result.ParseFromArray(data, static_cast<int>(size)) ||
      !anisograd::CheckResult(result).ok()) {
    return 0;
  }
  // Constants of the same problem, without which nothing would be read.
  anisograd::ConstantsResult constants;
  *constants.mutable_dataset() = result.dataset();
  constants.set_bias_feature(result.spec().logistic().bias_feature());
  const auto quantities =
      anisograd::ComputeConvexQuantities({result}, constants);
  if (!quantities.ok()) {
    if (quantities.status().message().empty()) std::abort();
    return 0;
  }
  if (quantities->cells.size() != 1) std::abort();
  return 0;
}
