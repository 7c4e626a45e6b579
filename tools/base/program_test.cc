#include "tools/base/program.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, spec, "", "what to do");
ABSL_FLAG(std::vector<std::string>, methods, {}, "some of them");
ABSL_FLAG(int, speed, 3, "how fast");
ABSL_FLAG(std::string, out, "", "where to write");
ABSL_FLAG(std::string, out_dir, "", "where to write many files");

namespace anisograd {
namespace {

using testing::ExitedWithCode;

constexpr ProgramUsage kUsage = {
    "Does nothing, well.",
    "--spec=F [--methods=A,B [--speed=N]] [--out=OUT.pb] [--out_dir=OUT_DIR]"};
constexpr ProgramUsage kWithArguments = {"Takes files.", "[--speed=N] FILE..."};

// Ends with the exit status of the program; its standard output goes where
// standard error does.
[[noreturn]] void RunTool(
    std::vector<std::string> arguments,
    const std::function<absl::Status(const std::vector<std::string>&)>& run,
    const ProgramUsage& usage = kUsage) {
  dup2(STDERR_FILENO, STDOUT_FILENO);
  arguments.insert(arguments.begin(), "/some/where/tool");
  std::vector<char*> argv;
  for (std::string& argument : arguments) argv.push_back(argument.data());
  std::exit(
      RunProgram(static_cast<int>(argv.size()), argv.data(), usage, run));
}

absl::Status Fine(const std::vector<std::string>& arguments) {
  std::fprintf(stderr, "ran with %s at %d for %s\n",
               absl::StrJoin(arguments, ",").c_str(),
               absl::GetFlag(FLAGS_speed), absl::GetFlag(FLAGS_spec).c_str());
  return absl::OkStatus();
}

TEST(RunProgram, RunsAndReportsErrors) {
  EXPECT_EXIT(RunTool({"--spec=x"}, Fine), ExitedWithCode(0),
              "^ran with  at 3 for x\n$");
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [](const auto&) { return absl::DataLossError("x: bad"); }),
              ExitedWithCode(1), "^ERROR: x: bad\n$");
  EXPECT_EXIT(RunTool({"a", "--speed=4", "b"}, Fine, kWithArguments),
              ExitedWithCode(0), "^ran with a,b at 4 for \n$");
}

TEST(RunProgram, Help) {
  const std::string help =
      "^usage: tool --spec=F .*\nDoes nothing, well.\n\n  --spec=F\n      what "
      "to do\n  --methods=A,B\n      some of them\n  --speed=N\n      how fast; "
      "3 unless given\n  --out=OUT.pb\n";
  EXPECT_EXIT(RunTool({"--help"}, Fine), ExitedWithCode(0), help);
  EXPECT_EXIT(RunTool({"--spec=x", "-h", "stray"}, Fine), ExitedWithCode(0), help);
}

TEST(RunProgram, RefusesWhatItDoesNotKnow) {
  EXPECT_EXIT(RunTool({"--spec=x", "--sped=1"}, Fine), ExitedWithCode(1),
              "^ERROR: Unknown command line flag 'sped'");
  EXPECT_EXIT(RunTool({"--spec=x", "--speed=fast"}, Fine), ExitedWithCode(1),
              "^ERROR: Illegal value 'fast' specified for flag 'speed'");
  EXPECT_EXIT(RunTool({"--spec=x", "--methods", "sgd", "adagrad"}, Fine),
              ExitedWithCode(1),
              "^ERROR: unexpected argument \"adagrad\"; .* --NAME=VALUE,VALUE");
  EXPECT_EXIT(RunTool({"--spec=x", "--", "--out"}, Fine), ExitedWithCode(1),
              "^ERROR: unexpected argument \"--out\"");
  constexpr ProgramUsage kOne = {"Takes one file.", "FILE"};
  EXPECT_EXIT(RunTool({"a", "b"}, Fine, kOne), ExitedWithCode(1),
              "^ERROR: unexpected argument \"b\"");
}

