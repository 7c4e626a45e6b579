// Feeds the reader of specs of GPT-2's experiments, in text form
// (tools/base/fuzz_spec.h).

#include "experiments/gpt2/spec/experiment_spec.h"
#include "tools/base/fuzz_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::FuzzSpec(data, size, anisograd::ValidateGpt2Experiment);
  return 0;
}
