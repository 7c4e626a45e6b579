#include "data/token_file.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/file_size_limit.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// Three examples in a vocabulary of `size`.
InstructionTokens Small(int32_t size) {
  InstructionTokens t;
  t.vocabulary_size = size;
  t.end_of_text = size - 1;
  t.tokens = {5, 0, size - 1, 7, size - 1, 2, 3, 4};
  t.offsets = {0, 3, 5, 8};
  t.prompt_lengths = {2, 1, 3};
  return t;
}

std::string Path() {
  return absl::StrCat(testing::TempDir(), "/tokens");
}

class TokenFileRoundTrip : public testing::TestWithParam<int32_t> {};

TEST_P(TokenFileRoundTrip, GivesBackWhatWasWritten) {
  const InstructionTokens t = Small(GetParam());
  ASSERT_OK(WriteTokenFile(Path(), {true, "why", "a.json 12\n", "some"}, t));
  ASSERT_OK_AND_ASSIGN(const TokenFile file, ReadTokenFile(Path()));
  EXPECT_TRUE(file.info.stand_in);
  EXPECT_EQ(file.info.note, "why");
  EXPECT_EQ(file.info.sources, "a.json 12\n");
  EXPECT_EQ(file.info.name, "some");
  EXPECT_EQ(file.digest.size(), 64u);
  EXPECT_EQ(file.tokens.vocabulary_size, t.vocabulary_size);
  EXPECT_EQ(file.tokens.end_of_text, t.end_of_text);
  EXPECT_EQ(file.tokens.tokens, t.tokens);
  EXPECT_EQ(file.tokens.offsets, t.offsets);
  EXPECT_EQ(file.tokens.prompt_lengths, t.prompt_lengths);
  EXPECT_EQ(file.tokens.Example(1), absl::MakeConstSpan({7, t.end_of_text}));
}

// 16 bits, the most of 16 bits, 32 bits.
INSTANTIATE_TEST_SUITE_P(Vocabularies, TokenFileRoundTrip,
                         testing::Values(257, 65536, 65537));

// Example by example, with an odd number of tokens beyond what is written at
// one time: the same bytes.
TEST_P(TokenFileRoundTrip, ExampleByExampleIsTheSameFile) {
  InstructionTokens t = Small(GetParam());
  for (int i = 0; i < 3; ++i) {
    t.tokens.insert(t.tokens.end(), 700001, i + 1);
    t.offsets.push_back(static_cast<int64_t>(t.tokens.size()));
    t.prompt_lengths.push_back(0);
  }
  const TokenFileInfo info = {false, "why", "a.txt 12\n", "some"};
  ASSERT_OK(WriteTokenFile(Path(), info, t));
  ASSERT_OK_AND_ASSIGN(const std::string at_once, ReadFile(Path()));
  const std::string path = Path() + "_piecewise";
  std::filesystem::remove(path);
  ASSERT_OK_AND_ASSIGN(
      TokenFileWriter writer,
      TokenFileWriter::Open(path, t.vocabulary_size, t.end_of_text));
  for (int64_t i = 0; i < t.examples(); ++i) {
    ASSERT_OK(writer.Append(t.Example(i), t.prompt_lengths[i]));
  }
  EXPECT_EQ(writer.examples(), 6);
  EXPECT_EQ(writer.tokens(), 2100011);
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_OK(writer.Commit(info));
  ASSERT_OK_AND_ASSIGN(const std::string piecewise, ReadFile(path));
  EXPECT_TRUE(piecewise == at_once);
}

TEST(TokenFileName, IsThatOfTheFileWithoutFolderAndSuffix) {
  EXPECT_EQ(TokenFileName("some.folder/alpaca_tokens.bin"), "alpaca_tokens");
  EXPECT_EQ(TokenFileName("alpaca.joint.bin"), "alpaca.joint");
  EXPECT_EQ(TokenFileName("a.b/tokens"), "tokens");
}

