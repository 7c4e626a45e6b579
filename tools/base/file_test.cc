#include "tools/base/file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
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

TEST(AtomicFileWriter, KeepsTheModeOfTheOldFile) {
  const std::string path = PathInNewFolder("mode");
  ASSERT_OK(WriteFileAtomically(path, "old"));
  const auto owner_only = std::filesystem::perms::owner_read |
                          std::filesystem::perms::owner_write;
  std::filesystem::permissions(path, owner_only);
  ASSERT_OK(WriteFileAtomically(path, "new"));
  EXPECT_EQ(std::filesystem::status(path).permissions(), owner_only);
}

TEST(AtomicFileWriter, FollowsLinks) {
  const std::string path = PathInNewFolder("links");
  const std::filesystem::path folder =
      std::filesystem::path(path).parent_path();
  std::filesystem::create_directories(folder / "other");
  ASSERT_OK(WriteFileAtomically(folder / "other/target", "old"));
  // A link to a link to a file, and one to a file that does not exist yet.
  std::filesystem::create_symlink("other/target", folder / "second");
  std::filesystem::create_symlink(folder / "second", path);
  std::filesystem::create_symlink("other/new", folder / "dangling");
  ASSERT_OK(WriteFileAtomically(path, "new"));
  ASSERT_OK(WriteFileAtomically(folder / "dangling", "newer"));
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "second"));
  EXPECT_TRUE(std::filesystem::is_symlink(folder / "dangling"));
  EXPECT_EQ(ReadFile(folder / "other/target").value(), "new");
  EXPECT_EQ(ReadFile(folder / "other/new").value(), "newer");
  EXPECT_THAT(FolderOf(folder / "other/target"), ElementsAre("new", "target"));
  EXPECT_THAT(FolderOf(path), ElementsAre("dangling", "file", "other",
                                          "second"));
  std::filesystem::create_symlink("round", folder / "round");
  EXPECT_FALSE(WriteFileAtomically(folder / "round", "x").ok());
}

// A device file is one too, and would be lost to the whole machine.
TEST(AtomicFileWriter, WritesThroughWhatIsNoRegularFile) {
  const std::string path = PathInNewFolder("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  EXPECT_OK(CheckWritable(path));
  std::string read;
  std::thread reader([&] { read = ReadFile(path).value(); });
  EXPECT_OK(WriteFileAtomically(path, "through"));
  reader.join();
  EXPECT_EQ(read, "through");
  EXPECT_TRUE(std::filesystem::is_fifo(path));
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
}

// As with --out=/dev/stdout where standard output is a file: what others wrote
// to it stays.
TEST(AtomicFileWriter, WritesBehindWhatStandardOutputHas) {
  const std::string path = PathInNewFolder("stdout");
  EXPECT_EXIT(
      {
        const int fd = open(path.c_str(), O_WRONLY | O_CREAT, 0600);
        dup2(fd, STDOUT_FILENO);
        bool good = write(STDOUT_FILENO, "one, ", 5) == 5;
        good &= WriteFileAtomically("/dev/stdout", "two").ok();
        good &= WriteFileAtomically(path, ", three").ok();
        std::_Exit(good ? 0 : 1);
      },
      testing::ExitedWithCode(0), "");
  EXPECT_EQ(ReadFile(path).value(), "one, two, three");
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
}

// As of a process of another container with the same number, and as a link that
// somebody laid to have another file written.
TEST(AtomicFileWriter, TakesNobodysTemporaryFile) {
  const std::string path = PathInNewFolder("taken");
  const std::string mine = absl::StrCat(path, ".tmp.", getpid(), ".");
  ASSERT_OK(WriteFileAtomically(path + "2", "other"));
  std::filesystem::create_symlink(path + "2", mine + "0");
  ASSERT_OK_AND_ASSIGN(AtomicFileWriter first, AtomicFileWriter::Open(path));
  ASSERT_OK_AND_ASSIGN(AtomicFileWriter second, AtomicFileWriter::Open(path));
  ASSERT_OK(first.Append("first"));
  ASSERT_OK(second.Append("second"));
  ASSERT_OK(second.Commit());
  EXPECT_EQ(ReadFile(path).value(), "second");
  ASSERT_OK(first.Commit());
  EXPECT_EQ(ReadFile(path).value(), "first");
  EXPECT_EQ(ReadFile(path + "2").value(), "other");
  EXPECT_EQ(FolderOf(path).size(), 3u);
}

TEST(RemoveWritten, RemovesAFileBehindLinksAndNothingElse) {
  const std::string path = PathInNewFolder("remove");
  RemoveWritten(path);
  std::filesystem::create_symlink("target", path);
  RemoveWritten(path);
  ASSERT_OK(WriteFileAtomically(path, "x"));
  RemoveWritten(path);
  EXPECT_THAT(FolderOf(path), ElementsAre("file"));
  EXPECT_TRUE(std::filesystem::is_symlink(path));
  ASSERT_EQ(mkfifo((path + "o").c_str(), 0600), 0);
  RemoveWritten(path + "o");
  EXPECT_TRUE(std::filesystem::is_fifo(path + "o"));
  // A map of a fifo is refused, without a wait for its writer.
  EXPECT_EQ(MappedFile::Open(path + "o").status().message(),
            path + "o: not a file");
}

TEST(AtomicFileWriter, SignalRemovesTemporaryFiles) {
  const std::string path = PathInNewFolder("signal");
  ASSERT_OK(WriteFileAtomically(path, "old"));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) {
    EXPECT_EXIT(
        {
          HandleSignals();
          auto done = AtomicFileWriter::Open(path + "2");
          auto first = AtomicFileWriter::Open(path);
          auto second = AtomicFileWriter::Open(path + "3");
          if (!done->Commit().ok() || FolderOf(path).size() != 4) std::_Exit(1);
          std::raise(signal);
        },
        testing::KilledBySignal(signal), "");
    EXPECT_EQ(ReadFile(path).value(), "old");
    EXPECT_THAT(FolderOf(path), ElementsAre("file", "file2"));
  }
  // nohup.
  EXPECT_EXIT(
      {
        std::signal(SIGHUP, SIG_IGN);
        HandleSignals();
        std::raise(SIGHUP);
        std::_Exit(7);
      },
      testing::ExitedWithCode(7), "");
}

