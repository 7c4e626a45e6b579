#include "tools/base/program.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <filesystem>
#include <new>
#include <stdexcept>
#include <system_error>

#include "absl/flags/commandlineflag.h"
#include "absl/flags/parse.h"
#include "absl/flags/reflection.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/base/file.h"
#include "tools/base/isa.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// One flag or argument of a usage line.
struct UsageWord {
  // As --help shows it: "--spec=F".
  std::string text;
  // Without dashes; empty for an argument.
  std::string flag;
  std::string placeholder;
  // The flag whose brackets it stands in.
  std::string within;
  bool required = false;
};

std::vector<UsageWord> ParseUsage(absl::string_view usage) {
  std::vector<UsageWord> words;
  // Of each bracket that is open, and of none: the flag that has it, and the last
  // one in it.
  struct Bracket {
    std::string of, last;
  };
  std::vector<Bracket> open(1);
  for (absl::string_view part : absl::StrSplit(usage, ' ', absl::SkipEmpty())) {
    if (part == "|") continue;
    UsageWord& word = words.emplace_back();
    while (absl::ConsumePrefix(&part, "[")) {
      open.push_back({open.size() > 1 ? open.back().last : "", ""});
    }
    word.required = open.size() == 1;
    word.within = open.back().of;
    int closed = 0;
    while (absl::ConsumeSuffix(&part, "]")) ++closed;
    word.text = std::string(part);
    if (absl::ConsumePrefix(&part, "--")) {
      const std::pair<absl::string_view, absl::string_view> halves =
          absl::StrSplit(part, absl::MaxSplits('=', 1));
      word.flag = std::string(halves.first);
      word.placeholder = std::string(halves.second);
      open.back().last = word.flag;
    }
    open.resize(open.size() - closed);
  }
  return words;
}

// Programs name only flags that they have.
const absl::CommandLineFlag& FlagOf(absl::string_view name) {
  const absl::CommandLineFlag* flag = absl::FindCommandLineFlag(name);
  if (flag == nullptr) {
    std::fprintf(stderr, "no flag --%s\n", std::string(name).c_str());
    std::abort();
  }
  return *flag;
}

bool AsksForHelp(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    const absl::string_view argument = argv[i];
    if (argument == "--") return false;
    if (argument == "-h" || absl::StartsWith(argument, "--help") ||
        absl::StartsWith(argument, "-help")) {
      return true;
    }
  }
  return false;
}

void PrintHelp(const std::string& program, const ProgramUsage& usage) {
  std::printf("usage: %s %s\n%s\n\n", program.c_str(), usage.usage,
              usage.purpose);
  for (const UsageWord& word : ParseUsage(usage.usage)) {
    if (word.flag.empty()) continue;
    const absl::CommandLineFlag& flag = FlagOf(word.flag);
    const std::string unless_given = flag.DefaultValue();
    std::printf("  %s\n      %s%s\n", word.text.c_str(), flag.Help().c_str(),
                word.required || unless_given.empty() || unless_given == "false"
                    ? ""
                    : absl::StrCat("; ", unless_given, " unless given").c_str());
  }
}

absl::Status CheckArguments(const std::vector<UsageWord>& words,
                            const std::vector<std::string>& arguments) {
  for (const UsageWord& word : words) {
    if (!word.flag.empty() && word.required && !IsGiven(word.flag)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", word.flag, " is required; --help shows all flags"));
    }
    if (!word.within.empty() && IsGiven(word.flag) && !IsGiven(word.within)) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--", word.flag, ": has no use without --", word.within));
    }
  }
  size_t taken = 0;
  for (const UsageWord& word : words) {
    if (!word.flag.empty()) continue;
    if (word.required && taken == arguments.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(word.text, " is required; --help shows how"));
    }
    taken = absl::EndsWith(word.text, "...") ? arguments.size() : taken + 1;
  }
  if (taken < arguments.size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "unexpected argument \"", arguments[taken],
        "\"; flags are given as --NAME=VALUE, lists as --NAME=VALUE,VALUE"));
  }
  return absl::OkStatus();
}

absl::Status CheckOutputs(const std::vector<UsageWord>& words) {
  for (const UsageWord& word : words) {
    if (!absl::StartsWith(word.placeholder, "OUT")) continue;
    const std::string path = FlagOf(word.flag).CurrentValue();
    if (path.empty()) continue;
    RETURN_IF_ERROR(CheckWritable(absl::StartsWith(word.placeholder, "OUT_DIR")
                                      ? absl::StrCat(path, "/result")
                                      : path));
  }
  return absl::OkStatus();
}

// `bazel run` starts programs in their runfiles; relative paths are the user's.
absl::Status GoWhereTheUserIs() {
  std::error_code error;
  const std::string here = std::filesystem::current_path(error).string();
  if (!absl::StrContains(here, ".runfiles/")) return absl::OkStatus();
  for (const char* variable :
       {"ANISOGRAD_WORKING_DIRECTORY", "BUILD_WORKING_DIRECTORY"}) {
    const char* folder = std::getenv(variable);
    if (folder == nullptr) continue;
    if (::chdir(folder) == 0) return absl::OkStatus();
    return absl::UnavailableError(absl::StrCat(folder, ": ",
                                               std::strerror(errno)));
  }
  return absl::OkStatus();
}

