#include "data/text_documents.h"

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

std::string Path() { return testing::TempDir() + "/text.txt"; }

// The documents of a text with the lines that they begin in.
std::vector<std::pair<int64_t, std::string>> Documents(
    const std::string& contents) {
  EXPECT_OK(WriteFileAtomically(Path(), contents));
  std::vector<std::pair<int64_t, std::string>> documents;
  auto text = TextDocuments::Open(Path());
  EXPECT_OK(text.status());
  std::string document;
  while (true) {
    const auto more = text->Next(&document);
    EXPECT_OK(more.status());
    if (!more.ok() || !*more) break;
    documents.emplace_back(text->first_line(), document);
  }
  EXPECT_EQ(document, "");
  EXPECT_EQ(text->sha256(), Sha256Hex(contents));
  // The end stays the end.
  EXPECT_FALSE(text->Next(&document).value());
  return documents;
}

TEST(TextDocuments, SeparatedByALine) {
  EXPECT_THAT(Documents("one\ntwo\n<|endoftext|>\nthree\n<|endoftext|>\n"),
              ElementsAre(Pair(1, "one\ntwo"), Pair(4, "three")));
}

TEST(TextDocuments, TheLastSeparatorAndLineEndMayBeMissing) {
  EXPECT_THAT(Documents("one\n<|endoftext|>\ntwo\n"),
              ElementsAre(Pair(1, "one"), Pair(3, "two")));
  EXPECT_THAT(Documents("one\n<|endoftext|>\ntwo"),
              ElementsAre(Pair(1, "one"), Pair(3, "two")));
  EXPECT_THAT(Documents("one\n<|endoftext|>"), ElementsAre(Pair(1, "one")));
}

TEST(TextDocuments, ASeparatorWithinALineIsText) {
  EXPECT_THAT(Documents("a <|endoftext|>\n<|endoftext|> \n<|endoftext|>\nb"),
              ElementsAre(Pair(1, "a <|endoftext|>\n<|endoftext|> "),
                          Pair(4, "b")));
}

TEST(TextDocuments, BlankLinesAndBlanksAreText) {
  EXPECT_THAT(Documents("\n a \n\n<|endoftext|>\n \n<|endoftext|>\n"),
              ElementsAre(Pair(1, "\n a \n"), Pair(5, " ")));
}

TEST(TextDocuments, WithoutTextThereIsNone) {
  EXPECT_THAT(Documents(""), IsEmpty());
  EXPECT_THAT(Documents("\n"), IsEmpty());
  EXPECT_THAT(Documents("<|endoftext|>\n<|endoftext|>\n"), IsEmpty());
  EXPECT_THAT(Documents("<|endoftext|>\n\xEF\xBB\xBF\n<|endoftext|>\na"),
              ElementsAre(Pair(4, "a")));
}

TEST(TextDocuments, LineEndsAndByteOrderMarks) {
  EXPECT_THAT(
      Documents("\xEF\xBB\xBF" "a\r\nb\rc\r\n<|endoftext|>\r\n"
                "\xEF\xBB\xBF" "d\xEF\xBB\xBF\n<|endoftext|>\n"),
      ElementsAre(Pair(1, "a\nb\rc"), Pair(4, "d\xEF\xBB\xBF")));
}

// Lines, separators and CR LF that lie across the blocks of 1 MiB in which the
// file is read.
TEST(TextDocuments, BlocksLeaveNoTrace) {
  for (const int shift : {0, 1, 2, 5, 13, 14, 15, 16}) {
    const std::string before((1 << 20) - shift, 'x');
    EXPECT_THAT(Documents(before + "\r\n<|endoftext|>\r\ny"),
                ElementsAre(Pair(1, before), Pair(3, "y")))
        << shift;
  }
  const std::string three_blocks(3 << 20, 'x');
  EXPECT_THAT(Documents(three_blocks), ElementsAre(Pair(1, three_blocks)));
}

TEST(TextDocuments, ADocumentTooLongIsNamedByItsFirstLine) {
  ASSERT_OK(WriteFileAtomically(Path(), "abcd\n<|endoftext|>\nabcd\nabcd\n"));
  ASSERT_OK_AND_ASSIGN(TextDocuments text, TextDocuments::Open(Path(), 8));
  std::string document;
  // Not even the separator fits in fewer than 18.
  EXPECT_EQ(text.Next(&document).status().message(),
            Path() + ":1: the document that begins here exceeds 8 bytes; is a "
                     "line <|endoftext|> missing?");
  ASSERT_OK_AND_ASSIGN(TextDocuments longer, TextDocuments::Open(Path(), 18));
  EXPECT_TRUE(longer.Next(&document).value());
  EXPECT_TRUE(longer.Next(&document).value());
  EXPECT_EQ(document, "abcd\nabcd");
  ASSERT_OK(WriteFileAtomically(Path(), absl::StrCat("a\n<|endoftext|>\n",
                                                     std::string(19, 'b'))));
  ASSERT_OK_AND_ASSIGN(TextDocuments second, TextDocuments::Open(Path(), 18));
  EXPECT_TRUE(second.Next(&document).value());
  const absl::Status status = second.Next(&document).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith(Path() + ":3: "));
}

TEST(TextDocuments, WhatIsNoTextIsNamed) {
  for (const auto& [bytes, reason] :
       {std::pair<const char*, const char*>{"\x1F\x8B\x08", "is gzip-compressed"},
        {"\xFD" "7zXZ\0", "is xz-compressed"},
        {"BZh91AY&SY...", "is bzip2-compressed"},
        {"\xFF\xFEt", "is no UTF-8 text but UTF-16"}}) {
    const size_t size = bytes[0] == '\xFD' ? 6 : std::strlen(bytes);
    ASSERT_OK(WriteFileAtomically(Path(), std::string(bytes, size)));
    ASSERT_OK_AND_ASSIGN(TextDocuments text, TextDocuments::Open(Path()));
    std::string document;
    EXPECT_THAT(std::string(text.Next(&document).status().message()),
                testing::StartsWith(Path() + ": " + reason));
  }
}

TEST(TextDocuments, WhatCannotBeReadIsNamed) {
  const absl::Status missing = TextDocuments::Open("/nowhere/x").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()),
              testing::StartsWith("/nowhere/x: cannot open: "));
  ASSERT_OK_AND_ASSIGN(TextDocuments folder,
                       TextDocuments::Open(testing::TempDir()));
  std::string document;
  const absl::Status status = folder.Next(&document).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()),
              testing::StartsWith(testing::TempDir() + ": cannot read: "));
}

}  // namespace
}  // namespace anisograd
