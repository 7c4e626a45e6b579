#include "data/safetensors.h"

#include <cmath>
#include <cstring>
#include <limits>
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
using ::testing::HasSubstr;
using ::testing::Pair;

template <typename T>
std::string Bytes(const std::vector<T>& values) {
  return std::string(reinterpret_cast<const char*>(values.data()),
                     values.size() * sizeof(T));
}

std::string FileOf(const std::string& json, const std::string& buffer) {
  return Bytes<uint64_t>({json.size()}) + json + buffer;
}

std::string ErrorOf(const std::string& bytes) {
  const absl::Status status = SafetensorsFile::Parse(bytes, "f").status();
  if (status.ok()) return "OK";
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  return std::string(status.message());
}

TEST(SafetensorsFile, MapsAFile) {
  // Written by hand; an odd header leaves the floats unaligned.
  const std::string json =
      "{\"__metadata__\":{\"format\":\"pt\"},"
      "\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[1,9]},"
      "\"y\":{\"dtype\":\"BOOL\",\"shape\":[1,1],\"data_offsets\":[0,1]}}";
  const std::string path = testing::TempDir() + "/by_hand.safetensors";
  ASSERT_OK(WriteFileAtomically(
      path, FileOf(json, "\1" + Bytes<float>({1.5f, -2.0f}))));
  ASSERT_OK_AND_ASSIGN(SafetensorsFile opened, SafetensorsFile::Open(path));
  const SafetensorsFile file = std::move(opened);
  EXPECT_EQ(file.path(), path);
  EXPECT_THAT(file.metadata(), ElementsAre(Pair("format", "pt")));
  ASSERT_EQ(file.tensors().size(), 2u);
  EXPECT_EQ(file.tensors()[0].name, "y");
  const SafetensorsTensor* x = file.Find("x");
  ASSERT_NE(x, nullptr);
  EXPECT_EQ(x, &file.tensors()[1]);
  std::vector<float> values(2);
  ASSERT_OK(ReadFloats(*x, absl::MakeSpan(values)));
  EXPECT_THAT(values, ElementsAre(1.5f, -2.0f));
  EXPECT_EQ(file.Find("z"), nullptr);
  EXPECT_EQ(std::string(ReadFloats(*file.Find("y"), {}).message()),
            "dtype: BOOL is none of F32, F16 and BF16");
}

TEST(SafetensorsFile, MissingFile) {
  const absl::Status status = SafetensorsFile::Open("/nowhere/f").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/f"));
}

TEST(SafetensorsFile, EveryTruncationIsRefused) {
  const std::string json =
      "{\"x\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}";
  const std::string whole = FileOf(json, Bytes<float>({1.0f, 2.0f}));
  EXPECT_EQ(ErrorOf(whole), "OK");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_NE(ErrorOf(whole.substr(0, size)), "OK") << size;
  }
  EXPECT_EQ(ErrorOf(whole.substr(0, 7)), "f: too short for a safetensors file");
  EXPECT_EQ(ErrorOf(whole.substr(0, 20)),
            absl::StrCat("f: declares a header of ", json.size(), " bytes, but "
                         "only 12 follow; truncated, or no safetensors file?"));
  EXPECT_EQ(ErrorOf(whole + "\1"), "f: 1 bytes after the last tensor");
}

TEST(SafetensorsFile, LyingHeaderSizes) {
  for (const uint64_t size : {uint64_t{3}, uint64_t{1} << 63, ~uint64_t{0}}) {
    EXPECT_THAT(ErrorOf(Bytes<uint64_t>({size}) + "{}"),
                HasSubstr("f: declares a header of "));
  }
  EXPECT_THAT(ErrorOf(Bytes<uint64_t>({0}) + "{}"),
              HasSubstr("the header does not begin with '{'"));
  EXPECT_THAT(ErrorOf(Bytes<uint64_t>({1}) + "{}"), HasSubstr("malformed"));
  EXPECT_EQ(ErrorOf(Bytes<uint64_t>({2}) + "{}"), "OK");
}

SafetensorsTensor Words(SafetensorsDtype dtype, const std::string& bytes) {
  SafetensorsTensor tensor;
  tensor.dtype = dtype;
  tensor.bytes = bytes;
  tensor.size = static_cast<int64_t>(bytes.size()) / SafetensorsDtypeSize(dtype);
  return tensor;
}

std::vector<uint16_t> AllWords() {
  std::vector<uint16_t> words(65536);
  for (size_t i = 0; i < words.size(); ++i) words[i] = static_cast<uint16_t>(i);
  return words;
}

// (-1)^s 2^(e - 15) (1 + m / 2^10); (-1)^s 2^-14 m / 2^10 for e = 0.
TEST(ReadFloats, EveryHalf) {
  const std::string bytes = Bytes(AllWords());
  std::vector<float> values(65536);
  ASSERT_OK(ReadFloats(Words(SafetensorsDtype::kF16, bytes),
                       absl::MakeSpan(values)));
  for (int word = 0; word < 65536; ++word) {
    const double sign = word >= 32768 ? -1.0 : 1.0;
    const int exponent = word / 1024 % 32;
    const double fraction = (word % 1024) / 1024.0;
    const float value = values[static_cast<size_t>(word)];
    EXPECT_EQ(std::signbit(value), word >= 32768);
    if (exponent == 31 && fraction > 0.0) {
      EXPECT_TRUE(std::isnan(value)) << word;
    } else if (exponent == 31) {
      EXPECT_EQ(value, sign * std::numeric_limits<double>::infinity());
    } else if (exponent == 0) {
      EXPECT_EQ(value, sign * std::ldexp(fraction, -14)) << word;
    } else {
      EXPECT_EQ(value, sign * std::ldexp(1.0 + fraction, exponent - 15))
          << word;
    }
  }
}

