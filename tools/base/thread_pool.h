#ifndef TOOLS_BASE_THREAD_POOL_H_
#define TOOLS_BASE_THREAD_POOL_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "absl/status/status.h"

namespace anisograd {

// Runs independent tasks on a fixed number of threads.
//
// Reproducibility: what the tasks are is the caller's choice and must not
// depend on the number of threads; each writes its own part of the output. Who
// runs a task, and when, then cannot show in any result.
//
// Tasks take subnormal numbers for zero (FlushSubnormals), on every thread alike:
// the softmax of a model that a large learning rate has thrown far away is full
// of them.
class ThreadPool {
 public:
  // `threads` >= 1, the caller's own among them. Throws std::system_error where
  // the system has not as many.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const { return static_cast<int>(workers_.size()) + 1; }

  // Calls task(i) once for each i in [0, tasks) and returns when all are done.
  // Tasks must not call the pool, and what they throw on more than one thread,
  // such as std::bad_alloc, ends the program. One caller at a time.
  void ParallelFor(int64_t tasks, const std::function<void(int64_t)>& task);

  // Calls task(begin, end) for the pieces of [0, n) of `grain` >= 1 elements,
  // the last one shorter.
  void ParallelRanges(int64_t n, int64_t grain,
                      const std::function<void(int64_t, int64_t)>& task);

 private:
  void Work();
  // An exception must not unwind the frames that other threads' tasks still read.
  void RunTasks() noexcept;
  // Ends the workers that there are.
  void Stop();

  std::mutex mutex_;
  std::condition_variable start_, done_;
  // Counts the calls of ParallelFor, so that a worker knows a new one.
  int64_t generation_ = 0;
  // Workers that have not finished the present call.
  int busy_ = 0;
  bool stop_ = false;
  const std::function<void(int64_t)>* task_ = nullptr;
  int64_t tasks_ = 0;
  std::atomic<int64_t> next_{0};
  std::vector<std::thread> workers_;
};

// OK for what may be asked for by --threads, else InvalidArgument.
absl::Status CheckThreads(int threads);

}  // namespace anisograd

#endif  // TOOLS_BASE_THREAD_POOL_H_
