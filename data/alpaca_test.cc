#include "data/alpaca.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

TEST(ParseAlpaca, ReadsRecordsWhateverTheOrderOfFields) {
  ASSERT_OK_AND_ASSIGN(
      const std::vector<InstructionExample> examples,
      ParseAlpaca(
          R"([{"instruction": "Add.", "input": "1 \u00e9\n", "output": "2"},
              {"output": "", "input": "", "instruction": "Go."}])",
          "f"));
  ASSERT_EQ(examples.size(), 2u);
  EXPECT_EQ(examples[0].instruction, "Add.");
  EXPECT_EQ(examples[0].input, "1 \xc3\xa9\n");
  EXPECT_EQ(examples[0].output, "2");
  EXPECT_EQ(examples[1].instruction, "Go.");
  EXPECT_EQ(examples[1].input, "");
  EXPECT_EQ(examples[1].output, "");
}

// The error for a file whose second record, on line 3, is `record`.
std::string ErrorOf(const std::string& record) {
  const auto result = ParseAlpaca(
      absl::StrCat("[\n{\"instruction\":\"a\",\"input\":\"\",\"output\":\"\"},",
                   "\n", record, "\n]"),
      "f.json");
  return result.ok() ? "OK" : std::string(result.status().message());
}

TEST(BadAlpaca, MissingField) {
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "input": ""})"),
            "f.json:3: record 2, field \"output\": missing");
  EXPECT_EQ(ErrorOf("{}"),
            "f.json:3: record 2, field \"instruction\": missing");
}

TEST(BadAlpaca, WrongType) {
  const std::string must_be = "f.json:3: record 2, field \"input\": must be ";
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "input": 1, "output": ""})"),
            must_be + "a string, not a number");
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "input": null, "output": ""})"),
            must_be + "a string, not null");
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "input": [""], "output": ""})"),
            must_be + "a string, not an array");
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "input": {}, "output": ""})"),
            must_be + "a string, not an object");
  EXPECT_EQ(ErrorOf("\"a\""),
            "f.json:3: record 2: must be an object, not a string");
}

TEST(BadAlpaca, UnknownRepeatedAndEmptyFields) {
  EXPECT_EQ(ErrorOf(R"({"instruction": "a", "text": ""})"),
            "f.json:3: record 2, field \"text\": unknown field");
  EXPECT_EQ(ErrorOf(R"({"input": "a", "input": ""})"),
            "f.json:3: record 2, field \"input\": appears twice");
  EXPECT_EQ(ErrorOf(R"({"instruction": "", "input": "", "output": "a"})"),
            "f.json:3: record 2, field \"instruction\": must not be empty");
}

TEST(BadAlpaca, MalformedOrNotUtf8) {
  EXPECT_THAT(ErrorOf(R"({"instruction": "a", "input": "", "output": "")"),
              HasSubstr("f.json:4: malformed JSON"));
  EXPECT_THAT(ErrorOf("{\"instruction\": \"\xc3(\"}"),
              HasSubstr("f.json:3: malformed JSON"));
}

TEST(BadAlpaca, NotAnArrayOfRecords) {
  const auto error_of = [](const std::string& json) {
    return std::string(ParseAlpaca(json, "f").status().message());
  };
  EXPECT_EQ(error_of("[]"), "f:1: must hold at least one record");
  EXPECT_EQ(error_of("{}"), "f:1: must be an array of records, not an object");
  EXPECT_EQ(error_of("[[]]"), "f:1: record 1: must be an object, not an array");
  EXPECT_THAT(error_of(""), HasSubstr("malformed JSON"));
}

}  // namespace
}  // namespace anisograd
