#include "data/memory.h"

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "data/memory_limit.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
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
