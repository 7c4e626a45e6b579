#include "data/libsvm.h"

#include <cmath>
#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

LibsvmOptions FiveFeatures() {
  LibsvmOptions options;
  options.file = "f";
  options.features = 5;
  return options;
}

std::string ErrorOf(absl::string_view text,
                    const LibsvmOptions& options = FiveFeatures()) {
  const auto result = ParseLibsvm(text, options);
  return result.ok() ? "OK" : std::string(result.status().message());
}

TEST(ParseLibsvm, ReadsRows) {
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm("+1 1:1 3:-2.5\n-1 5:1e-3\n1\n", FiveFeatures()));
  EXPECT_EQ(m.features, 5);
  EXPECT_THAT(m.label, ElementsAre(1, -1, 1));
  EXPECT_THAT(m.row_start, ElementsAre(0, 2, 3, 3));
  EXPECT_THAT(m.index, ElementsAre(0, 2, 4));
  EXPECT_THAT(m.value, ElementsAre(1.0, -2.5, 1e-3));
}

TEST(ParseLibsvm, AcceptsCarriageReturnsBlanksAndAMissingLastNewline) {
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm("+1 1:1 \r\n-1\t2:1  \t\r\n+1  3:1\n\n\n", FiveFeatures()));
  EXPECT_THAT(m.index, ElementsAre(0, 1, 2));
  ASSERT_OK_AND_ASSIGN(const CsrMatrix n,
                       ParseLibsvm("+1 1:1\n-1 2:1", FiveFeatures()));
  EXPECT_THAT(n.label, ElementsAre(1, -1));
}

TEST(ParseLibsvm, OtherLabelSets) {
  LibsvmOptions options = FiveFeatures();
  options.positive_labels = {"2"};
  options.negative_labels = {"1", "0"};
  ASSERT_OK_AND_ASSIGN(const CsrMatrix m,
                       ParseLibsvm("2 1:1\n1 1:1\n0 1:1\n", options));
  EXPECT_THAT(m.label, ElementsAre(1, -1, -1));
  EXPECT_THAT(ErrorOf("-1 1:1\n", options), HasSubstr("f:1: label \"-1\""));
}

TEST(ParseLibsvm, ValuesAreCorrectlyRounded) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int i = 0; i < 20000; ++i) {
    const uint64_t digits = stream.NextBelow(i % 2 ? 1000000 : ~uint64_t{0});
    std::string number = std::to_string(digits);
    const uint64_t point = stream.NextBelow(number.size() + 1);
    number.insert(point, ".");
    if (i % 3 == 0) number = absl::StrCat("-", number);
    if (i % 5 == 0) {
      number = absl::StrCat(
          number, "e", static_cast<int>(stream.NextBelow(200)) - 100);
    }
    ASSERT_OK_AND_ASSIGN(
        const CsrMatrix m,
        ParseLibsvm(absl::StrCat("1 1:", number), FiveFeatures()));
    EXPECT_EQ(m.value[0], std::stod(number)) << number;
  }
}

TEST(ParseLibsvm, RefusesBadNumbers) {
  for (const char* bad : {"x", "nan", "NaN", "inf", "-inf", "1.2.3", "", "1,5",
                          "0x10", "--1", "1e", "+-1", ".", "1e-400x"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("+1 1:1\n-1 2:", bad, " 3:1\n")),
                AllOf(HasSubstr("f:2: "),
                      HasSubstr("the value is not a finite number")))
        << bad;
  }
  for (const char* bad : {"1e999", "-1e309", "+2e308"}) {
    EXPECT_EQ(ErrorOf(absl::StrCat("+1 1:1\n-1 2:", bad, " 3:1\n")),
              absl::StrCat("f:2: \"2:", bad,
                           "\": the value is too large for a double"));
  }
  for (const char* bad : {":1", "a:1", "1", "1 2", "-1:1", "1.5:1", "1:"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("+1 ", bad, "\n")), HasSubstr("f:1: "))
        << bad;
  }
}

TEST(ParseLibsvm, RefusesBadIndices) {
  EXPECT_THAT(ErrorOf("+1 0:1\n"), HasSubstr("f:1: \"0:1\": indices count"));
  EXPECT_THAT(ErrorOf("+1 1:1\n+1 3:1 2:1\n"),
              HasSubstr("f:2: \"2:1\": decreasing index; the one before is 3"));
  EXPECT_THAT(ErrorOf("+1 3:1 3:1\n"), HasSubstr("repeated index"));
  EXPECT_THAT(ErrorOf("+1 6:1\n"), HasSubstr("above the 5 declared features"));
  EXPECT_THAT(ErrorOf("+1 99999999999999999999999999:1\n"),
              HasSubstr("above the 5 declared features"));
}

