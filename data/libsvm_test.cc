#include "data/libsvm.h"

#include <cstdint>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

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
  EXPECT_THAT(ErrorOf("+1 1:1\n", options), HasSubstr("f:1: label \"+1\""));
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
  for (const char* bad : {"x", "nan", "NaN", "inf", "-inf", "1e999", "1.2.3",
                          "", "1,5", "0x10", "--1", "1e", "+-1", "."}) {
    EXPECT_THAT(ErrorOf(absl::StrCat("+1 1:1\n-1 2:", bad, " 3:1\n")),
                HasSubstr("f:2: "))
        << bad;
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
              HasSubstr("f:2: label \"3\" is not in the declared set"));
  EXPECT_THAT(ErrorOf("1:1 2:1\n"), HasSubstr("f:1: label"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("f: holds no rows"));
  EXPECT_THAT(ErrorOf("\n\n"), HasSubstr("f: holds no rows"));
  EXPECT_THAT(ErrorOf("+1 1:1\n\n-1 1:1\n"), HasSubstr("f:2: a blank line"));
  LibsvmOptions options = FiveFeatures();
  options.rows = 3;
  EXPECT_THAT(ErrorOf("+1 1:1\n", options),
              HasSubstr("holds 1 rows, but 3 are declared"));
  options.features = 0;
  EXPECT_THAT(ErrorOf("+1 1:1\n", options), HasSubstr("declared number"));
}

TEST(ParseLibsvm, ALongLineOfGarbageIsShownCutAndEscaped) {
  const std::string garbage(10 << 20, '\x01');
  const std::string error = ErrorOf(absl::StrCat("+1 1:1\n", garbage, "\n"));
  EXPECT_THAT(error, HasSubstr("f:2: label \"\\x01"));
  EXPECT_LT(error.size(), 400u);
}

}  // namespace
}  // namespace anisograd
