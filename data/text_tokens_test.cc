#include "data/text_tokens.h"

#include <cstdint>
#include <string>
#include <vector>

#include "data/bpe_test_vocabulary.h"
#include "data/bpe_vocabulary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::StartsWith;

std::string TextPath() { return testing::TempDir() + "/text.txt"; }
std::string TokensPath() { return testing::TempDir() + "/text.tokens"; }

// In a vocabulary whose merges are "a b" = 256 and "Ġ ab" = 257 ("Ġ" writes the
// blank); 258 is end-of-text.
absl::StatusOr<TokenFile> Tokenize(const std::string& contents) {
  const TestVocabulary files =
      MakeTestVocabulary({{"a", "b"}, {"\xC4\xA0", "ab"}});
  ASSIGN_OR_RETURN(const BpeVocabulary vocabulary,
                   BpeVocabulary::FromGpt2Files(files.encoder_json,
                                                files.vocab_bpe));
  BpeEncoder encoder(&vocabulary);
  RETURN_IF_ERROR(WriteFileAtomically(TextPath(), contents));
  ASSIGN_OR_RETURN(TextDocuments text, TextDocuments::Open(TextPath()));
  ASSIGN_OR_RETURN(TokenFileWriter writer,
                   TokenFileWriter::Open(TokensPath(), vocabulary.size(),
                                         vocabulary.end_of_text()));
  RETURN_IF_ERROR(TokenizeText(&text, &encoder, &writer));
  RETURN_IF_ERROR(writer.Commit({}));
  return ReadTokenFile(TokensPath());
}

// The id of a byte's token: encoder.json's order begins with '!'.
int32_t Byte(char c) { return c - '!'; }
constexpr int32_t kNewline = 198;

TEST(TextTokens, KnownAnswer) {
  ASSERT_OK_AND_ASSIGN(const TokenFile file,
                       Tokenize("ab ab\nabc\n<|endoftext|>\n"
                                "<|endoftext|>\n"
                                "b<|endo\n"));
  EXPECT_EQ(file.tokens.vocabulary_size, 259);
  EXPECT_EQ(file.tokens.end_of_text, 258);
  EXPECT_EQ(file.tokens.tokens,
            (std::vector<int32_t>{256, 257, kNewline, 256, Byte('c'), 258,
                                  Byte('b'), Byte('<'), Byte('|'), Byte('e'),
                                  Byte('n'), Byte('d'), Byte('o'), 258}));
  EXPECT_EQ(file.tokens.offsets, (std::vector<int64_t>{0, 6, 14}));
  EXPECT_EQ(file.tokens.prompt_lengths, (std::vector<int32_t>{0, 0}));
}

TEST(TextTokens, ALineThatIsNotUtf8IsNamed) {
  const absl::Status status =
      Tokenize("a\n<|endoftext|>\nb\r\n\xC3\xA9\nab\xC3(\n").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              StartsWith(TextPath() + ":5: not UTF-8 at byte 2"));
}

TEST(TextTokens, ATextWithoutDocumentsIsRefused) {
  const absl::Status status = Tokenize("<|endoftext|>\n\n").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(status.message(), TextPath() + ": has no document");
}

}  // namespace
}  // namespace anisograd
