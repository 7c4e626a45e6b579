#include "data/safetensors_header.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

std::string ErrorOf(absl::string_view json, int64_t buffer_size) {
  const absl::Status status =
      ParseSafetensorsHeader(json, buffer_size, "f").status();
  if (status.ok()) return "OK";
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("\n")));
  return std::string(status.message());
}

// The error of a file with one tensor "a", which has these fields.
std::string ErrorOfTensor(absl::string_view fields, int64_t buffer_size) {
  return ErrorOf(absl::StrCat("{\"a\": {", fields, "}}"), buffer_size);
}

std::vector<std::string> Names(const SafetensorsHeader& header) {
  std::vector<std::string> names;
  for (const SafetensorsTensor& tensor : header.tensors) {
    names.push_back(tensor.name);
  }
  return names;
}

TEST(SafetensorsHeader, TensorsInTheOrderOfTheirBytes) {
  ASSERT_OK_AND_ASSIGN(
      const SafetensorsHeader header,
      ParseSafetensorsHeader(
          "{\"__metadata__\": {\"format\": \"pt\", \"\": \"\\n\"},"
          "\"b\": {\"shape\": [2, 3], \"data_offsets\": [2, 26],"
          " \"dtype\": \"F32\"},"
          "\"a\": {\"dtype\": \"BF16\", \"shape\": [],"
          " \"data_offsets\": [0, 2]}}   ",
          26, "f"));
  EXPECT_THAT(Names(header), ElementsAre("a", "b"));
  EXPECT_THAT(header.metadata, ElementsAre(Pair("", "\n"),
                                           Pair("format", "pt")));
  const SafetensorsTensor& a = header.tensors[header.index.at("a")];
  EXPECT_EQ(a.dtype, SafetensorsDtype::kBf16);
  EXPECT_THAT(a.shape, ElementsAre());
  EXPECT_EQ(a.size, 1);
  const SafetensorsTensor& b = header.tensors[header.index.at("b")];
  EXPECT_EQ(b.dtype, SafetensorsDtype::kF32);
  EXPECT_THAT(b.shape, ElementsAre(2, 3));
  EXPECT_EQ(b.size, 6);
  EXPECT_EQ(b.begin, 2);
  EXPECT_EQ(b.end, 26);
}

TEST(SafetensorsHeader, EveryDtype) {
  const struct {
    const char* name;
    int64_t size;
  } kKnown[] = {{"F64", 8}, {"F32", 4}, {"F16", 2}, {"BF16", 2}, {"I64", 8},
                {"I32", 4}, {"I16", 2}, {"I8", 1},  {"U8", 1},   {"BOOL", 1}};
  for (const auto& known : kKnown) {
    ASSERT_OK_AND_ASSIGN(
        const SafetensorsHeader header,
        ParseSafetensorsHeader(
            absl::StrCat("{\"a\": {\"dtype\": \"", known.name,
                         "\", \"shape\": [3], \"data_offsets\": [0, ",
                         3 * known.size, "]}}"),
            3 * known.size, "f"));
    const SafetensorsDtype dtype = header.tensors[0].dtype;
    EXPECT_EQ(std::string(SafetensorsDtypeName(dtype)), known.name);
    EXPECT_EQ(SafetensorsDtypeSize(dtype), known.size);
  }
}

TEST(SafetensorsHeader, NoTensorsAndEmptyOnes) {
  EXPECT_EQ(ErrorOf("{}", 0), "OK");
  EXPECT_EQ(ErrorOf("{\"__metadata__\": {}}", 0), "OK");
  ASSERT_OK_AND_ASSIGN(
      const SafetensorsHeader header,
      ParseSafetensorsHeader(
          "{\"a\": {\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
          "\"b\": {\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
          "\"e\": {\"dtype\":\"F32\",\"shape\":[5,0],\"data_offsets\":[1,1]}}",
          2, "f"));
  EXPECT_THAT(Names(header), ElementsAre("a", "e", "b"));
}

