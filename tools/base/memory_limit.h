#ifndef TOOLS_BASE_MEMORY_LIMIT_H_
#define TOOLS_BASE_MEMORY_LIMIT_H_

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <fstream>

namespace anisograd {

// For tests: while one lives, this process can map at most `bytes` more than it
// has mapped, as under `ulimit -v`.
class MemoryLimit {
 public:
  explicit MemoryLimit(int64_t bytes) {
    getrlimit(RLIMIT_AS, &old_);
    int64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    const rlimit limit = {
        static_cast<rlim_t>(pages * ::sysconf(_SC_PAGESIZE) + bytes),
        old_.rlim_max};
    setrlimit(RLIMIT_AS, &limit);
  }
  ~MemoryLimit() { setrlimit(RLIMIT_AS, &old_); }

 private:
  rlimit old_;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_MEMORY_LIMIT_H_
