#include "tools/base/file.h"

#include <algorithm>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file_size_limit.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
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

// What stands in the folder of the file called `path`, sorted.
std::vector<std::string> FolderOf(const std::string& path) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(
           std::filesystem::path(path).parent_path())) {
    names.push_back(entry.path().filename());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// A file in a new folder of its own.
std::string PathInNewFolder(const std::string& name) {
  const std::string folder = testing::TempDir() + "/" + name;
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  return folder + "/file";
}

TEST(AtomicFileWriter, PiecesBecomeOneFileOnCommit) {
  const std::string path = PathInNewFolder("pieces");
  ASSERT_OK_AND_ASSIGN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
  ASSERT_OK(writer.Append("one, "));
  AtomicFileWriter moved = std::move(writer);
  ASSERT_OK(moved.Append(""));
  ASSERT_OK(moved.Append("two"));
  EXPECT_FALSE(std::filesystem::exists(path));
  ASSERT_OK(moved.Commit());
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadFile(path));
  EXPECT_EQ(read, "one, two");
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
  EXPECT_FALSE(moved.Append("three").ok());
  EXPECT_FALSE(moved.Commit().ok());
}

TEST(AtomicFileWriter, WithoutCommitTheOldFileStays) {
  const std::string path = PathInNewFolder("abandoned");
  ASSERT_OK(WriteFileAtomically(path, "old"));
  {
    ASSERT_OK_AND_ASSIGN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
    ASSERT_OK(writer.Append("new"));
  }
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadFile(path));
  EXPECT_EQ(read, "old");
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
}

TEST(AtomicFileWriter, FullDeviceLeavesTheOldFile) {
  const std::string path = PathInNewFolder("full");
  ASSERT_OK(WriteFileAtomically(path, "old"));
  {
    const FileSizeLimit limit(1000);
    ASSERT_OK_AND_ASSIGN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
    ASSERT_OK(writer.Append(std::string(600, 'a')));
    const absl::Status status = writer.Append(std::string(600, 'b'));
    EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(path));
    // A caller who overlooks the error gets no file with a hole.
    EXPECT_FALSE(writer.Append("c").ok());
    EXPECT_FALSE(writer.Commit().ok());
  }
  ASSERT_OK_AND_ASSIGN(const std::string read, ReadFile(path));
  EXPECT_EQ(read, "old");
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
}

TEST(File, WhereNoFileCanBe) {
  const absl::Status status = WriteFileAtomically("/nowhere/file", "x");
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(status.message()), HasSubstr("/nowhere/file"));
  // A folder cannot be written over.
  const std::string path = PathInNewFolder("folder");
  std::filesystem::create_directories(path);
  EXPECT_FALSE(WriteFileAtomically(path, "x").ok());
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
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
