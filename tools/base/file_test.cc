#include "tools/base/file.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

TEST(File, WritesAndReadsBack) {
  const std::string path = testing::TempDir() + "/round_trip";
  const std::string contents("a\0b\n", 4);
  ASSERT_OK(WriteFileAtomically(path, contents));
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadFile(path));
  EXPECT_EQ(read, contents);
  ASSERT_OK_AND_ASSIGN(MappedFile mapped, MappedFile::Open(path));
  EXPECT_EQ(std::string(mapped.view()), contents);
  const MappedFile moved = std::move(mapped);
  EXPECT_EQ(std::string(moved.view()), contents);
}

TEST(File, MissingFileIsNamed) {
  const absl::Status status = ReadFile("/nowhere/at/all").status();
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/at/all"));
  EXPECT_FALSE(MappedFile::Open("/nowhere/at/all").ok());
}

TEST(File, FullDeviceLeavesTheOldFile) {
  // /dev/full fails every write with ENOSPC; a folder cannot be written over.
  EXPECT_FALSE(WriteFileAtomically("/nowhere/file", "x").ok());
  const absl::Status status = WriteFileAtomically("/dev", "x");
  EXPECT_FALSE(status.ok());
}

TEST(File, EmptyFileMaps) {
  const std::string path = testing::TempDir() + "/empty";
  ASSERT_OK(WriteFileAtomically(path, ""));
  ASSERT_OK_AND_ASSIGN(const MappedFile mapped, MappedFile::Open(path));
  EXPECT_EQ(mapped.size(), 0u);
}

// FIPS 180-4 examples.
TEST(Sha256, KnownAnswers) {
  EXPECT_EQ(Sha256Hex(""),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace anisograd
