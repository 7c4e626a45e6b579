#ifndef DATA_ALPACA_FUZZER_H_
#define DATA_ALPACA_FUZZER_H_

#include <cstddef>
#include <cstdint>

// libFuzzer's entry point for the Alpaca reader: parses arbitrary bytes, and
// aborts where what is accepted has no records or text that cannot be encoded.
// Link with -fsanitize=fuzzer, or call it on a corpus as alpaca_fuzzer_test
// does.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

#endif  // DATA_ALPACA_FUZZER_H_