TEST(ParseLibsvm, RefusesBadLabelsAndShapes) {
  EXPECT_THAT(ErrorOf("+1 1:1\n3 1:1\n"),
              HasSubstr("f:2: label \"3\" is declared neither in "
                        "--positive_labels (+1,1) nor in --negative_labels "
                        "(-1 or 0)"));
  for (const char* label : {"1:1", "+-1", "++1", "-+1", "--1", "+"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat(label, " 2:1\n")), HasSubstr("f:1: label"))
        << label;
  }
  EXPECT_THAT(ErrorOf(""), HasSubstr("f: holds no rows"));
  EXPECT_THAT(ErrorOf("\n\n"), HasSubstr("f: holds no rows"));
  EXPECT_THAT(ErrorOf("+1 1:1\n\n-1 1:1\n"), HasSubstr("f:2: a blank line"));
  LibsvmOptions options = FiveFeatures();
  options.rows = 3;
  EXPECT_THAT(ErrorOf("+1 1:1\n", options),
              HasSubstr("holds 1 rows, but 3 are declared; cut short?"));
  options.features = 0;
  EXPECT_THAT(ErrorOf("+1 1:1\n", options), HasSubstr("declared number"));
}

TEST(ParseLibsvm, WhatUnderflowsIsRounded) {
  const std::string zeros(400, '0');
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm(absl::StrCat("+1 1:1e-400 2:-1e-400 3:4e-324 4:1e-310 5:0.",
                               zeros, "1\n"),
                  FiveFeatures()));
  EXPECT_THAT(m.value, ElementsAre(0.0, -0.0, 0x1p-1074, 1e-310, 0.0));
  EXPECT_TRUE(std::signbit(m.value[1]));
  EXPECT_THAT(m.index, ElementsAre(0, 1, 2, 3, 4));
}

TEST(ParseLibsvm, CommentsAreSkipped) {
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm("# made by hand: 1:1\n"
                  "+1 1:1 3:2 # 4:x\n"
                  "  # another line\n"
                  "-1#without a blank\n"
                  "-1 2:3#likewise # twice\r\n"
                  "1 4:2e1# slow\n\n# the end",
                  FiveFeatures()));
  EXPECT_THAT(m.label, ElementsAre(1, -1, -1, 1));
  EXPECT_THAT(m.row_start, ElementsAre(0, 2, 2, 3, 4));
  EXPECT_THAT(m.index, ElementsAre(0, 2, 1, 3));
  EXPECT_THAT(m.value, ElementsAre(1, 2, 3, 20));
  // What stands before a comment is not read less strictly.
  EXPECT_THAT(ErrorOf("+1 1:1\n+1 2:x# x\n"), HasSubstr("f:2: \"2:x\": "));
  EXPECT_THAT(ErrorOf("+1 2:1 2# x\n"), HasSubstr("\"2\" is not index:value"));
  EXPECT_THAT(ErrorOf("3# 1:1\n"), HasSubstr("f:1: label \"3\""));
  EXPECT_THAT(ErrorOf("+1 1:1\n\n# x\n+1\n"), HasSubstr("f:2: a blank line"));
  EXPECT_THAT(ErrorOf("# 1:1\n"), HasSubstr("f: holds no rows"));
}

TEST(ParseLibsvm, ByteOrderMarks) {
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm("\xEF\xBB\xBF+1 1:1\n-1 2:1\n", FiveFeatures()));
  EXPECT_THAT(m.label, ElementsAre(1, -1));
  // In the first place only.
  EXPECT_THAT(ErrorOf("+1 1:1\n\xEF\xBB\xBF-1 2:1\n"), HasSubstr("f:2: label"));
  EXPECT_THAT(ErrorOf("\xFF\xFE+"), HasSubstr("f: is no UTF-8 text"));
}

