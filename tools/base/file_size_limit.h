#ifndef TOOLS_BASE_FILE_SIZE_LIMIT_H_
#define TOOLS_BASE_FILE_SIZE_LIMIT_H_

#include <sys/resource.h>

#include <csignal>

namespace anisograd {

// For tests: while one lives, this process can write files of at most `bytes`;
// more is refused as a full device refuses it.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &old_);
    const rlimit limit = {bytes, old_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    setrlimit(RLIMIT_FSIZE, &old_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_;
  void (*handler_)(int);
};

}  // namespace anisograd

#endif  // TOOLS_BASE_FILE_SIZE_LIMIT_H_
