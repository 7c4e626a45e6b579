#ifndef TOOLS_BASE_FUZZ_TARGET_H_
#define TOOLS_BASE_FUZZ_TARGET_H_

#include <cstddef>
#include <cstdint>

// libFuzzer's entry point, defined once per fuzz_test (tools/fuzz.bzl): feeds
// arbitrary bytes to a reader, and aborts where the reader breaks a promise.
// Returns 0.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // TOOLS_BASE_FUZZ_TARGET_H_
