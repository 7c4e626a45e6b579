#include "tools/base/thread_pool.h"

#include <atomic>
#include <cstdint>
#include <new>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(ThreadPool, RunsEveryTaskOnce) {
  for (const int threads : {1, 2, 5}) {
    ThreadPool pool(threads);
    EXPECT_EQ(pool.threads(), threads);
    for (const int64_t tasks : {0, 1, 2, 7, 1000}) {
      std::vector<int> calls(static_cast<size_t>(tasks), 0);
      pool.ParallelFor(tasks, [&](int64_t i) { ++calls[i]; });
      for (const int count : calls) EXPECT_EQ(count, 1);
    }
  }
}

TEST(ThreadPool, RangesCoverWithoutOverlap) {
  ThreadPool pool(3);
  std::vector<int> calls(1001, 0);
  pool.ParallelRanges(1001, 10, [&](int64_t begin, int64_t end) {
    EXPECT_EQ(begin % 10, 0);
    EXPECT_EQ(end - begin, begin == 1000 ? 1 : 10);
    for (int64_t i = begin; i < end; ++i) ++calls[i];
  });
  for (const int count : calls) EXPECT_EQ(count, 1);
}

// Whatever the thread, and only inside a task.
TEST(ThreadPool, TasksTakeSubnormalNumbersForZero) {
  volatile float subnormal = 1e-39f;
  volatile float small = 1e-20f;
  for (const int threads : {1, 3}) {
    ThreadPool pool(threads);
    for (const int64_t tasks : {1, 100}) {
      std::vector<float> operand(static_cast<size_t>(tasks), 1.0f);
      std::vector<float> result(static_cast<size_t>(tasks), 1.0f);
      pool.ParallelFor(tasks, [&](int64_t i) {
        operand[i] = subnormal * 1e10f;
        result[i] = small * small;
      });
      for (const float x : operand) EXPECT_EQ(x, 0.0f);
      for (const float x : result) EXPECT_EQ(x, 0.0f);
    }
  }
  EXPECT_GT(subnormal * 1e10f, 0.0f);
}

// The caller's frame must stay while a worker's task may read it.
TEST(CheckThreads, FromOneToMoreThanAnyMachineHas) {
  EXPECT_TRUE(CheckThreads(1).ok());
  EXPECT_TRUE(CheckThreads(8192).ok());
  for (const int threads : {-1, 0, 8193}) {
    EXPECT_EQ(CheckThreads(threads).code(),
              absl::StatusCode::kInvalidArgument);
  }
}

TEST(ThreadPoolDeathTest, AnExceptionOfTheCallersThreadEndsTheProgram) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        ThreadPool pool(2);
        const std::thread::id caller = std::this_thread::get_id();
        std::atomic<bool> thrown{false};
        pool.ParallelFor(2, [&](int64_t) {
          if (std::this_thread::get_id() == caller) {
            thrown = true;
            throw std::bad_alloc();
          }
          while (!thrown) std::this_thread::yield();
        });
      },
      "bad_alloc");
}

}  // namespace
}  // namespace anisograd
