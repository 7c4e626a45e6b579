// The trainer as users run it: a program that is killed and started again, and
// given what it cannot use.

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/file_size_limit.h"
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
    const TokenFile tokens = TinyTokens();
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

  // Starts the trainer; its standard error goes to the file "errors". It can
  // write files of at most `room` bytes, as on a device that is full then.
  pid_t Start(const std::string& out, std::vector<std::string> more = {},
              rlim_t room = RLIM_INFINITY) {
    std::vector<std::string> arguments = {
        "experiments/gpt2/train/train", "--spec=" + Path("spec"),
        "--dataset=" + Path("tokens"), "--out=" + Path(out)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const int errors =
        open(Path("errors").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    const FileSizeLimit limit(room);
    const pid_t child = fork();
    if (child != 0) {
      close(errors);
      return child;
    }
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

  // Which file stands at `path`: another after every atomic write.
  static std::pair<ino_t, int64_t> Version(const std::string& path) {
    struct stat info;
    if (stat(path.c_str(), &info) != 0) return {0, 0};
    return {info.st_ino, info.st_mtim.tv_nsec};
  }
  // Kills the trainer once it has written its checkpoint `times` times, or so.
  void KillAfter(pid_t child, const std::string& checkpoint, int times) {
    auto seen = Version(checkpoint);
    while (times > 0) {
      ASSERT_EQ(waitpid(child, nullptr, WNOHANG), 0) << "ended before its time";
      const auto now = Version(checkpoint);
      if (now != seen) --times;
      seen = now;
      std::this_thread::sleep_for(std::chrono::microseconds(100));
    }
    kill(child, SIGKILL);
    ASSERT_EQ(Wait(child), -SIGKILL);
  }

  // Runs the trainer, which must refuse with one line on standard error and
  // without a result.
  std::string Refusal(const std::vector<std::string>& more = {},
                      rlim_t room = RLIM_INFINITY) {
    EXPECT_EQ(Wait(Start("out", more, room)), 1);
    EXPECT_FALSE(std::filesystem::exists(Path("out")));
    const std::string errors = ReadFile(Path("errors")).value();
    EXPECT_EQ(std::count(errors.begin(), errors.end(), '\n'), 1) << errors;
    EXPECT_TRUE(absl::StartsWith(errors, "ERROR: ")) << errors;
    return errors;
  }
  // Files in the folder, leftovers of writing among them.
  std::vector<std::string> Files() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      names.push_back(entry.path().filename());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

  std::string folder_;
};

// A checkpoint after every step, so that most kills hit the trainer while it
// writes one.
TEST_F(TrainProgram, KilledAndStartedAgainItEndsWithTheSameBytes) {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "adam", 4).value();
  // 4 runs of 1,200 steps.
  cell.mutable_protocol()->set_epochs(200);
  WriteSpec(cell);
  ASSERT_EQ(Wait(Start("whole")), 0);
  ASSERT_OK_AND_ASSIGN(const std::string expected, ReadFile(Path("whole")));
  Gpt2Result result;
  ASSERT_TRUE(result.ParseFromString(expected));
  EXPECT_EQ(result.run_size(), 4);
  EXPECT_EQ(result.run(0).loss_size(), 1200);

  // A link, as to a device of its own, is followed and stays.
  const std::string checkpoint = Path("checkpoint");
  std::filesystem::create_symlink("elsewhere", checkpoint);
  RandomStream random(2, RandomPurpose::kTest);
  for (int k = 0; k < 5; ++k) {
    const pid_t child =
        Start("out", {"--checkpoint=" + checkpoint, "--checkpoint_seconds=0",
                      absl::StrCat("--threads=", 1 + k % 3)});
    ASSERT_NO_FATAL_FAILURE(KillAfter(
        child, checkpoint, 1 + static_cast<int>(random.NextBelow(10))));
    EXPECT_FALSE(std::filesystem::exists(Path("out")));
  }
  ASSERT_EQ(Wait(Start("out", {"--checkpoint=" + checkpoint})), 0);
  ASSERT_OK_AND_ASSIGN(const std::string resumed, ReadFile(Path("out")));
  EXPECT_EQ(resumed, expected);
  // Having the result, it needs its checkpoint no longer.
  EXPECT_FALSE(std::filesystem::exists(Path("elsewhere")));
  EXPECT_TRUE(std::filesystem::is_symlink(checkpoint));
}

TEST_F(TrainProgram, AFullDiskLeavesNoResultAndTheCheckpoint) {
  ASSERT_EQ(Wait(Start("whole")), 0);
  // Room for less than the result.
  std::string error = Refusal({}, 1000);
  EXPECT_TRUE(absl::StartsWith(error, "ERROR: " + Path("out") + ": "))
      << error;
  EXPECT_EQ(Files(), (std::vector<std::string>{"errors", "spec", "tokens",
                                               "whole"}));
  // The same while a checkpoint is written.
  const std::string checkpoint = "--checkpoint=" + Path("checkpoint");
  const pid_t child = Start("out", {checkpoint, "--checkpoint_seconds=0"});
  ASSERT_NO_FATAL_FAILURE(KillAfter(child, Path("checkpoint"), 1));
  ASSERT_OK_AND_ASSIGN(const std::string old, ReadFile(Path("checkpoint")));
  error = Refusal({checkpoint, "--checkpoint_seconds=0"}, 1000);
  EXPECT_TRUE(absl::StartsWith(error, "ERROR: " + Path("checkpoint") + ": "))
      << error;
  ASSERT_OK_AND_ASSIGN(const std::string kept, ReadFile(Path("checkpoint")));
  EXPECT_EQ(kept, old);
  // With room again, all is well.
  ASSERT_EQ(Wait(Start("out", {checkpoint})), 0);
  EXPECT_EQ(*ReadFile(Path("out")), *ReadFile(Path("whole")));
}

// Pre-trains, saves the weights, and starts another cell from them.
TEST_F(TrainProgram, SavesTheWeightsOfItsOneRun) {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "adam", 4).value();
  WriteSpec(cell);
  const std::string save = "--save_weights=" + Path("weights");
  // Of 4 runs.
  const std::string error = Refusal({save});
  EXPECT_TRUE(absl::StartsWith(
      error, "ERROR: " + Path("spec") + ": --save_weights: "))
      << error;
  EXPECT_FALSE(std::filesystem::exists(Path("weights")));

  cell.mutable_grid()->mutable_learning_rate()->Truncate(1);
  cell.mutable_seed()->Truncate(1);
  WriteSpec(cell);
  ASSERT_EQ(Wait(Start("pretrained", {save})), 0);
  Gpt2Result pretrained;
  ASSERT_OK(ReadBinaryProto(Path("pretrained"), &pretrained));

  cell.mutable_start()->set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  WriteSpec(cell);
  // A flag that was forgotten is no random start.
  EXPECT_TRUE(absl::StrContains(Refusal({}), "ERROR: --weights is required"));
  EXPECT_TRUE(absl::StrContains(
      Refusal({"--random_start", "--weights=" + Path("weights")}),
      "ERROR: --weights, --random_start: give one"));
  ASSERT_EQ(Wait(Start("random", {"--random_start"})), 0);
  Gpt2Result random;
  ASSERT_OK(ReadBinaryProto(Path("random"), &random));
  EXPECT_TRUE(random.start().stand_in());
  EXPECT_EQ(random.start().note(),
            "GPT-2's official weights could not be had: random start, seed 1");
  ASSERT_EQ(Wait(Start("tuned", {"--weights=" + Path("weights")})), 0);
  Gpt2Result tuned;
  ASSERT_OK(ReadBinaryProto(Path("tuned"), &tuned));
  EXPECT_EQ(tuned.start().digest(), pretrained.run(0).parameters_digest());
  EXPECT_TRUE(tuned.start().stand_in());
  EXPECT_LT(tuned.run(0).loss(0), pretrained.run(0).loss(0));
}

