#include "figures/plot_data.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PlotSchema Schema() {
  return *ParsePlotSchema({"method:text", "rate:number"},
                          {"step:integer", "loss:number"});
}

constexpr char kHeader[] = "method,rate,step,loss\n";

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<PlotData> data = ParsePlotData(text, Schema(), "f.csv");
  EXPECT_EQ(data.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(data.status().message());
}

TEST(ParsePlotSchemaTest, RefusesUnknownTypesAndTextPoints) {
  EXPECT_FALSE(ParsePlotSchema({"method"}, {}).ok());
  EXPECT_FALSE(ParsePlotSchema({"method:word"}, {}).ok());
  EXPECT_FALSE(ParsePlotSchema({}, {"method:text"}).ok());
}

TEST(ParsePlotDataTest, GroupsLinesByCurveInOrderOfAppearance) {
  ASSERT_OK_AND_ASSIGN(const PlotData data,
                       ParsePlotData("# caption: C\n"
                                     "# note: first\n"
                                     "# note: second\n"
                                     "step,method,loss,rate\n"  // any order
                                     "1,SGD,5.5,0.1\n"
                                     "1,AdaGrad,5e0,1e-3\n"
                                     "2,SGD,-4,0.1\n",
                                     Schema(), "f.csv"));
  EXPECT_EQ(data.caption, "C");
  EXPECT_THAT(data.notes, ElementsAre("first", "second"));
  ASSERT_EQ(data.curves.size(), 2);
  EXPECT_THAT(data.curves[0].labels, ElementsAre("SGD", "0.1"));
  EXPECT_THAT(data.curves[0].points,
              ElementsAre(ElementsAre("1", "5.5"), ElementsAre("2", "-4")));
  EXPECT_THAT(data.curves[1].labels, ElementsAre("AdaGrad", "1e-3"));
  EXPECT_THAT(data.curves[1].points, ElementsAre(ElementsAre("1", "5e0")));
}

TEST(ParsePlotDataTest, LastLineMayLackItsEnd) {
  EXPECT_OK(ParsePlotData(absl::StrCat(kHeader, "SGD,1,2,3"), Schema(), "f")
                .status());
}

TEST(ParsePlotDataTest, BadHeader) {
  EXPECT_EQ(ErrorOf("method,rate,step\nSGD,1,2\n"),
            "f.csv:1: header: no column \"loss\"");
  EXPECT_EQ(ErrorOf("method,rate,step,loss,epoch\n"),
            "f.csv:1: header: unknown column \"epoch\"");
  EXPECT_EQ(ErrorOf("method,rate,step,loss,loss\n"),
            "f.csv:1: header: column \"loss\" twice");
  EXPECT_EQ(ErrorOf(""), "f.csv:1: header: no column \"method\"");
}

TEST(ParsePlotDataTest, NoHeader) {
  EXPECT_EQ(ErrorOf("# note: n"), "f.csv:1: the file ends without a header");
}

TEST(ParsePlotDataTest, BadComment) {
  EXPECT_THAT(ErrorOf("# remark\n"), HasSubstr("f.csv:1: want \"# note: ..."));
  EXPECT_THAT(ErrorOf("# caption: a\n# caption: b\n"), HasSubstr("f.csv:2: "));
}

TEST(ParsePlotDataTest, BadFields) {
  const auto error_of_line = [](const std::string& line) {
    return ErrorOf(absl::StrCat(kHeader, "SGD,1,2,3\n", line, "\n"));
  };
  EXPECT_EQ(error_of_line("SGD,1,2"), "f.csv:3: 3 fields, the header has 4");
  EXPECT_EQ(error_of_line(""), "f.csv:3: 1 fields, the header has 4");
  EXPECT_EQ(error_of_line(",1,2,3"),
            "f.csv:3: method: want a text, have \"\"");
  EXPECT_EQ(error_of_line("SGD,1,2.5,3"),
            "f.csv:3: step: want an integer, have \"2.5\"");
  for (const char* loss : {"", "x", "nan", "inf", "1e999", " 3", "0x3", "3;"}) {
    EXPECT_EQ(error_of_line(absl::StrCat("SGD,1,2,", loss)),
              absl::StrCat("f.csv:3: loss: want a finite number, have \"", loss,
                           "\""));
  }
  EXPECT_EQ(error_of_line("SGD,1,2,3\r"),
            "f.csv:3: character 0x0d is not printable ASCII");
  EXPECT_EQ(error_of_line("\xc3\xa9,1,2,3"),
            "f.csv:3: character 0xc3 is not printable ASCII");
}

