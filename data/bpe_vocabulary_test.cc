#include "data/bpe_vocabulary.h"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "data/bpe_test_vocabulary.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

TEST(BpeVocabulary, LaysOutBytesMergesAndEndOfText) {
  const TestVocabulary files = MakeTestVocabulary({{"a", "b"}, {"Ġ", "ab"}});
  ASSERT_OK_AND_ASSIGN(
      const BpeVocabulary v,
      BpeVocabulary::FromGpt2Files(files.encoder_json, files.vocab_bpe));
  EXPECT_EQ(v.size(), 259);
  EXPECT_EQ(v.merges(), 2);
  EXPECT_EQ(v.end_of_text(), 258);
  EXPECT_EQ(v.TokenBytes(256), "ab");
  EXPECT_EQ(v.TokenBytes(257), " ab");
  const int32_t a = v.ByteToken('a');
  const int32_t b = v.ByteToken('b');
  EXPECT_EQ(v.Merge(a, b), 256);
  EXPECT_EQ(v.Merge(b, a), BpeVocabulary::kNoMerge);
  EXPECT_EQ(v.Merge(v.ByteToken(' '), 256), 257);
}

TEST(BpeVocabulary, BytesAreInGpt2sOrder) {
  const BpeVocabulary v = BpeVocabulary::ByteLevel();
  EXPECT_EQ(v.size(), 257);
  EXPECT_EQ(v.merges(), 0);
  // From the official encoder.json: "!": 0, "~": 93, "¡": 94, "ÿ": 187,
  // "Ā" (byte 0): 188, "Ċ" (newline): 198, "Ġ" (space): 220, "Ń" (173): 255.
  EXPECT_EQ(v.ByteToken('!'), 0);
  EXPECT_EQ(v.ByteToken('~'), 93);
  EXPECT_EQ(v.ByteToken(0xA1), 94);
  EXPECT_EQ(v.ByteToken(0xFF), 187);
  EXPECT_EQ(v.ByteToken(0), 188);
  EXPECT_EQ(v.ByteToken('\n'), 198);
  EXPECT_EQ(v.ByteToken(' '), 220);
  EXPECT_EQ(v.ByteToken(0xAD), 255);
  std::set<int32_t> ids;
  for (int byte = 0; byte < 256; ++byte) {
    const int32_t id = v.ByteToken(static_cast<uint8_t>(byte));
    ids.insert(id);
    EXPECT_EQ(v.TokenBytes(id), std::string(1, static_cast<char>(byte)));
  }
  EXPECT_EQ(ids.size(), 256u);
}

TEST(BpeVocabulary, CutKeepsTheFirstMergesAndPutsEndOfTextBehind) {
  const TestVocabulary files = MakeTestVocabulary({{"a", "b"}, {"Ġ", "ab"}});
  BpeOptions options;
  options.max_merges = 1;
  ASSERT_OK_AND_ASSIGN(const BpeVocabulary v,
                       BpeVocabulary::FromGpt2Files(
                           files.encoder_json, files.vocab_bpe, options));
  EXPECT_EQ(v.size(), 258);
  EXPECT_EQ(v.end_of_text(), 257);
  EXPECT_EQ(v.Merge(v.ByteToken('a'), v.ByteToken('b')), 256);
  EXPECT_EQ(v.Merge(v.ByteToken(' '), 256), BpeVocabulary::kNoMerge);
  options.max_merges = -1;
  EXPECT_FALSE(BpeVocabulary::FromGpt2Files(files.encoder_json,
                                            files.vocab_bpe, options)
                   .ok());
}

TEST(BpeVocabulary, DecodeSpellsOutEndOfTextAndRefusesOtherIds) {
  const TestVocabulary files = MakeTestVocabulary({{"a", "b"}});
  ASSERT_OK_AND_ASSIGN(
      const BpeVocabulary v,
      BpeVocabulary::FromGpt2Files(files.encoder_json, files.vocab_bpe));
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       v.Decode({256, v.ByteToken('!'), 257}));
  EXPECT_EQ(text, "ab!<|endoftext|>");
  EXPECT_EQ(v.Decode({0, 258}).status().message(),
            "token 1 has the id 258 in a vocabulary of 258");
  EXPECT_EQ(v.Decode({-1}).status().code(), absl::StatusCode::kOutOfRange);
}

