// Feeds the reader of a data set's spec, in text form (tools/base/fuzz_spec.h).

#include "data/dataset_spec.h"
#include "tools/base/fuzz_spec.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  anisograd::FuzzSpec(data, size, anisograd::ValidateDataset);
  return 0;
}
