#ifndef TOOLS_BASE_PROGRAM_H_
#define TOOLS_BASE_PROGRAM_H_

#include <functional>
#include <string>

#include "absl/status/status.h"

namespace anisograd {

// What main() returns: 0, or 1 after "ERROR: message" on standard error.
int ExitCode(const absl::Status& status);

// A line of progress on standard error, rewritten in place, and only where
// standard error is a terminal: actions of a build stay silent.
class ProgressLine {
 public:
  ProgressLine();
  // Clears the line.
  ~ProgressLine();
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  bool visible() const { return visible_; }
  // Shows `text`; at most ten times a second.
  void Show(const std::string& text);

 private:
  bool visible_;
  double last_shown_ = -1.0;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_PROGRAM_H_
