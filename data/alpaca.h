#ifndef DATA_ALPACA_H_
#define DATA_ALPACA_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/instruction_example.h"

namespace anisograd {

// Parses Stanford Alpaca's instruction set (Taori et al. 2023): a JSON array of
// objects, each with exactly the fields "instruction", "input" and "output",
// all strings. Strict: anything else is InvalidArgument
// "FILE:LINE: record N, field "F": reason", with records counted from 1; so are
// an array without records and an empty instruction. An empty input is common;
// an empty output is allowed because the official file has 28.
absl::StatusOr<std::vector<InstructionExample>> ParseAlpaca(
    absl::string_view json, const std::string& file);

}  // namespace anisograd

#endif  // DATA_ALPACA_H_