TEST_F(TrainProgram, SaysInOneLineWhatIsWrongWithTheSpec) {
  EXPECT_TRUE(absl::StrContains(Refusal({"--spec=" + Path("none")}),
                                Path("none") + ": "));
  const std::string good = ReadFile(Path("spec")).value();
  const struct {
    std::string from, to, error;
  } cases[] = {
      {"epochs: 60", "epochs: 0", ": protocol.epochs: must be positive"},
      {"epochs: 60", "epoch: 60", "\"epoch\""},
      {"epochs: 60", "epochs: many", "many"},
      {"heads: 2", "heads: 3", ": model.heads: must divide"},
      {"vocabulary: 13", "vocabulary: 12", ": model.vocabulary: is 12, but"},
      {"batch_size: 4", "batch_size: 4\nbatch_size: 7",
       ": method, batch_size: a cell has exactly one"},
      {"batch_size: 4", "batch_size: 25", ": batch_size: exceeds the 24"},
      {"mode: PACKED", "mode: PACKD", "PACKD"},
      {"arithmetic: FLOAT32", "arithmetic: BF16",
       ": arithmetic: is BF16, which takes a GPU"},
      {"name: \"tiny\"", "name: \"tiny", ""},
      {"name: \"tiny\"", std::string("\0\xff", 2), ""},
  };
  for (const auto& bad : cases) {
    std::string text = good;
    ASSERT_NE(text.find(bad.from), std::string::npos) << bad.from;
    text.replace(text.find(bad.from), bad.from.size(), bad.to);
    if (bad.to == "batch_size: 25") {
      text.replace(text.find("KEEP"), 4, "DROP");
    }
    ASSERT_OK(WriteFileAtomically(Path("spec"), text));
    const std::string error = Refusal();
    EXPECT_TRUE(absl::StartsWith(error, "ERROR: " + Path("spec") + ":"))
        << error;
    EXPECT_TRUE(absl::StrContains(error, bad.error)) << error;
  }
}

