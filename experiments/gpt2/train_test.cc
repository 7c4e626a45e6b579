// The trainer as users run it: a program that is killed and started again.

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/result.pb.h"
#include "experiments/gpt2/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

class TrainProgram : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(
        testing::TempDir(), "/train_",
        testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    TokenFile tokens = TinyTokens();
    ASSERT_OK(WriteTokenFile(Path("tokens"), tokens.info, tokens.tokens));
    Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "adam", 4).value();
    cell.mutable_protocol()->set_epochs(60);
    WriteSpec(cell);
  }

  std::string Path(const std::string& name) const {
    return absl::StrCat(folder_, "/", name);
  }

  void WriteSpec(const Gpt2ExperimentSpec& cell) {
    ASSERT_OK(WriteFileAtomically(Path("spec"), ToTextProto(cell)));
  }

  // Starts the trainer; its standard error goes to the file "errors".
  pid_t Start(const std::string& out, std::vector<std::string> more = {}) {
    std::vector<std::string> arguments = {
        "experiments/gpt2/train", "--spec=" + Path("spec"),
        "--dataset=" + Path("tokens"), "--out=" + Path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const pid_t child = fork();
    if (child != 0) return child;
    const int errors =
        open(Path("errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    dup2(errors, STDERR_FILENO);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    execv(argv[0], argv.data());
    _exit(127);
  }
  // Its exit status, or minus the signal that ended it.
  static int Wait(pid_t child) {
    int status = 0;
    EXPECT_EQ(child, waitpid(child, &status, 0));
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  std::string folder_;
};

TEST_F(TrainProgram, KilledAndStartedAgainItEndsWithTheSameBytes) {
  ASSERT_EQ(Wait(Start("whole")), 0);
  ASSERT_OK_AND_ASSIGN(const std::string expected, ReadFile(Path("whole")));
  Gpt2Result result;
  ASSERT_TRUE(result.ParseFromString(expected));
  EXPECT_EQ(result.run_size(), 4);

  RandomStream random(2, RandomPurpose::kTest);
  const std::vector<std::string> checkpoint = {
      "--checkpoint=" + Path("checkpoint"), "--checkpoint_interval=5"};
  int killed = 0;
  for (int k = 0; k < 20; ++k) {
    const pid_t child = Start("out", checkpoint);
    std::this_thread::sleep_for(
        std::chrono::microseconds(5000 + random.NextBelow(60000)));
    kill(child, SIGKILL);
    const int status = Wait(child);
    ASSERT_TRUE(status == -SIGKILL || status == 0) << status;
    killed += status == -SIGKILL;
    if (status == 0) break;
    // Killed before it could end, it has left no result.
    EXPECT_FALSE(std::filesystem::exists(Path("out")));
  }
  EXPECT_GT(killed, 0);
  ASSERT_EQ(Wait(Start("out", checkpoint)), 0);
  ASSERT_OK_AND_ASSIGN(const std::string resumed, ReadFile(Path("out")));
  EXPECT_EQ(resumed, expected);
  // Having the result, it needs its checkpoint no longer.
  EXPECT_FALSE(std::filesystem::exists(Path("checkpoint")));
}

TEST_F(TrainProgram, SaysInOneLineWhatIsWrong) {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "sgd", 4).value();
  cell.mutable_model()->set_vocabulary(12);
  WriteSpec(cell);
  EXPECT_NE(Wait(Start("out")), 0);
  ASSERT_OK_AND_ASSIGN(std::string errors, ReadFile(Path("errors")));
  EXPECT_TRUE(absl::StrContains(errors, Path("spec"))) << errors;
  EXPECT_TRUE(absl::StrContains(errors, "model.vocabulary")) << errors;
  EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
  EXPECT_FALSE(std::filesystem::exists(Path("out")));

  cell = ExpandCell(TinyFamily(), "sgd", 4).value();
  WriteSpec(cell);
  ASSERT_OK(WriteFileAtomically(Path("tokens"), "no tokens"));
  EXPECT_NE(Wait(Start("out")), 0);
  ASSERT_OK_AND_ASSIGN(errors, ReadFile(Path("errors")));
  EXPECT_TRUE(absl::StrContains(errors, Path("tokens"))) << errors;
}

}  // namespace
}  // namespace anisograd