TEST(SafetensorsHeader, MalformedJson) {
  EXPECT_THAT(ErrorOf("", 0), HasSubstr("f: the header does not begin"));
  EXPECT_THAT(ErrorOf(" {}", 0), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(ErrorOf("[]", 0), HasSubstr("does not begin with '{'"));
  EXPECT_THAT(ErrorOf("{", 0), HasSubstr("f: header:1: malformed JSON"));
  EXPECT_THAT(ErrorOf("{}{}", 0), HasSubstr("f: header:1: malformed JSON"));
  EXPECT_THAT(ErrorOf(absl::string_view("{}\0", 3), 0), HasSubstr("malformed"));
  EXPECT_THAT(ErrorOf("{\"\xff\": 1}", 0), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf(std::string(1000000, '{'), 0), HasSubstr("malformed"));
  std::string deep = "{\"a\": {\"shape\": ";
  EXPECT_THAT(ErrorOf(deep + std::string(1000000, '['), 0),
              HasSubstr("shape: an array does not belong here"));
}

TEST(SafetensorsHeader, TooLong) {
  std::string json = "{}";
  json.resize(100'000'000, ' ');
  EXPECT_EQ(ErrorOf(json, 0), "OK");
  json += ' ';
  EXPECT_THAT(ErrorOf(json, 0), HasSubstr("the format's limit is 100000000"));
}

TEST(SafetensorsHeader, BadMetadata) {
  EXPECT_THAT(ErrorOf("{\"__metadata__\": 1}", 0),
              HasSubstr("f: __metadata__: a number does not belong here"));
  EXPECT_THAT(ErrorOf("{\"__metadata__\": {\"k\": 1}}", 0),
              HasSubstr("f: __metadata__: a number does not belong here"));
  EXPECT_THAT(ErrorOf("{\"__metadata__\": {\"k\": {}}}", 0),
              HasSubstr("f: __metadata__: an object does not belong here"));
  EXPECT_THAT(ErrorOf("{\"__metadata__\": {\"k\":\"\", \"k\":\"\"}}", 0),
              HasSubstr("f: __metadata__: has \"k\" twice"));
  EXPECT_THAT(ErrorOf("{\"__metadata__\": {}, \"__metadata__\": {}}", 0),
              HasSubstr("f: has __metadata__ twice"));
}

TEST(SafetensorsHeader, BadFields) {
  EXPECT_THAT(ErrorOf("{\"a\": 1}", 0),
              HasSubstr("f: tensor \"a\": a number does not belong here"));
  EXPECT_EQ(ErrorOfTensor("", 0), "f: tensor \"a\": has no dtype");
  EXPECT_EQ(ErrorOfTensor("\"dtype\": \"F32\"", 0),
            "f: tensor \"a\": has no shape");
  EXPECT_EQ(ErrorOfTensor("\"dtype\": \"F32\", \"shape\": []", 0),
            "f: tensor \"a\": has no data_offsets");
  EXPECT_EQ(ErrorOfTensor("\"dtype\": \"F32\", \"dtype\": \"F32\"", 0),
            "f: tensor \"a\": has dtype twice");
  EXPECT_EQ(ErrorOfTensor("\"Dtype\": \"F32\"", 0),
            "f: tensor \"a\": has an unknown field \"Dtype\"");
  EXPECT_EQ(ErrorOfTensor("\"dtype\": \"F8_E4M3\"", 0),
            "f: tensor \"a\": dtype: unknown \"F8_E4M3\"");
  EXPECT_EQ(ErrorOfTensor("\"dtype\": null", 0),
            "f: tensor \"a\": dtype: null does not belong here");
  EXPECT_EQ(ErrorOfTensor("\"shape\": [1.5]", 0),
            "f: tensor \"a\": shape: a fraction does not belong here");
  EXPECT_EQ(ErrorOfTensor("\"shape\": [-1]", 0),
            "f: tensor \"a\": shape: has a negative extent");
  for (const char* offsets : {"[]", "[0]", "[0, 1, 2]"}) {
    EXPECT_EQ(ErrorOfTensor(absl::StrCat("\"data_offsets\": ", offsets), 0),
              "f: tensor \"a\": data_offsets: must be two numbers");
  }
  EXPECT_EQ(ErrorOfTensor("\"data_offsets\": [-4, 0]", 0),
            "f: tensor \"a\": data_offsets: negative");
  EXPECT_THAT(ErrorOfTensor("\"data_offsets\": [0, 18446744073709551615]", 0),
              HasSubstr("data_offsets: a number above 2^63 - 1"));
}

TEST(SafetensorsHeader, LyingSizes) {
  const auto error = [](absl::string_view shape, absl::string_view offsets,
                        int64_t buffer_size) {
    return ErrorOfTensor(
        absl::StrCat("\"dtype\": \"F32\", \"shape\": ", shape,
                     ", \"data_offsets\": ", offsets),
        buffer_size);
  };
  EXPECT_EQ(error("[2]", "[0, 8]", 8), "OK");
  EXPECT_EQ(error("[2]", "[0, 4]", 4),
            "f: tensor \"a\": data_offsets: 4 bytes, but F32 [2] needs 8");
  EXPECT_EQ(error("[2]", "[8, 0]", 8),
            "f: tensor \"a\": data_offsets: end 0 before begin 8");
  EXPECT_EQ(error("[2]", "[0, -9223372036854775808]", 8),
            "f: tensor \"a\": data_offsets: end -9223372036854775808 before "
            "begin 0");
  EXPECT_EQ(error("[2]", "[0, 8]", 7),
            "f: tensor \"a\": data_offsets: end 8 beyond the buffer's 7 bytes; "
            "truncated?");
  EXPECT_EQ(error("[2]", "[0, 8]", 9), "f: 1 bytes after the last tensor");
  EXPECT_EQ(error("[2]", "[1, 9]", 9),
            "f: tensor \"a\": data_offsets: leave a hole of 1 bytes before the "
            "tensor");
  // 2^32 2^31 4 = 2^65, 2^61 4 = 2^63, and products that come back to 0.
  for (const char* shape :
       {"[4294967296, 2147483648]", "[2305843009213693952]",
        "[4294967296, 4294967296]", "[4294967296, 4294967296, 0]"}) {
    EXPECT_EQ(error(shape, "[0, 0]", 0),
              "f: tensor \"a\": shape: the product overflows");
  }
}

TEST(SafetensorsHeader, OverlapsHolesAndDoubles) {
  const auto error = [](absl::string_view name, absl::string_view offsets) {
    return ErrorOf(
        absl::StrCat(
            "{\"a\": {\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":[0,4]},",
            "\"", name, "\": {\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":",
            offsets, "}}"),
        8);
  };
  EXPECT_EQ(error("b", "[4, 8]"), "OK");
  EXPECT_EQ(error("b", "[3, 7]"),
            "f: tensor \"b\": data_offsets: overlap the tensor before");
  EXPECT_EQ(error("b", "[0, 4]"),
            "f: tensor \"b\": data_offsets: overlap the tensor before");
  EXPECT_THAT(error("b", "[5, 9]"), HasSubstr("truncated?"));
  EXPECT_EQ(error("a", "[4, 8]"), "f: tensor \"a\": stands twice in the header");
  EXPECT_EQ(error("a", "[0, 4]"), "f: tensor \"a\": stands twice in the header");
}

TEST(TensorMessage, IsOneShortLine) {
  EXPECT_EQ(TensorMessage("f", "a\n\xff", "bad"),
            "f: tensor \"a\\n\\xff\": bad");
  EXPECT_LT(TensorMessage("f", std::string(1000, '\n'), "bad").size(), 200u);
  EXPECT_EQ(ShapeString({}), "[]");
  EXPECT_EQ(ShapeString({2, 3}), "[2, 3]");
  EXPECT_EQ(ShapeString(std::vector<int64_t>(100, 1)),
            "[1, 1, 1, 1, 1, 1, 1, 1, ...]");
}

}  // namespace
}  // namespace anisograd
