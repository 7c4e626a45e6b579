// Feeds the reader of specs of the logistic experiments, in text form
// (tools/base/fuzz_spec.h).

#include "experiments/spec_validation.h"
#include "tools/base/fuzz_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::FuzzSpec(data, size, anisograd::ValidateExperiment);
  return 0;
}
