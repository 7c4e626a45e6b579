#include "data/input_file.h"

#include <sys/stat.h>

#include <cstdio>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "bzlib.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/memory_limit.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

std::string Compress(std::string text) {
  std::string out(text.size() + 1000, '\0');
  unsigned size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(&out[0], &size, &text[0],
                                     static_cast<unsigned>(text.size()), 9, 0,
                                     0),
            BZ_OK);
  out.resize(size);
  return out;
}

std::string Path() {
  return absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
}

TEST(ReadInputFile, TextAsItIs) {
  for (const char* text : {"", "a", "+1 1:1\n", "BZh9 is no magic number",
                           "\xEF\xBB\xBFmarked"}) {
    ASSERT_OK(WriteFileAtomically(Path(), text));
    EXPECT_EQ(ReadInputFile(Path()).value(), text);
  }
  EXPECT_EQ(WithoutByteOrderMark("\xEF\xBB\xBFmarked"), "marked");
  EXPECT_EQ(WithoutByteOrderMark("plain"), "plain");
}

TEST(ReadInputFile, Bzip2WhateverItsName) {
  for (const char* text : {"", "+1 1:1\n"}) {
    ASSERT_OK(WriteFileAtomically(Path() + ".txt", Compress(text)));
    EXPECT_EQ(ReadInputFile(Path() + ".txt").value(), text);
  }
  const std::string whole = Compress("text");
  EXPECT_EQ(DecodeInput(whole.substr(0, 20), "f").status().message(),
            "f: truncated bzip2 file");
  // What comes out must be text, too.
  EXPECT_THAT(std::string(DecodeInput(Compress(whole), "f").status().message()),
              HasSubstr("f: is bzip2-compressed"));
}

// More than the buffer of a pipe; read once, from its beginning to its end.
TEST(ReadInputFile, Fifo) {
  const std::string path = Path();
  std::remove(path.c_str());
  ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
  std::string text;
  for (int i = 0; i < 400000; ++i) absl::StrAppend(&text, i, "\n");
  for (const bool compressed : {false, true}) {
    const std::string bytes = compressed ? Compress(text) : text;
    std::thread writer([&] {
      std::FILE* const file = std::fopen(path.c_str(), "we");
      std::fwrite(bytes.data(), 1, bytes.size(), file);
      std::fclose(file);
    });
    const auto read = ReadInputFile(path);
    writer.join();
    EXPECT_TRUE(read.value() == text);
  }
}

TEST(ReadInputFile, OtherCompressionsAreNamed) {
  const std::string nul(1, '\0');
  const std::pair<std::string, std::string> cases[] = {
      {"\x1F\x8B\x08" + nul, "gzip-compressed; decompress it first: gzip -dc"},
      {"\xFD" "7zXZ" + nul + nul + "\x04", "xz-compressed; decompress it first"},
      {"\x28\xB5\x2F\xFD\x04", "zstd-compressed; decompress it first: zstd -dc"},
      {"\x04\x22\x4D\x18", "lz4-compressed"},
      {"PK\x03\x04", "zip-compressed"},
      {"7z\xBC\xAF\x27\x1C", "7z-compressed"},
  };
  for (const auto& [bytes, error] : cases) {
    const absl::Status status = DecodeInput(bytes, "f").status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_THAT(std::string(status.message()), HasSubstr("f: is " + error));
  }
}

TEST(ReadInputFile, OtherEncodingsAreNamed) {
  const std::string nul(1, '\0');
  for (const std::string& bytes :
       {"\xFF\xFE+" + nul, "\xFE\xFF" + nul + "+", "+" + nul + "1" + nul,
        nul + "+" + nul + "1"}) {
    EXPECT_EQ(DecodeInput(bytes, "f").status().message(),
              "f: is no UTF-8 text but UTF-16 or binary; convert it first: "
              "iconv -f UTF-16 -t UTF-8");
  }
  EXPECT_THAT(std::string(DecodeInput("\xFF\xFE" + nul + nul, "f")
                              .status()
                              .message()),
              HasSubstr("but UTF-32"));
}

TEST(ReadInputFile, WhatCannotBeReadIsNamed) {
  EXPECT_EQ(ReadInputFile("/nowhere/f").status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_THAT(
      std::string(ReadInputFile(testing::TempDir()).status().message()),
      HasSubstr("cannot read: Is a directory"));
}

TEST(ReadInputFile, MoreThanMemoryHolds) {
  ASSERT_OK(WriteFileAtomically(Path(), std::string(80 << 20, 'x')));
  {
    const MemoryLimit limit(40 << 20);
    EXPECT_EQ(ReadInputFile(Path()).status().message(),
              Path() + ": not enough memory");
  }
  // Nor what comes out of a small file.
  ASSERT_OK(WriteFileAtomically(Path(), Compress(std::string(80 << 20, 'x'))));
  const MemoryLimit limit(60 << 20);
  EXPECT_EQ(ReadInputFile(Path()).status().message(),
            Path() + ": not enough memory");
}

}  // namespace
}  // namespace anisograd
