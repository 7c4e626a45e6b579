#include "tools/base/memory.h"

#include <sys/resource.h>

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/memory_limit.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;

TEST(AvailableMemory, IsThatOfTheMachineOrOfALimit) {
  const int64_t unlimited = AvailableMemory();
  EXPECT_GT(unlimited, int64_t{1} << 20);
  // No machine has as much: the system has been asked.
  EXPECT_LT(unlimited, int64_t{1} << 60);
  const MemoryLimit limit(100 << 20);
  EXPECT_LE(AvailableMemory(), 100 << 20);
  EXPECT_GT(AvailableMemory(), 50 << 20);
}

// A group of each version below one with the lower limit, and one without.
TEST(ControlGroupLimit, IsTheLeastUpToTheRoot) {
  const std::string root = testing::TempDir() + "/cgroup";
  const auto limit = [&](const std::string& file, const std::string& text) {
    const std::string path = root + file;
    std::filesystem::create_directories(path.substr(0, path.rfind('/')));
    ASSERT_OK(WriteFileAtomically(path, text));
  };
  limit("/memory/memory.limit_in_bytes", "9223372036854771712\n");
  limit("/memory/slurm/memory.limit_in_bytes", "3000\n");
  limit("/memory/slurm/job/memory.limit_in_bytes", "4000\n");
  limit("/user.slice/memory.max", "2000\n");
  limit("/user.slice/run.scope/memory.max", "max\n");
  limit("/memory.max", "1000\n");
  EXPECT_EQ(ControlGroupLimit("5:cpu:/\n4:hugetlb,memory:/slurm/job\n", root),
            3000);
  EXPECT_EQ(ControlGroupLimit("4:memory:/elsewhere/job\n", root),
            int64_t{1} << 62);
  EXPECT_EQ(ControlGroupLimit("0::/user.slice/run.scope\n", root), 1000);
  limit("/memory.max", "max\n");
  EXPECT_EQ(ControlGroupLimit("0::/user.slice/run.scope\n", root), 2000);
  EXPECT_EQ(ControlGroupLimit("0::/\n", root), int64_t{1} << 62);
  EXPECT_EQ(ControlGroupLimit("", root), int64_t{1} << 62);
}

rlim_t SoftLimit() {
  rlimit limit;
  getrlimit(RLIMIT_DATA, &limit);
  return limit.rlim_cur;
}

void SetSoftLimit(rlim_t bytes) {
  rlimit limit;
  getrlimit(RLIMIT_DATA, &limit);
  limit.rlim_cur = bytes;
  setrlimit(RLIMIT_DATA, &limit);
}

TEST(LiftMemoryLimit, LeavesTheUsersLimit) {
  const rlim_t before = SoftLimit();
  LimitMemoryToWhatThereIs();
  LimitMemoryToWhatThereIs();
  LiftMemoryLimit();
  EXPECT_EQ(SoftLimit(), before);
  // 16 TiB, as nothing needs: what is there is less.
  const rlim_t users = rlim_t{1} << 44;
  SetSoftLimit(users);
  LiftMemoryLimit();
  EXPECT_EQ(SoftLimit(), users);
  LimitMemoryToWhatThereIs();
  LiftMemoryLimit();
  EXPECT_EQ(SoftLimit(), users);
  SetSoftLimit(before);
}

// What the process has already does not count against what there is.
TEST(LimitMemoryToWhatThereIs, IsOfWhatIsAdded) {
  const std::vector<char> held(300 << 20);
  const MemoryLimit limit(100 << 20);
  LimitMemoryToWhatThereIs();
  const rlim_t bytes = SoftLimit();
  LiftMemoryLimit();
  EXPECT_GT(bytes, rlim_t{350 << 20});
}

TEST(CheckMemory, AgainstWhatThereIs) {
  EXPECT_OK(CheckMemory(1 << 20, "f"));
  EXPECT_OK(CheckMemory(0, "f"));
  const absl::Status status = CheckMemory(int64_t{1} << 61, "f");
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_THAT(std::string(status.message()),
              MatchesRegex("f: takes about 2199023255552 MB of memory, of "
                           "which [0-9]+ MB are available"));
  const MemoryLimit limit(100 << 20);
  EXPECT_FALSE(CheckMemory(101 << 20, "f").ok());
}

TEST(WithinMemory, ARefusedAllocationIsAnError) {
  const auto read = [](size_t size) {
    return WithinMemory("f", [size]() -> absl::StatusOr<std::string> {
      return std::string(size, 'x');
    });
  };
  EXPECT_EQ(read(3).value(), "xxx");
  const MemoryLimit limit(100 << 20);
  EXPECT_EQ(read(200 << 20).status(), NotEnoughMemory("f"));
  EXPECT_EQ(NotEnoughMemory("f").message(), "f: not enough memory");
  // More than any string or vector can hold.
  EXPECT_EQ(read(~size_t{0}).status(), NotEnoughMemory("f"));
}

}  // namespace
}  // namespace anisograd