TEST(GnuplotDefinitionsTest, DefinesCurvesColumnsNotesAndPoints) {
  ASSERT_OK_AND_ASSIGN(const PlotData data,
                       ParsePlotData(absl::StrCat("# note: one two three\n",
                                                  kHeader,
                                                  "SGD,1,2,3\n"
                                                  "Adam,0.5,4,5\n"
                                                  "SGD,1,6,7\n"),
                                     Schema(), "f.csv"));
  EXPECT_EQ(GnuplotDefinitions(Schema(), data, 7),
            "curves = 2\n"
            "array curve_method[2] = [\"SGD\", \"Adam\"]\n"
            "values_method = 2\n"
            "array value_method[2] = [\"SGD\", \"Adam\"]\n"
            "array which_method[2] = [1, 2]\n"
            "array curve_rate[2] = [1.0*(1), 1.0*(0.5)]\n"
            "values_rate = 2\n"
            "array value_rate[2] = [1.0*(1), 1.0*(0.5)]\n"
            "array which_rate[2] = [1, 2]\n"
            "col_step = 1\n"
            "col_loss = 2\n"
            "note_lines = 2\n"
            "array notes[2] = [\"one two\", \"three\"]\n"
            "$data << END\n"
            "2 3\n"
            "6 7\n"
            "\n\n"
            "4 5\n"
            "END\n");
}

TEST(GnuplotDefinitionsTest, DistinctValuesInTheOrderOfTheCurves) {
  ASSERT_OK_AND_ASSIGN(const PlotData data,
                       ParsePlotData(absl::StrCat(kHeader,
                                                  "SGD,1,2,3\n"
                                                  "SGD,2,2,3\n"
                                                  "Adam,1,4,5\n"),
                                     Schema(), "f.csv"));
  const std::string text = GnuplotDefinitions(Schema(), data, 80);
  EXPECT_THAT(text, HasSubstr("array value_method[2] = [\"SGD\", \"Adam\"]\n"
                              "array which_method[3] = [1, 1, 2]\n"));
  EXPECT_THAT(text, HasSubstr("values_rate = 2\n"));
}

TEST(GnuplotDefinitionsTest, TextCannotLeaveItsString) {
  ASSERT_OK_AND_ASSIGN(
      const PlotData data,
      ParsePlotData(absl::StrCat(kHeader, "`a`\"\\,1,2,3\n"), Schema(), "f"));
  EXPECT_THAT(GnuplotDefinitions(Schema(), data, 80),
              HasSubstr("[\"\\140a\\140\\042\\134\"]"));
}

// What style.gp needs to say that there is nothing.
TEST(GnuplotDefinitionsTest, NoPoints) {
  ASSERT_OK_AND_ASSIGN(
      const PlotData data,
      ParsePlotData(absl::StrCat("# note: why\n", kHeader), Schema(), "f.csv"));
  EXPECT_EQ(GnuplotDefinitions(Schema(), data, 80),
            "curves = 0\n"
            "values_method = 0\n"
            "values_rate = 0\n"
            "col_step = 1\n"
            "col_loss = 2\n"
            "note_lines = 1\n"
            "array notes[1] = [\"why\"]\n"
            "$data << END\n"
            "END\n");
  EXPECT_EQ(DescribeFigure("T", data),
            "T\nThere is no point to draw.\nNote: why\n");
}

TEST(DescribeFigureTest, TitleCaptionAndNotes) {
  PlotData data;
  data.curves.emplace_back();
  data.caption = "C";
  data.notes = {"a", "b"};
  EXPECT_EQ(DescribeFigure("T", data), "T\nC\nNote: a\nNote: b\n");
}

}  // namespace
}  // namespace anisograd
