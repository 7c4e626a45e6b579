#include "data/bpe_pretokenizer.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> Pieces(const std::string& text) {
  std::vector<absl::string_view> pieces;
  const absl::Status status = BpePretokenizer().Split(text, &pieces);
  EXPECT_TRUE(status.ok()) << status;
  std::vector<std::string> out;
  for (const absl::string_view piece : pieces) out.emplace_back(piece);
  EXPECT_EQ(absl::StrJoin(out, ""), text);
  return out;
}

TEST(BpePretokenizer, WordsTakeTheirLeadingSpace) {
  EXPECT_THAT(Pieces("Hello world, it's 42nd!"),
              ElementsAre("Hello", " world", ",", " it", "'s", " 42", "nd",
                          "!"));
  EXPECT_THAT(Pieces("They'll we've I'm he'd 'Tis CAN'T"),
              ElementsAre("They", "'ll", " we", "'ve", " I", "'m", " he", "'d",
                          " '", "Tis", " CAN", "'", "T"));
}

TEST(BpePretokenizer, TheLastOfSeveralSpacesBelongsToTheWord) {
  EXPECT_THAT(Pieces("a  b"), ElementsAre("a", " ", " b"));
  EXPECT_THAT(Pieces("a \n\n b  "), ElementsAre("a", " \n\n", " b", "  "));
  EXPECT_THAT(Pieces("a\nb"), ElementsAre("a", "\n", "b"));
}

TEST(BpePretokenizer, ClassesAreUnicodes) {
  // Letters of two scripts, a Roman numeral (N), CJK, an ideographic space.
  EXPECT_THAT(Pieces("naïve Ж \u2167 漢字\u3000字"),
              ElementsAre("naïve", " Ж", " \u2167", " 漢字", "\u3000", "字"));
  // A combining mark is no letter: e + U+0301.
  EXPECT_THAT(Pieces("e\u0301a"), ElementsAre("e", "\u0301", "a"));
  // U+180E and U+200B are not white space, U+0085 and U+00A0 are.
  EXPECT_THAT(Pieces("!\u180e!\u200b"), ElementsAre("!\u180e!\u200b"));
  EXPECT_THAT(Pieces("!\u0085!\u00a0!"),
              ElementsAre("!", "\u0085", "!", "\u00a0", "!"));
  EXPECT_THAT(Pieces(" \U0001F600\U0001F680"),
              ElementsAre(" \U0001F600\U0001F680"));
}

TEST(BpePretokenizer, EmptyTextAndZeroBytes) {
  EXPECT_THAT(Pieces(""), ElementsAre());
  EXPECT_THAT(Pieces(std::string("a\0b", 3)),
              ElementsAre("a", std::string("\0", 1), "b"));
}

TEST(BpePretokenizer, LongRunsOfSpace) {
  const std::string spaces(1000000, ' ');
  EXPECT_THAT(Pieces(spaces + "a"),
              ElementsAre(spaces.substr(1), " a"));
}

TEST(BpePretokenizer, TextThatIsNotUtf8) {
  for (const char* bad : {"\xff", "\xc3", "\xc0\x80", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80"}) {
    std::vector<absl::string_view> pieces;
    const std::string text = absl::StrCat("ab ", bad);
    const absl::Status status = BpePretokenizer().Split(text, &pieces);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("at byte 3"));
  }
}

}  // namespace
}  // namespace anisograd