// (-1)^s 2^(e - 127) (1 + m / 2^7); (-1)^s 2^-126 m / 2^7 for e = 0.
TEST(ReadFloats, EveryBfloat) {
  const std::string bytes = Bytes(AllWords());
  std::vector<float> values(65536);
  ASSERT_OK(ReadFloats(Words(SafetensorsDtype::kBf16, bytes),
                       absl::MakeSpan(values)));
  for (int word = 0; word < 65536; ++word) {
    const double sign = word >= 32768 ? -1.0 : 1.0;
    const int exponent = word / 128 % 256;
    const double fraction = (word % 128) / 128.0;
    const float value = values[static_cast<size_t>(word)];
    EXPECT_EQ(std::signbit(value), word >= 32768);
    if (exponent == 255 && fraction > 0.0) {
      EXPECT_TRUE(std::isnan(value)) << word;
    } else if (exponent == 255) {
      EXPECT_EQ(value, sign * std::numeric_limits<double>::infinity());
    } else if (exponent == 0) {
      EXPECT_EQ(value, sign * std::ldexp(fraction, -126)) << word;
    } else {
      EXPECT_EQ(value, sign * std::ldexp(1.0 + fraction, exponent - 127))
          << word;
    }
  }
}

TEST(WriteSafetensors, ReadsBackBitForBit) {
  const std::string path = testing::TempDir() + "/round_trip.safetensors";
  const std::vector<float> a = {1.0f, -0.0f, 1e-45f, 3.4e38f, 0.1f, -7.0f};
  const std::vector<float> b = {std::numeric_limits<float>::quiet_NaN()};
  const std::map<std::string, std::string> metadata = {
      {"format", "pt"}, {"note", "\"quoted\\\n\t\1\" \xc3\xa9"}};
  ASSERT_OK(WriteSafetensors(
      path, metadata,
      {{"z.a", {2, 3}, a}, {"empty", {0, 4}, {}}, {"\"b\n", {}, b}}));
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file, SafetensorsFile::Open(path));
  EXPECT_EQ(file.metadata(), metadata);
  ASSERT_EQ(file.tensors().size(), 3u);
  EXPECT_EQ(file.tensors()[0].name, "z.a");
  EXPECT_EQ(file.tensors()[1].name, "empty");
  EXPECT_EQ(file.tensors()[2].name, "\"b\n");
  EXPECT_THAT(file.tensors()[0].shape, ElementsAre(2, 3));
  EXPECT_EQ(std::string(file.tensors()[0].bytes), Bytes(a));
  EXPECT_EQ(std::string(file.tensors()[2].bytes), Bytes(b));

  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  uint64_t header_size;
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  EXPECT_EQ(header_size % 8, 0u);
}

TEST(WriteSafetensors, KnownBytes) {
  const std::string path = testing::TempDir() + "/known.safetensors";
  const std::vector<float> a = {1.0f};
  ASSERT_OK(WriteSafetensors(path, {{"k", "v"}}, {{"a", {1}, a}}));
  ASSERT_OK_AND_ASSIGN(const std::string bytes, ReadFile(path));
  EXPECT_EQ(bytes,
            FileOf("{\"__metadata__\":{\"k\":\"v\"},\"a\":{\"dtype\":\"F32\","
                   "\"shape\":[1],\"data_offsets\":[0,4]}} ",
                   Bytes(a)));
}

TEST(WriteSafetensors, WhatAReaderWouldRefuseIsNotWritten) {
  const std::string path = testing::TempDir() + "/refused.safetensors";
  const std::vector<float> a = {1.0f};
  const auto error = [&](const std::map<std::string, std::string>& metadata,
                         const std::vector<SafetensorsSource>& tensors) {
    const absl::Status status = WriteSafetensors(path, metadata, tensors);
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_FALSE(ReadFile(path).ok());
    return std::string(status.message());
  };
  EXPECT_THAT(error({}, {{"a", {1}, a}, {"a", {1}, a}}),
              HasSubstr("tensor \"a\": stands twice"));
  EXPECT_THAT(error({}, {{"a", {2}, a}}),
              HasSubstr("tensor \"a\": data_offsets: 4 bytes, but F32 [2]"));
  EXPECT_THAT(error({}, {{"a", {-1}, a}}), HasSubstr("negative extent"));
  EXPECT_THAT(error({}, {{"a\xff", {1}, a}}), HasSubstr("UTF-8"));
  EXPECT_THAT(error({{"k", "\xff"}}, {}), HasSubstr("UTF-8"));
  EXPECT_THAT(error({}, {{"__metadata__", {1}, a}}),
              HasSubstr("__metadata__"));
}

}  // namespace
}  // namespace anisograd