// As a checkout or an editor on Windows leaves them.
TEST(BpeVocabulary, CrLfAndByteOrderMarks) {
  const TestVocabulary files = MakeTestVocabulary({{"a", "b"}, {"Ġ", "ab"}});
  const std::string mark = "\xEF\xBB\xBF";
  const std::string merges =
      absl::StrReplaceAll(files.vocab_bpe, {{"\n", "\r\n"}});
  ASSERT_OK_AND_ASSIGN(
      const BpeVocabulary v,
      BpeVocabulary::FromGpt2Files(mark + files.encoder_json, mark + merges));
  EXPECT_EQ(v.size(), 259);
  EXPECT_EQ(v.TokenBytes(257), " ab");
  // A CR elsewhere is in no token.
  EXPECT_EQ(BpeVocabulary::FromGpt2Files(
                files.encoder_json,
                absl::StrReplaceAll(merges, {{"b\r\n", "b\r\r\n"}}))
                .status()
                .message(),
            "vocab.bpe:2: merges the unknown token \"b\\r\"");
}

// The error after `from` became `to` in one of the files.
std::string ErrorOf(const std::string& from, const std::string& to) {
  const TestVocabulary files =
      MakeTestVocabulary({{"a", "b"}, {"c", "d"}, {"ab", "cd"}});
  const auto spoil = [&](const std::string& text) {
    return absl::StrReplaceAll(text, {{from, to}});
  };
  const auto result = BpeVocabulary::FromGpt2Files(spoil(files.encoder_json),
                                                   spoil(files.vocab_bpe));
  if (result.ok()) return "OK";
  EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(result.status().message());
}

TEST(BadEncoderJson, MalformedOrOfAnotherShape) {
  EXPECT_THAT(ErrorOf("\"!\": 0", "\"!\" 0"),
              HasSubstr("encoder.json:1: malformed JSON"));
  EXPECT_THAT(ErrorOf("\"!\": 0", "\"\xff\": 0"), HasSubstr("UTF-8"));
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": \"0\""),
            "encoder.json:1: token \"!\": its id must be an integer, not a "
            "string");
  EXPECT_EQ(ErrorOf("{\"!\"", "[\"!\""),
            "encoder.json:1: must be one object of tokens and ids, not an "
            "array");
}

TEST(BadEncoderJson, Ids) {
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": 1"),
            "encoder.json: tokens \"!\" and \"\\\"\" share the id 1");
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": 260"),
            "encoder.json: token \"!\": id 260 out of range for 260 tokens");
  // Of two the one with the lower id.
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": 300, \"a b\": 299"),
            "encoder.json: token \"a b\": id 299 out of range for 261 tokens");
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": -1"),
            "encoder.json:1: token \"!\": id -1 out of range");
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!\": 0, \"!\": 0"),
            "encoder.json:1: token \"!\" appears twice");
  EXPECT_EQ(ErrorOf("\"!\": 0", "\"!!\": 0"),
            "encoder.json: id 0 is \"!!\" where GPT-2 has the byte 33");
  EXPECT_THAT(ErrorOf("<|endoftext|>", "<|end|>"),
              HasSubstr("with the last id, <|endoftext|>"));
}

TEST(BadVocabBpe, Lines) {
  EXPECT_EQ(ErrorOf("#version: 0.2", "#version: 0.3"),
            "vocab.bpe:1: must be \"#version: 0.2\"");
  EXPECT_EQ(ErrorOf("\nc d\n", "\ncd\n"),
            "vocab.bpe:3: must be two tokens with a space between, is \"cd\"");
  EXPECT_THAT(ErrorOf("\nc d\n", "\nc d e\n"), HasSubstr("vocab.bpe:3: must"));
  EXPECT_THAT(ErrorOf("\nc d\n", "\n\n"), HasSubstr("vocab.bpe:3: must be"));
  EXPECT_EQ(ErrorOf("ab cd\n", "ab cd"),
            "vocab.bpe:4: the last line does not end; truncated?");
  EXPECT_EQ(ErrorOf("\nab cd\n", "\n"),
            "vocab.bpe: 2 merges where encoder.json has 3 merged tokens; "
            "truncated?");
}

TEST(BadVocabBpe, Tokens) {
  EXPECT_EQ(ErrorOf("\nc d\n", "\ncc d\n"),
            "vocab.bpe:3: merges the unknown token \"cc\"");
  EXPECT_EQ(ErrorOf("\nc d\n", "\nd c\n"),
            "vocab.bpe:3: makes the unknown token \"dc\"");
  EXPECT_EQ(ErrorOf("\nc d\n", "\nab cd\n"),
            "vocab.bpe:3: merges \"cd\", which only a later merge makes");
  EXPECT_EQ(ErrorOf("\nc d\n", "\na b\n"),
            "vocab.bpe:3: makes \"ab\" of id 256 where the order of merges "
            "asks for 257");
}

}  // namespace
}  // namespace anisograd