TEST_F(TrainProgram, RefusesAModelThatNoMemoryHolds) {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "adam", 4).value();
  cell.mutable_model()->set_layers(1000);
  cell.mutable_model()->set_width(1 << 16);
  WriteSpec(cell);
  const std::string error = Refusal();
  EXPECT_TRUE(absl::StartsWith(error, absl::StrCat("ERROR: ", Path("spec"),
                                                   ": model: 51540461")))
      << error;
  EXPECT_TRUE(absl::StrContains(error, " parameters: takes about 58983")) << error;
}

TEST_F(TrainProgram, SaysInOneLineWhatIsWrongWithOtherInput) {
  for (const char* threads : {"--threads=0", "--threads=100000"}) {
    EXPECT_TRUE(absl::StrContains(
        Refusal({threads}), "--threads: must be between 1 and 8192, got "));
  }
  EXPECT_TRUE(absl::StrContains(
      Refusal({"--weights=nosuch"}),
      "start.kind: is RANDOM, which takes no weights, but nosuch is given"));
  EXPECT_TRUE(absl::StrContains(Refusal({"--first_rates=0.1,x"}),
                                "--first_rates: \"x\" is not a number"));
  EXPECT_TRUE(absl::StrContains(
      Refusal({"--first_rates=0.1,0.3"}),
      "--first_rates: 0.3 is no learning rate of " + Path("spec")));
  EXPECT_TRUE(absl::StrContains(
      Refusal({"--checkpoint=" + Path("c"), "--checkpoint_seconds=-1"}),
      "--checkpoint_seconds: must not be negative"));
  EXPECT_TRUE(absl::StrContains(
      Refusal({"--checkpoint_seconds=5"}),
      "--checkpoint_seconds: has no use without --checkpoint"));
  EXPECT_TRUE(absl::StrContains(Refusal({"--dataset=" + Path("none")}),
                                Path("none") + ": "));
  EXPECT_TRUE(absl::StrContains(Refusal({"--out=" + Path("none/out")}),
                                Path("none/out")));
  ASSERT_OK(WriteFileAtomically(Path("checkpoint"), "no checkpoint"));
  EXPECT_TRUE(absl::StartsWith(Refusal({"--checkpoint=" + Path("checkpoint")}),
                               "ERROR: " + Path("checkpoint") + ": not a"));
  ASSERT_EQ(mkfifo(Path("fifo").c_str(), 0600), 0);
  EXPECT_EQ(Refusal({"--checkpoint=" + Path("fifo")}),
            "ERROR: " + Path("fifo") + ": not a file\n");
  TokenFile tokens = TinyTokens();
  tokens.info.name = "other_tokens";
  ASSERT_OK(WriteTokenFile(Path("other"), tokens.info, tokens.tokens));
  EXPECT_EQ(Refusal({"--dataset=" + Path("other")}),
            absl::StrCat("ERROR: ", Path("spec"),
                         ": dataset: asks for \"tiny_tokens\", but ",
                         Path("other"), " holds \"other_tokens\"\n"));
  tokens = TinyTokens();
  tokens.tokens.tokens[5] = 13;
  ASSERT_OK(WriteTokenFile(Path("tokens"), tokens.info, tokens.tokens));
  std::string error = Refusal();
  EXPECT_TRUE(absl::StartsWith(error, "ERROR: " + Path("tokens") + ": "));
  EXPECT_TRUE(absl::StrContains(
      error, "token 5 has the id 13 in a vocabulary of 13"))
      << error;
  ASSERT_OK(WriteFileAtomically(Path("tokens"), "no tokens"));
  error = Refusal();
  EXPECT_TRUE(absl::StartsWith(error, "ERROR: " + Path("tokens") + ": "))
      << error;
}

}  // namespace
}  // namespace anisograd
