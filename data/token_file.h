#ifndef DATA_TOKEN_FILE_H_
#define DATA_TOKEN_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "data/instruction_tokens.h"

namespace anisograd {

// What a token file holds, beside the tokens.
struct TokenFileInfo {
  // True when an official file could not be had.
  bool stand_in = false;
  // What stood in or was reduced, in one line; empty for the whole of the
  // official data in GPT-2's own vocabulary.
  std::string note;
  // What the tokens were made from: "NAME SHA256" per source file, one a line.
  std::string sources;
};

struct TokenFile {
  TokenFileInfo info;
  // Lower-case hexadecimal SHA-256 of all that follows the checksum.
  std::string digest;
  InstructionTokens tokens;
};

// The binary form of an instruction set in tokens, little-endian: magic number
// with version, SHA-256 of all that follows, a header of sizes, then offsets,
// prompt lengths, tokens (16 bits each where the vocabulary allows, else 32),
// note and sources. The same bytes for the same contents.
absl::Status WriteTokenFile(const std::string& path, const TokenFileInfo& info,
                            const InstructionTokens& tokens);

// Maps and checks a token file: sizes, checksum, offsets that increase, no
// empty example, prompts within their examples, ids within the vocabulary.
// DataLoss "PATH: reason" where it does not hold.
absl::StatusOr<TokenFile> ReadTokenFile(const std::string& path);

}  // namespace anisograd

#endif  // DATA_TOKEN_FILE_H_