// So that a file which is opened does not become a standard stream that was
// closed; using that one stays an error.
void KeepStandardStreamsClosed() {
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(fd, F_GETFD) != -1 || errno != EBADF) continue;
    [[maybe_unused]] const int taken =
        ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

absl::Status FlushStandardOutput() {
  const bool failed = std::ferror(stdout) != 0;
  errno = 0;
  if (std::fflush(stdout) == 0 && !failed) return absl::OkStatus();
  // What failed before left no reason.
  return absl::UnavailableError(
      absl::StrCat("standard output: ", std::strerror(errno ? errno : EIO)));
}

constexpr char kNotEnoughMemory[] = "not enough memory";

// For exceptions of other threads than the first.
[[noreturn]] void Terminate() {
  RemoveTemporaryFiles();
  try {
    if (std::current_exception()) std::rethrow_exception(std::current_exception());
  } catch (const std::bad_alloc&) {
    std::fprintf(stderr, "ERROR: %s\n", kNotEnoughMemory);
    std::_Exit(1);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "%s\n", e.what());
  } catch (...) {
  }
  std::abort();
}

absl::Status RunGuarded(
    const std::string& program, const std::vector<std::string>& arguments,
    const std::function<absl::Status(const std::vector<std::string>&)>& run) {
  try {
    return run(arguments);
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
    // More than any memory holds.
  } catch (const std::system_error& e) {
    return absl::UnavailableError(absl::StrCat(program, ": ", e.what()));
  }
  return absl::ResourceExhaustedError(
      absl::StrCat(program, ": ", kNotEnoughMemory));
}

int ExitCode(const absl::Status& status) {
  if (status.ok()) return 0;
  const std::string message(status.message());
  std::fprintf(stderr, "ERROR: %s\n", message.c_str());
  return 1;
}

// Only for how often a terminal is written to; never part of a result.
double SecondsNow() {
  return std::chrono::duration<double>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace

int RunProgram(
    int argc, char** argv, const ProgramUsage& usage,
    const std::function<absl::Status(const std::vector<std::string>&)>& run) {
  KeepStandardStreamsClosed();
  HandleSignals();
  std::set_terminate(Terminate);
  const std::string program =
      std::filesystem::path(argc > 0 ? argv[0] : "").filename();
  if (AsksForHelp(argc, argv)) {
    PrintHelp(program, usage);
    return ExitCode(FlushStandardOutput());
  }
  // Exits with 1 after "ERROR: ..." for flags that it does not know.
  const std::vector<char*> given = absl::ParseCommandLine(argc, argv);
  const std::vector<std::string> arguments(given.begin() + 1, given.end());
  const std::vector<UsageWord> words = ParseUsage(usage.usage);
  absl::Status status = CheckArguments(words, arguments);
  if (status.ok()) status = CheckAskedIsa();
  if (status.ok()) status = GoWhereTheUserIs();
  if (status.ok()) status = CheckOutputs(words);
  LimitMemoryToWhatThereIs();
  if (status.ok()) status = RunGuarded(program, arguments, run);
  const absl::Status flushed = FlushStandardOutput();
  return ExitCode(status.ok() ? flushed : status);
}

int RunProgram(int argc, char** argv, const ProgramUsage& usage,
               const std::function<absl::Status()>& run) {
  return RunProgram(argc, argv, usage,
                    [&](const std::vector<std::string>&) { return run(); });
}

bool IsGiven(absl::string_view flag) {
  return FlagOf(flag).CurrentValue() != FlagOf(flag).DefaultValue();
}

absl::Status RefuseFlags(std::initializer_list<const char*> flags,
                         absl::string_view with) {
  for (const char* const flag : flags) {
    if (IsGiven(flag)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--", flag, ": has no use with ", with));
    }
  }
  return absl::OkStatus();
}

std::string Runfile(absl::string_view path) {
  std::error_code error;
  const std::string own = absl::StrCat(
      std::filesystem::read_symlink("/proc/self/exe", error).string(),
      ".runfiles");
  std::vector<std::string> folders;
  for (const char* variable : {"RUNFILES_DIR", "TEST_SRCDIR"}) {
    if (const char* folder = std::getenv(variable)) folders.push_back(folder);
  }
  folders.push_back(own);
  for (const std::string& folder : folders) {
    // What WORKSPACE calls the tree, and what Bazel 7 does.
    for (const char* tree : {"/anisograd/", "/_main/"}) {
      std::string file = absl::StrCat(folder, tree, path);
      if (std::filesystem::exists(file, error)) return file;
    }
  }
  return absl::StrCat(own, "/anisograd/", path);
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
