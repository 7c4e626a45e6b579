#include "tools/base/thread_pool.h"

#include <algorithm>
#include <cstddef>
#include <system_error>

#include "absl/strings/str_cat.h"
#include "tools/base/flush_subnormals.h"

namespace anisograd {
ThreadPool::ThreadPool(int threads) {
  try {
    for (int i = 1; i < threads; ++i) {
      workers_.emplace_back([this] { Work(); });
    }
  } catch (const std::system_error& e) {
    const size_t started = workers_.size();
    Stop();
    throw std::system_error(
        e.code(), absl::StrCat("only ", started + 1, " of ", threads,
                               " threads could be started"));
  }
}

ThreadPool::~ThreadPool() { Stop(); }

void ThreadPool::Stop() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    stop_ = true;
  }
  start_.notify_all();
  for (std::thread& worker : workers_) worker.join();
}

void ThreadPool::RunTasks() noexcept {
  while (true) {
    const int64_t i = next_.fetch_add(1, std::memory_order_relaxed);
    if (i >= tasks_) return;
    (*task_)(i);
  }
}

void ThreadPool::Work() {
  const FlushSubnormals flush;
  int64_t seen = 0;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    start_.wait(lock, [&] { return stop_ || generation_ != seen; });
    if (stop_) return;
    seen = generation_;
    lock.unlock();
    RunTasks();
    lock.lock();
    if (--busy_ == 0) done_.notify_one();
  }
}

void ThreadPool::ParallelFor(int64_t tasks,
                             const std::function<void(int64_t)>& task) {
  const FlushSubnormals flush;
  if (workers_.empty() || tasks <= 1) {
    for (int64_t i = 0; i < tasks; ++i) task(i);
    return;
  }
  {
    std::lock_guard<std::mutex> lock(mutex_);
    task_ = &task;
    tasks_ = tasks;
    next_.store(0, std::memory_order_relaxed);
    busy_ = static_cast<int>(workers_.size());
    ++generation_;
  }
  start_.notify_all();
  RunTasks();
  std::unique_lock<std::mutex> lock(mutex_);
  done_.wait(lock, [&] { return busy_ == 0; });
}

void ThreadPool::ParallelRanges(
    int64_t n, int64_t grain,
    const std::function<void(int64_t, int64_t)>& task) {
  ParallelFor((n + grain - 1) / grain, [&](int64_t i) {
    task(i * grain, std::min(n, (i + 1) * grain));
  });
}

absl::Status CheckThreads(int threads) {
  // More than any machine has processors; each has its stack.
  constexpr int kMost = 8192;
  if (threads >= 1 && threads <= kMost) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat(
      "--threads: must be between 1 and ", kMost, ", got ", threads));
}

}  // namespace anisograd
