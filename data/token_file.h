#ifndef DATA_TOKEN_FILE_H_
#define DATA_TOKEN_FILE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/instruction_tokens.h"
#include "tools/base/file.h"

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
  // The data set's, as specs call it.
  std::string name;
};

// The name that the programs which make token files give: "F" for "FOLDER/F.bin".
std::string TokenFileName(const std::string& path);

struct TokenFile {
  TokenFileInfo info;
  // Lower-case hexadecimal SHA-256 of all that follows the checksum.
  std::string digest;
  InstructionTokens tokens;
};

// The binary form of an instruction set in tokens, little-endian: magic number
// with version, SHA-256 of all that follows, a header of sizes, then offsets,
// prompt lengths, tokens (16 bits each where the vocabulary allows, else 32),
// note, sources and name. The same bytes for the same contents.
absl::Status WriteTokenFile(const std::string& path, const TokenFileInfo& info,
                            const InstructionTokens& tokens);

// Writes the same file example by example, for more tokens than memory holds:
// what is kept is 12 bytes an example. Tokens wait in an UnnamedFile; the file
// itself appears whole with Commit, or not at all. Movable.
class TokenFileWriter {
 public:
  // Ids are below `vocabulary_size`.
  static absl::StatusOr<TokenFileWriter> Open(const std::string& path,
                                              int32_t vocabulary_size,
                                              int32_t end_of_text);

  // The next example, at least one token. Errors of UnnamedFile.
  absl::Status Append(absl::Span<const int32_t> tokens, int32_t prompt_length);
  // At most once; nothing may be appended after it.
  absl::Status Commit(const TokenFileInfo& info);

  int64_t examples() const {
    return static_cast<int64_t>(tokens_.prompt_lengths.size());
  }
  // Of all examples.
  int64_t tokens() const { return tokens_.offsets.back(); }

 private:
  TokenFileWriter(std::string path, UnnamedFile waiting)
      : path_(std::move(path)), waiting_(std::move(waiting)) {}
  absl::Status Flush();

  std::string path_;
  // The tokens.
  UnnamedFile waiting_;
  // All but the tokens.
  InstructionTokens tokens_;
  // Tokens in the file's form that are not written yet.
  std::string buffer_;
};

// Maps and checks a token file: sizes, checksum, offsets that increase, no
// empty example, prompts within their examples, ids within the vocabulary.
// DataLoss "PATH: reason" where it does not hold.
absl::StatusOr<TokenFile> ReadTokenFile(const std::string& path);
// The same for bytes in memory; `path` is only named in messages.
absl::StatusOr<TokenFile> ParseTokenFile(absl::string_view bytes,
                                         const std::string& path);

}  // namespace anisograd

#endif  // DATA_TOKEN_FILE_H_
