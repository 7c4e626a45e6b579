#include "tools/base/program.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>

namespace anisograd {
namespace {

// Only for how often a terminal is written to; never part of a result.
double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string message(status.message());
  std::fprintf(stderr, "ERROR: %s\n", message.c_str());
  return 1;
}

ProgressLine::ProgressLine() : visible_(::isatty(STDERR_FILENO) == 1) {}

ProgressLine::~ProgressLine() {
  if (visible_ && last_shown_ >= 0.0) std::fprintf(stderr, "\r\033[K");
}

void ProgressLine::Show(const std::string& text) {
  if (!visible_) return;
  const double now = SecondsNow();
  if (last_shown_ >= 0.0 && now - last_shown_ < 0.1) return;
  last_shown_ = now;
  std::fprintf(stderr, "\r\033[K%s", text.c_str());
  std::fflush(stderr);
}

}  // namespace anisograd
