#ifndef TOOLS_BASE_PROGRAM_H_
#define TOOLS_BASE_PROGRAM_H_

#include <functional>
#include <initializer_list>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// A program as its users see it; --help shows both, with what each flag means.
struct ProgramUsage {
  // What it does.
  const char* purpose;
  // Its flags and arguments in one line, like
  //   "--spec=F --out=OUT.pb [--threads=N] [--csv] [--target=LABEL] FILE..."
  // What stands outside brackets must be given, and what stands in brackets within
  // others takes the flag before them. A placeholder that starts with
  // OUT names a file that is written, one that starts with OUT_DIR the folder of
  // such files. A word without dashes stands for one argument, or with "..." for
  // one or more; "|" is only shown.
  const char* usage;
};

// main() of every program: parses the command line, runs `run`, and returns 0,
// or 1 after "ERROR: message" on standard error. Before `run`,
// - --help prints the usage on standard output, and that is all;
// - unknown flags, arguments that the usage does not have, required flags that
//   are missing, and flags without the one whose brackets they stand in are
//   errors, as is an unknown ANISOGRAD_ISA (tools/base/isa.h);
// - relative paths become those of the folder that the user is in, also where
//   `bazel run` (or bazelw, from outside the workspace) started the program
//   elsewhere;
// - every file that is to be written is tried (CheckWritable).
// A signal that ends the program removes its temporary files. What is written to
// standard output and cannot be is an error, as are memory that there is not
// (tools/base/memory.h) and threads that the machine does not have.
int RunProgram(int argc, char** argv, const ProgramUsage& usage,
               const std::function<absl::Status()>& run);

// The same for programs with arguments, which `run` is given.
int RunProgram(
    int argc, char** argv, const ProgramUsage& usage,
    const std::function<absl::Status(const std::vector<std::string>&)>& run);

// Whether the flag called `flag` has another value than where it is not given.
bool IsGiven(absl::string_view flag);

// InvalidArgument for the first of `flags` that is given: "--FLAG: has no use with
// WITH".
absl::Status RefuseFlags(std::initializer_list<const char*> flags,
                         absl::string_view with);

// The tree's file at `path`, like "experiments/logistic/small.textproto", among
// the runfiles of this program, however it was started: by its path, by a link,
// through PATH, by `bazel run` or by a test.
std::string Runfile(absl::string_view path);

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