// Numbers stand for themselves, however they are written.
TEST(ParseLibsvm, LabelsAreComparedAsNumbers) {
  ASSERT_OK_AND_ASSIGN(
      const CsrMatrix m,
      ParseLibsvm("1.0 1:1\n+1.0 1:1\n1e0\n-1.0 1:1\n-1\n+1\n",
                  FiveFeatures()));
  EXPECT_THAT(m.label, ElementsAre(1, 1, 1, -1, -1, 1));
  LibsvmOptions options = FiveFeatures();
  options.positive_labels = {"2", "spam"};
  options.negative_labels = {"1.0", "ham"};
  ASSERT_OK_AND_ASSIGN(const CsrMatrix n,
                       ParseLibsvm("2.00\n1\nspam\nham\n", options));
  EXPECT_THAT(n.label, ElementsAre(1, -1, 1, -1));
  for (const char* bad : {"1.5", "nan", "--1", "++1", "+-1", "1x", "SPAM"}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("2\n", bad, "\n"), options),
                HasSubstr("neither in --positive_labels (2,spam) nor in "
                          "--negative_labels (1.0,ham)"))
        << bad;
  }
}

TEST(ParseLibsvm, TheOtherLabelIsMinusOneOrZeroButNotBoth) {
  ASSERT_OK_AND_ASSIGN(const CsrMatrix m,
                       ParseLibsvm("1\n0\n0.0\n", FiveFeatures()));
  EXPECT_THAT(m.label, ElementsAre(1, -1, -1));
  EXPECT_EQ(ErrorOf("1\n-1\n+1\n0\n"),
            "f:4: label \"0\", but line 2 has -1: more than two classes; "
            "--negative_labels says which are y = -1");
  LibsvmOptions options = FiveFeatures();
  options.negative_labels = {"-1", "0"};
  EXPECT_EQ(ErrorOf("1\n-1\n0\n", options), "OK");
  // Where 0 is declared to be y = +1, -1 is left.
  options = FiveFeatures();
  options.positive_labels = {"0"};
  ASSERT_OK_AND_ASSIGN(const CsrMatrix n, ParseLibsvm("0\n-1\n", options));
  EXPECT_THAT(n.label, ElementsAre(1, -1));
}

TEST(ParseLibsvm, RefusesLabelsThatMeanTwoThingsOrNone) {
  LibsvmOptions options = FiveFeatures();
  options.negative_labels = {"-1", "1.0"};
  EXPECT_EQ(ErrorOf("1\n", options),
            "--negative_labels: \"1.0\" is declared in --positive_labels too");
  options.negative_field = "negative_label";
  EXPECT_THAT(ErrorOf("1\n", options), HasSubstr("negative_label: \"1.0\""));
  options.negative_labels = {""};
  EXPECT_THAT(ErrorOf("1\n", options), HasSubstr("must not be empty"));
  options.positive_labels = {};
  EXPECT_THAT(ErrorOf("1\n", options), HasSubstr("give at least one"));
}

TEST(ParseLibsvm, RefusesMoreThanItsIndicesCanCount) {
  LibsvmOptions options = FiveFeatures();
  EXPECT_EQ(options.most_nonzeros, (int64_t{1} << 32) - 1);
  options.most_nonzeros = 3;
  EXPECT_EQ(ErrorOf("1 1:1 2:1\n-1 1:1\n", options), "OK");
  EXPECT_EQ(ErrorOf("1 1:1 2:1\n-1 1:1 2:1\n", options),
            "f:2: the file has more than 3 non-zeros");
  options = FiveFeatures();
  options.features = 4294967295;
  EXPECT_THAT(ErrorOf("1 1:1\n", options),
              HasSubstr("must be in 1 .. 4294967294, got 4294967295"));
  options.features = 4294967294;
  EXPECT_EQ(ErrorOf("1 1:1 4294967294:1\n", options), "OK");
}

// Exactly what is needed: neither moved when it grows nor reserved in vain.
TEST(ParseLibsvm, ReservesWhatItNeeds) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text += "+1 1:0.25 3:17 5:1\n";
  ASSERT_OK_AND_ASSIGN(const CsrMatrix m, ParseLibsvm(text, FiveFeatures()));
  EXPECT_EQ(m.value.size(), 3000u);
  EXPECT_EQ(m.value.capacity(), 3000u);
  EXPECT_EQ(m.index.capacity(), 3000u);
  EXPECT_EQ(m.label.capacity(), 1001u);
}

TEST(ParseLibsvm, ALongLineOfGarbageIsShownCutAndEscaped) {
  const std::string garbage(10 << 20, '\x01');
  const std::string error = ErrorOf(absl::StrCat("+1 1:1\n", garbage, "\n"));
  EXPECT_THAT(error, HasSubstr("f:2: label \"\\x01"));
  EXPECT_LT(error.size(), 400u);
}

}  // namespace
}  // namespace anisograd