TEST(TokenFileWriter, WithoutCommitNothingIsLeft) {
  const std::string folder = testing::TempDir() + "/abandoned_tokens";
  std::filesystem::create_directories(folder);
  {
    ASSERT_OK_AND_ASSIGN(TokenFileWriter writer,
                         TokenFileWriter::Open(folder + "/t", 300, 299));
    ASSERT_OK(writer.Append({1, 2, 299}, 0));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  EXPECT_EQ(
      TokenFileWriter::Open(folder + "/no/t", 300, 299).status().code(),
      absl::StatusCode::kNotFound);
}

// What is there already, under whatever name, is somebody's.
TEST(TokenFileWriter, WritesNothingButTheFile) {
  const std::filesystem::path folder = testing::TempDir() + "/beside_tokens";
  std::filesystem::create_directories(folder);
  ASSERT_OK(WriteFileAtomically(folder / "t.unfinished", "mine"));
  for (const std::string& path : {(folder / "t").string(),
                                  std::string("/dev/null")}) {
    ASSERT_OK_AND_ASSIGN(TokenFileWriter writer,
                         TokenFileWriter::Open(path, 300, 299));
    ASSERT_OK(writer.Append({1, 2, 299}, 0));
    ASSERT_OK(writer.Commit({}));
  }
  EXPECT_EQ(ReadFile(folder / "t.unfinished").value(), "mine");
  EXPECT_OK(ReadTokenFile(folder / "t").status());
}

TEST(TokenFileWriter, FullDeviceLeavesNothing) {
  const std::string folder = testing::TempDir() + "/full_device";
  std::filesystem::create_directories(folder);
  {
    const FileSizeLimit limit(1000);
    ASSERT_OK_AND_ASSIGN(TokenFileWriter writer,
                         TokenFileWriter::Open(folder + "/t", 300, 299));
    ASSERT_OK(writer.Append(std::vector<int32_t>(501, 1), 0));
    EXPECT_EQ(writer.Commit({}).code(), absl::StatusCode::kResourceExhausted);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

std::string ErrorOf(const InstructionTokens& t,
                    void (*spoil)(std::string* contents) = nullptr) {
  EXPECT_TRUE(WriteTokenFile(Path(), {}, t).ok());
  std::string contents = *ReadFile(Path());
  if (spoil != nullptr) spoil(&contents);
  EXPECT_TRUE(WriteFileAtomically(Path(), contents).ok());
  const auto file = ReadTokenFile(Path());
  if (file.ok()) return "OK";
  EXPECT_EQ(file.status().code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(file.status().message()), HasSubstr(Path() + ": "));
  return std::string(file.status().message());
}

TEST(BadTokenFile, Truncated) {
  EXPECT_THAT(ErrorOf(Small(300), [](std::string* s) { s->pop_back(); }),
              HasSubstr("truncated?"));
  EXPECT_THAT(ErrorOf(Small(300), [](std::string* s) { s->resize(50); }),
              HasSubstr("too short"));
  EXPECT_THAT(ErrorOf(Small(300), [](std::string* s) { s->clear(); }),
              HasSubstr("too short"));
}

TEST(BadTokenFile, EveryByteIsUnderTheChecksum) {
  const InstructionTokens t = Small(300);
  ASSERT_OK(WriteTokenFile(Path(), {false, "n", "s"}, t));
  ASSERT_OK_AND_ASSIGN(const std::string contents, ReadFile(Path()));
  for (size_t i = 0; i < contents.size(); ++i) {
    std::string spoilt = contents;
    spoilt[i] ^= 1;
    ASSERT_OK(WriteFileAtomically(Path(), spoilt));
    EXPECT_FALSE(ReadTokenFile(Path()).ok()) << "byte " << i;
  }
  EXPECT_THAT(ErrorOf(t, [](std::string* s) { s->back() ^= 1; }),
              HasSubstr("wrong checksum"));
}

TEST(BadTokenFile, AnotherFormat) {
  EXPECT_THAT(ErrorOf(Small(300), [](std::string* s) { (*s)[7] = '1'; }),
              HasSubstr("another version"));
  // The highest byte of the number of examples.
  EXPECT_THAT(ErrorOf(Small(300), [](std::string* s) { (*s)[87] = 1; }),
              HasSubstr("impossible size"));
}

TEST(BadTokenFile, TokenOutOfRange) {
  InstructionTokens t = Small(300);
  t.tokens[3] = 300;
  EXPECT_THAT(ErrorOf(t),
              HasSubstr("token 3 has the id 300 in a vocabulary of 300"));
  t = Small(70000);
  t.tokens[4] = -1;
  EXPECT_THAT(ErrorOf(t), HasSubstr("token 4 has the id -1"));
  t = Small(300);
  t.end_of_text = 300;
  EXPECT_THAT(ErrorOf(t), HasSubstr("end-of-text lies outside"));
}

TEST(BadTokenFile, Offsets) {
  InstructionTokens t = Small(300);
  t.offsets = {0, 5, 3, 8};
  EXPECT_THAT(ErrorOf(t), HasSubstr("example 1 ends before it begins"));
  t.offsets = {0, 3, 3, 8};
  EXPECT_THAT(ErrorOf(t), HasSubstr("example 1 is empty"));
  t.offsets = {1, 3, 5, 8};
  EXPECT_THAT(ErrorOf(t), HasSubstr("do not span"));
  t.offsets = {0, 3, 5, 9};
  EXPECT_THAT(ErrorOf(t), HasSubstr("do not span"));
}

TEST(BadTokenFile, PromptsAndNoExamples) {
  InstructionTokens t = Small(300);
  t.prompt_lengths[1] = 3;
  EXPECT_THAT(ErrorOf(t), HasSubstr("example 1 has a prompt longer"));
  t.prompt_lengths[1] = -1;
  EXPECT_THAT(ErrorOf(t), HasSubstr("example 1 has a prompt longer"));
  InstructionTokens none;
  none.vocabulary_size = 257;
  EXPECT_THAT(ErrorOf(none), HasSubstr("has no examples"));
}

TEST(BadTokenFile, Missing) {
  EXPECT_EQ(ReadTokenFile(testing::TempDir() + "/none").status().code(),
            absl::StatusCode::kNotFound);
}

// Magic number, checksum and header, then offsets, prompts' lengths, and tokens of
// two bytes where there are at most 2^16 ids.
TEST(TokenFile, TokensAreAsShortAsTheirIdsAllow) {
  ASSERT_OK(WriteTokenFile(Path(), {}, Small(65536)));
  EXPECT_EQ(ReadFile(Path())->size(), 8 + 64 + 40 + 4 * 8 + 3 * 4 + 8 * 2);
  ASSERT_OK(WriteTokenFile(Path(), {}, Small(65537)));
  EXPECT_EQ(ReadFile(Path())->size(), 8 + 64 + 40 + 4 * 8 + 3 * 4 + 8 * 4);
}

TEST(BadTokenFile, EveryTokenAndEveryExampleIsLookedAt) {
  for (size_t i = 0; i < 8; ++i) {
    InstructionTokens t = Small(300);
    t.tokens[i] = 300;
    EXPECT_THAT(ErrorOf(t), HasSubstr(absl::StrCat("token ", i, " has")));
  }
  for (size_t i = 0; i < 3; ++i) {
    InstructionTokens t = Small(300);
    t.prompt_lengths[i] = 4;
    EXPECT_THAT(ErrorOf(t), HasSubstr(absl::StrCat("example ", i, " has")));
  }
}

}  // namespace
}  // namespace anisograd
