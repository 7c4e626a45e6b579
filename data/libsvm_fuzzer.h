#ifndef DATA_LIBSVM_FUZZER_H_
#define DATA_LIBSVM_FUZZER_H_

#include <cstddef>
#include <cstdint>

// libFuzzer's entry point for the LIBSVM reader: parses arbitrary bytes and
// aborts where what is accepted is not a valid matrix. Link with
// -fsanitize=fuzzer, or call it on a corpus as libsvm_fuzzer_test does.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // DATA_LIBSVM_FUZZER_H_