TEST(RunProgram, NamesWhatIsMissing) {
  EXPECT_EXIT(RunTool({"--spec=x", "--speed=4"}, Fine), ExitedWithCode(1),
              "^ERROR: --speed: has no use without --methods\n$");
  constexpr ProgramUsage kSideBySide = {
      "Has brackets beside each other in a bracket.",
      "--spec=F [--methods=A,B [--out=OUT] [--speed=N]] [--out_dir=OUT_DIR]"};
  EXPECT_EXIT(RunTool({"--spec=x", "--speed=4", "--methods=a"}, Fine, kSideBySide),
              ExitedWithCode(0), "^ran with");
  EXPECT_EXIT(RunTool({"--spec=x", "--out_dir=/tmp"}, Fine, kSideBySide),
              ExitedWithCode(0), "^ran with");
  EXPECT_EXIT(RunTool({"--methods=a"}, Fine), ExitedWithCode(1),
              "^ERROR: --spec is required");
  EXPECT_EXIT(RunTool({}, Fine, kWithArguments), ExitedWithCode(1),
              "^ERROR: FILE... is required");
}

TEST(RunProgram, AnInstructionSetThatThereIsNot) {
  EXPECT_EXIT(
      {
        setenv("ANISOGRAD_ISA", "avx", 1);
        RunTool({"--spec=x"}, Fine);
      },
      ExitedWithCode(1),
      "^ERROR: ANISOGRAD_ISA: must be avx2 or unset, is \"avx\"\n$");
  EXPECT_EXIT(
      {
        setenv("ANISOGRAD_ISA", "avx2", 1);
        RunTool({"--spec=x"}, Fine);
      },
      ExitedWithCode(0), "^ran with");
}

TEST(RunProgram, TriesOutputsBeforeTheWork) {
  EXPECT_EXIT(RunTool({"--spec=x", "--out=/nowhere/x.pb"}, Fine), ExitedWithCode(1),
              "^ERROR: /nowhere/x.pb.*: No such file or directory\n$");
  EXPECT_EXIT(RunTool({"--spec=x", "--out_dir=/nowhere"}, Fine), ExitedWithCode(1),
              "^ERROR: /nowhere/.*: No such file or directory\n$");
  EXPECT_EXIT(RunTool({"--spec=x", "--out=/"}, Fine), ExitedWithCode(1),
              "^ERROR: /: cannot write: Is a directory\n$");
}

absl::Status PrintMuch(const std::vector<std::string>&) {
  for (int i = 0; i < 10000; ++i) std::printf("a line of output\n");
  return absl::OkStatus();
}

absl::Status PrintLittle(const std::vector<std::string>&) {
  std::printf("a line of output\n");
  return absl::OkStatus();
}

TEST(RunProgram, StandardOutputThatCannotBeWritten) {
  for (const auto& print : {PrintMuch, PrintLittle}) {
    EXPECT_EXIT(RunTool({"--spec=x"},
                    [&](const auto& arguments) {
                      const int full = open("/dev/full", O_WRONLY);
                      dup2(full, STDOUT_FILENO);
                      return print(arguments);
                    }),
                ExitedWithCode(1),
                "^ERROR: standard output: No space left on device\n$");
  }
}

TEST(RunProgram, StandardOutputThatIsClosed) {
  const std::string path = testing::TempDir() + "/not_standard_output";
  const auto run = [&](bool prints) {
    close(STDOUT_FILENO);
    char name[] = "tool", spec[] = "--spec=x";
    char* argv[] = {name, spec, nullptr};
    std::exit(RunProgram(2, argv, kUsage, [&] {
      // Would be file descriptor 1.
      const absl::Status status = WriteFileAtomically(path, "contents");
      if (prints) std::printf("a line of output\n");
      return status;
    }));
  };
  EXPECT_EXIT(run(true), ExitedWithCode(1),
              "^ERROR: standard output: Bad file descriptor\n$");
  EXPECT_EXIT(run(false), ExitedWithCode(0), "^$");
  EXPECT_EQ(ReadFile(path).value(), "contents");
}