TEST(UnnamedFile, HoldsWhatWasAppendedAndLeavesNothing) {
  const std::string path = PathInNewFolder("unnamed");
  ASSERT_OK_AND_ASSIGN(UnnamedFile file, UnnamedFile::Open(path));
  UnnamedFile moved = std::move(file);
  EXPECT_EQ(moved.Map()->view(), "");
  ASSERT_OK(moved.Append("one, "));
  ASSERT_OK(moved.Append("two"));
  ASSERT_OK_AND_ASSIGN(const MappedFile mapped, moved.Map());
  EXPECT_EQ(mapped.view(), "one, two");
  EXPECT_THAT(FolderOf(path), ElementsAre());
  EXPECT_EQ(UnnamedFile::Open(path + "/file").status().code(),
            absl::StatusCode::kNotFound);
}

// Beside what a link leads to, and not beside a device.
TEST(UnnamedFile, LiesWhereThereIsRoomForTheOutput) {
  const std::string path = PathInNewFolder("unnamed_link");
  std::filesystem::create_symlink("/nowhere/file", path);
  EXPECT_THAT(std::string(UnnamedFile::Open(path).status().message()),
              HasSubstr("/nowhere/file"));
  EXPECT_EXIT(
      {
        setenv("TMPDIR", "/nowhere", 1);
        std::fprintf(stderr, "%s", std::string(UnnamedFile::Open("/dev/null")
                                                   .status()
                                                   .message())
                                       .c_str());
        std::_Exit(0);
      },
      testing::ExitedWithCode(0), "^/nowhere/anisograd.tmp");
}

TEST(CheckWritable, SaysWhatAWriterWould) {
  const std::string path = PathInNewFolder("check");
  EXPECT_OK(CheckWritable(path));
  EXPECT_THAT(FolderOf(path), ElementsAre());
  ASSERT_OK(WriteFileAtomically(path, "old"));
  EXPECT_OK(CheckWritable(path));
  EXPECT_EQ(ReadFile(path).value(), "old");
  const absl::Status missing = CheckWritable("/nowhere/file");
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("/nowhere/file"));
  const absl::Status folder = CheckWritable(testing::TempDir());
  EXPECT_THAT(std::string(folder.message()), HasSubstr("Is a directory"));
}

TEST(File, LargerThanMemory) {
  const std::string path = PathInNewFolder("large");
  ASSERT_OK(WriteFileAtomically(path, ""));
  std::filesystem::resize_file(path, 1 << 30);  // A hole.
  EXPECT_EXIT(
      {
        rlimit limit;
        limit.rlim_cur = limit.rlim_max = 1 << 29;
        setrlimit(RLIMIT_AS, &limit);
        const absl::Status status = ReadFile(path).status();
        std::fprintf(stderr, "%s\n", status.ToString().c_str());
        std::_Exit(absl::IsResourceExhausted(status) ? 0 : 1);
      },
      testing::ExitedWithCode(0), "large/file: not enough memory");
}

TEST(File, EmptyFileMaps) {
  const std::string path = testing::TempDir() + "/empty";
  ASSERT_OK(WriteFileAtomically(path, ""));
  ASSERT_OK_AND_ASSIGN(const MappedFile mapped, MappedFile::Open(path));
  EXPECT_EQ(mapped.size(), 0u);
}

// The map is named, not another one, and what was being written is removed.
TEST(File, CutShortWhileItIsMapped) {
  const std::string path = PathInNewFolder("mapped");
  ASSERT_OK(WriteFileAtomically(path, std::string(1 << 16, 'x')));
  ASSERT_OK(WriteFileAtomically(path + "2", std::string(1 << 16, 'y')));
  EXPECT_EXIT(
      {
        HandleSignals();
        absl::StatusOr<MappedFile> mapped = MappedFile::Open(path);
        const absl::StatusOr<MappedFile> other = MappedFile::Open(path + "2");
        const MappedFile moved = *std::move(mapped);
        const absl::StatusOr<AtomicFileWriter> writer =
            AtomicFileWriter::Open(path + "3");
        std::filesystem::resize_file(path, 100);
        std::exit(Sha256Hex(moved.view()).empty());
      },
      testing::ExitedWithCode(1), "^ERROR: .*mapped/file: was cut short, or cannot");
  EXPECT_THAT(FolderOf(path), ElementsAre("file", "file2"));
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
