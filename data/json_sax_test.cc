#include "data/json_sax.h"

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

// Writes down an object of strings and integers.
class Recorder : public JsonHandler {
 public:
  std::string seen;

  absl::Status StartObject() override { return Add("{"); }
  absl::Status Key(std::string key) override {
    return Add(absl::StrCat(key, ":"));
  }
  absl::Status EndObject() override { return Add("}"); }
  absl::Status String(std::string value) override {
    return Add(absl::StrCat("'", value, "' "));
  }
  absl::Status Integer(int64_t value) override {
    return Add(absl::StrCat(value, " "));
  }

 private:
  absl::Status Add(const std::string& part) {
    seen += part;
    return absl::OkStatus();
  }
};

std::string ErrorOf(const std::string& text) {
  Recorder recorder;
  const absl::Status status = ParseJson(text, "f.json", &recorder);
  return status.ok() ? "OK" : std::string(status.message());
}

TEST(ParseJson, TellsThePartsInOrder) {
  Recorder recorder;
  ASSERT_OK(ParseJson("{\"a\": -3, \"b\": {\"\\u00e9\": \"\\n\"}}\n", "f",
                      &recorder));
  EXPECT_EQ(recorder.seen, "{a:-3 b:{\xc3\xa9:'\n' }}");
}

TEST(ParseJson, WhatTheHandlerDoesNotTakeIsRefusedWithItsLine) {
  EXPECT_EQ(ErrorOf("{\n\"a\": [1]}"),
            "f.json:2: an array does not belong here");
  EXPECT_EQ(ErrorOf("{\"a\":\n1.5\n}"),
            "f.json:2: a fraction does not belong here");
  EXPECT_EQ(ErrorOf("{\"a\": null}"), "f.json:1: null does not belong here");
  EXPECT_EQ(ErrorOf("{\"a\": true}"), "f.json:1: true does not belong here");
  EXPECT_EQ(ErrorOf("{\"a\": 9223372036854775808}"),
            "f.json:1: a number above 2^63 - 1 does not belong here");
}

TEST(ParseJson, MalformedTextNamesTheLine) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("f.json:1: malformed JSON: "));
  EXPECT_THAT(ErrorOf("{\n\n\"a\" 1}"), HasSubstr("f.json:3: malformed JSON"));
  EXPECT_THAT(ErrorOf("{\"a\": 1}\n{"), HasSubstr("f.json:2: malformed JSON"));
  EXPECT_THAT(ErrorOf("{\"a\": 1"), HasSubstr("unexpected end of input"));
  EXPECT_THAT(ErrorOf("{\"a\": 1e999}"), HasSubstr("malformed JSON: number"));
  EXPECT_THAT(ErrorOf("{\"\\ud800\": 1}"), HasSubstr("surrogate"));
}

TEST(ParseJson, NulIsNotTheEndOfTheText) {
  EXPECT_EQ(ErrorOf(std::string("{}\n\0 {", 6)),
            "f.json:2: malformed JSON: a NUL byte");
  EXPECT_THAT(ErrorOf(std::string("{\0}", 3)), HasSubstr("malformed JSON: "));
}

TEST(ParseJson, TextThatIsNotUtf8) {
  const std::string error = ErrorOf("{\n\"a\": \"secret\xff\"}");
  EXPECT_THAT(error, MatchesRegex("f.json:2: malformed JSON:.*UTF-8.*"));
  // The offending text, which may be long and binary, is not echoed.
  EXPECT_THAT(error, Not(HasSubstr("secret")));
}

TEST(ParseJson, DeepNestingDoesNotExhaustTheStack) {
  EXPECT_THAT(ErrorOf(std::string(1000000, '{')), HasSubstr("malformed"));
  std::string deep;
  for (int i = 0; i < 100000; ++i) deep += "{\"a\":";
  EXPECT_THAT(ErrorOf(deep), HasSubstr("unexpected end of input"));
}

}  // namespace
}  // namespace anisograd