TEST(RunProgram, WhatTheMachineDoesNotHave) {
  const auto limited = [](const auto&) {
    const rlimit limit = {1 << 29, 1 << 29};
    setrlimit(RLIMIT_AS, &limit);
    return absl::InternalError(std::string(size_t{1} << 31, 'x'));
  };
  EXPECT_EXIT(RunTool({"--spec=x"}, limited), ExitedWithCode(1),
              "^ERROR: tool: not enough memory\n$");
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [&](const auto& arguments) {
                    std::thread([&] { (void)limited(arguments); }).join();
                    return absl::OkStatus();
                  }),
              ExitedWithCode(1), "^ERROR: not enough memory\n$");
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [](const auto&) {
                    std::vector<double> v;
                    v.reserve(static_cast<size_t>(-1) / 4);
                    return absl::OkStatus();
                  }),
              ExitedWithCode(1), "^ERROR: tool: not enough memory\n$");
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [](const auto&) -> absl::Status {
                    throw std::system_error(EAGAIN, std::generic_category(),
                                            "no thread");
                  }),
              ExitedWithCode(1), "^ERROR: tool: no thread: Resource tempor");
}

// No destructor runs.
TEST(RunProgram, NoTemporaryFileOutlivesAnExceptionOfAThread) {
  const std::filesystem::path folder = testing::TempDir() + "/of_a_thread";
  std::filesystem::create_directories(folder);
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [&](const auto&) {
                    const auto writer = AtomicFileWriter::Open(folder / "f");
                    std::thread([] { throw std::bad_alloc(); }).join();
                    return writer.status();
                  }),
              ExitedWithCode(1), "^ERROR: not enough memory\n$");
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST(RunProgram, MemoryIsThatOfTheMachine) {
  EXPECT_EXIT(RunTool({"--spec=x"},
                  [](const auto&) {
                    rlimit limit;
                    getrlimit(RLIMIT_DATA, &limit);
                    // 16 TiB: no machine has them free.
                    const bool limited = limit.rlim_cur < rlim_t{1} << 44;
                    return limited ? absl::OkStatus()
                                   : absl::InternalError("unlimited");
                  }),
              ExitedWithCode(0), "^$");
}

// The folder of the user, where `bazel run` starts programs in their runfiles.
TEST(RunProgram, RelativePathsAreTheUsers) {
  const std::filesystem::path folder = testing::TempDir() + "/user_paths";
  std::filesystem::create_directories(folder / "tool.runfiles/anisograd");
  std::filesystem::create_directories(folder / "user");
  std::filesystem::create_directories(folder / "bazelw");
  const auto run = [&](const std::string& from, bool bazelw) {
    std::filesystem::current_path(folder / from);
    setenv("BUILD_WORKING_DIRECTORY", (folder / "user").c_str(), 1);
    if (bazelw) {
      setenv("ANISOGRAD_WORKING_DIRECTORY", (folder / "bazelw").c_str(), 1);
    }
    RunTool({"--spec=x", "--out=f"}, [](const auto&) {
      return WriteFileAtomically(absl::GetFlag(FLAGS_out), "");
    });
  };
  EXPECT_EXIT(run("tool.runfiles/anisograd", false), ExitedWithCode(0), "^$");
  EXPECT_TRUE(std::filesystem::exists(folder / "user/f"));
  EXPECT_EXIT(run("tool.runfiles/anisograd", true), ExitedWithCode(0), "^$");
  EXPECT_TRUE(std::filesystem::exists(folder / "bazelw/f"));
  // Started by hand, in whatever environment.
  EXPECT_EXIT(run(".", true), ExitedWithCode(0), "^$");
  EXPECT_TRUE(std::filesystem::exists(folder / "f"));
}

TEST(Runfile, IsFoundInTheCallersOrTheOwn) {
  const std::string folder = testing::TempDir() + "/caller.runfiles";
  // By the name that WORKSPACE gives the tree, and as Bazel 7 does.
  for (const std::string tree : {"/anisograd", "/_main"}) {
    std::filesystem::create_directories(folder + tree);
    ASSERT_OK(WriteFileAtomically(folder + tree + "/f" + tree.substr(1), ""));
  }
  setenv("RUNFILES_DIR", folder.c_str(), 1);
  EXPECT_EQ(Runfile("fanisograd"), folder + "/anisograd/fanisograd");
  EXPECT_EQ(Runfile("f_main"), folder + "/_main/f_main");
  // The program's own, whatever name it was started by.
  EXPECT_EQ(Runfile("g"),
            std::filesystem::read_symlink("/proc/self/exe").string() +
                ".runfiles/anisograd/g");
}

}  // namespace
}  // namespace anisograd
