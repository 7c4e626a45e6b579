// gpu_run.sh record, from a bundle whose programs run on the emulator: results
// that are ready to be recorded, also after a failure; and those of
// smoothness_cuda against the CPU's.

#include <sys/wait.h>

#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/net/parameters.h"
#include "experiments/gpt2/record/recorded.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/start/start.h"
#include "experiments/gpt2/start/weights.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

namespace fs = std::filesystem;

// Two runs of two steps. A GPU's kernels need a context of a multiple of 4.
Gpt2ExperimentSpec Cell() {
  Gpt2ExperimentSpec cell = ExpandCell(TinyFamily(), "adam", 16).value();
  cell.mutable_model()->set_context(12);
  cell.mutable_seed()->Truncate(1);
  cell.mutable_protocol()->set_epochs(1);
  return cell;
}

Gpt2SmoothnessSpec Smoothness() {
  Gpt2SmoothnessSpec spec;
  EXPECT_OK(ParseTextProto(R"(
    name: "tiny_smoothness" dataset: "tiny_tokens"
    start { kind: RANDOM seed: 1 }
    sequence_mode: PACKED sequence_length: 8 tokens_per_pass: 32
    sequences: 3 sequence_stride: 5 reduced: "every fifth of 15 examples"
    arithmetic: FLOAT32
    optimizer { adam { beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
    learning_rate: 0.01 steps: 2 probe_interval: 1
    direction: SIGNS radius: 0.001 points_per_radius: 1
    ascent_points: 1
    coordinates_per_kind: 1 aggregate_coordinates: 4 seed: 7
  )", "spec", &spec));
  *spec.mutable_model() = Cell().model();
  return spec;
}

Gpt2SmoothnessResult SmoothnessOnCpu() {
  const Gpt2SmoothnessSpec spec = Smoothness();
  ThreadPool pool(1);
  const auto start = MakeStart(spec.start(), spec.model(), "");
  EXPECT_OK(start.status());
  const auto model = MakeCpuTrainableModel(spec.model(), &pool);
  auto result = RunSmoothnessProbe(spec, TinyTokens(), start->record,
                                   start->parameters, model.get(), &pool);
  EXPECT_OK(result.status());
  return *std::move(result);
}

// Losses, and gradients at points of the trajectory and near them.
void ExpectNear(const Gpt2SmoothnessResult& result,
                const Gpt2SmoothnessResult& expected) {
  EXPECT_EQ(result.start().digest(), expected.start().digest());
  ASSERT_EQ(result.loss_size(), 2);
  ASSERT_EQ(result.probe_size(), 2);
  for (int t = 0; t < 2; ++t) {
    EXPECT_NEAR(result.loss(t), expected.loss(t), 1e-5 * expected.loss(t));
    const NearbyPoint& nearby = result.probe(t).nearby(0);
    const NearbyPoint& of_cpu = expected.probe(t).nearby(0);
    ASSERT_EQ(nearby.gradient_size(), of_cpu.gradient_size());
    for (int j = 0; j < nearby.gradient_size(); ++j) {
      const double tolerance = 1e-5 * expected.gradient_norm(t);
      EXPECT_NEAR(result.probe(t).gradient(j), expected.probe(t).gradient(j),
                  tolerance);
      EXPECT_NEAR(nearby.gradient(j), of_cpu.gradient(j), tolerance);
    }
    // Along ascent. Where a change is nearly 0 its sign may be another one.
    ASSERT_EQ(result.probe(t).nearby_size(), 2);
    const NearbyPoint& ascent = result.probe(t).nearby(1);
    EXPECT_TRUE(ascent.ascent());
    for (const float displacement : ascent.displacement()) {
      EXPECT_NEAR(std::fabs(displacement), 0.001, 1e-6);
    }
  }
}

class GpuRecord : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "bin");
    fs::create_directories(folder_ / "specs/experiments/gpt2");
    for (const std::string script : {"gpu_run.sh", "gpu_tests.sh"}) {
      fs::copy("tools/" + script, folder_ / script);
    }
    Install("experiments/gpt2/train/cuda/train_cuda_emulated", "train_cuda");
    Install("experiments/gpt2/smoothness/cuda/smoothness_cuda_emulated",
            "smoothness_cuda");
    Install("experiments/gpt2/record/record_result", "record_result");
    const TokenFile tokens = TinyTokens();
    fs::create_directories(folder_ / "data");
    ASSERT_OK(WriteTokenFile(Path("data/tiny_tokens.bin"), tokens.info,
                             tokens.tokens));
    // Under the names that the bundle has for a cell's and for others.
    WriteSpec("tiny_adam_m16_spec", "Gpt2ExperimentSpec", Cell());
    WriteSpec("tiny_smoothness", "Gpt2SmoothnessSpec", Smoothness());
  }

  std::string Path(const std::string& name) const { return folder_ / name; }

  void Install(const std::string& program, const std::string& name) {
    fs::remove(folder_ / "bin" / name);
    fs::create_symlink(fs::absolute(program), folder_ / "bin" / name);
  }

  void WriteSpec(const std::string& name, const std::string& type,
                 const google::protobuf::Message& spec) {
    ASSERT_OK(WriteFileAtomically(
        Path("specs/experiments/gpt2/" + name + ".textproto"),
        absl::StrCat("# proto-message: anisograd.", type, "\n",
                     ToTextProto(spec))));
  }

  // A trainer that gets these arguments too.
  void WriteTrainer(const std::string& arguments) {
    const std::string trainer = Path("bin/train_cuda");
    fs::remove(trainer);
    ASSERT_OK(WriteFileAtomically(
        trainer, absl::StrCat("#!/bin/sh\n",
                              fs::absolute("experiments/gpt2/train/cuda/"
                                           "train_cuda_emulated").string(),
                              " \"$@\" ", arguments, "\n")));
    fs::permissions(trainer, fs::perms::owner_all);
  }

  // The script's exit status; its output goes to the file "log".
  int Run(const std::string& arguments) const {
    const int status = std::system(
        absl::StrCat(Path("gpu_run.sh"), " record --out=", Path("out"),
                     " --pack=", Path("pack.tar.gz"), " ", arguments, " > ", Path("log"), " 2>&1")
            .c_str());
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  }
  std::string Log() const { return ReadFile(Path("log")).value(); }

  fs::path folder_;
};

TEST_F(GpuRecord, WritesWhatCanBeRecorded) {
  ASSERT_EQ(Run("--revision=abc tiny_adam_m16 tiny_smoothness"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(
      const Gpt2Result cell,
      ReadRecordedResult(Path("out/tiny_adam_m16.textproto"), Cell()));
  EXPECT_EQ(cell.source_revision(), "abc");
  EXPECT_EQ(cell.target(), "//experiments/gpt2:tiny_adam_m16");
  EXPECT_TRUE(absl::StartsWith(cell.device(), "emulator")) << cell.device();
  EXPECT_EQ(cell.run(1).loss_size(), 2);
  ASSERT_OK_AND_ASSIGN(
      const Gpt2SmoothnessResult smoothness,
      ReadRecordedResult(Path("out/tiny_smoothness.textproto"), Smoothness()));
  EXPECT_EQ(smoothness.outcome(), Run::CONVERGED);
  EXPECT_EQ(smoothness.sequences(), 3);
  ExpectNear(smoothness, SmoothnessOnCpu());

  // What is there is recorded anew, and not run again.
  Install("/bin/false", "train_cuda");
  fs::remove(Path("out/tiny_adam_m16.textproto"));
  ASSERT_EQ(Run("--revision=abc tiny_adam_m16"), 0) << Log();
  EXPECT_TRUE(fs::exists(Path("out/tiny_adam_m16.textproto")));
}

// An old result is not one of another revision, of other data or weights.
TEST_F(GpuRecord, RefusesAResultOfSomethingElse) {
  Gpt2ExperimentSpec cell = Cell();
  cell.mutable_start()->set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  WriteSpec("tuned_spec", "Gpt2ExperimentSpec", cell);
  const ParameterLayout layout(cell.model());
  for (const uint64_t seed : {1, 2}) {
    ASSERT_OK(SaveGpt2Weights(Path(absl::StrCat("weights", seed)), layout,
                              InitialParameters(cell.model(), seed), {}));
  }
  const std::string good = "--revision=abc --weights=" + Path("weights1");
  ASSERT_EQ(Run(good + " tuned"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(const std::string recorded,
                       ReadFile(Path("out/tuned.textproto")));
  TokenFile tokens = TinyTokens();
  tokens.info.note += ", another";
  ASSERT_OK(WriteTokenFile(Path("other.bin"), tokens.info, tokens.tokens));
  for (const auto& [arguments, what] :
       {std::pair<std::string, std::string>{
            "--revision=abcd --weights=" + Path("weights1"), "revision abcd"},
        {"--revision=abc --weights=" + Path("weights2"), "weights "},
        {"--revision=abc", "weights none"},
        {good + " --dataset=" + Path("other.bin"), "data "}}) {
    EXPECT_EQ(Run(arguments + " tuned"), 1) << arguments;
    EXPECT_TRUE(absl::StrContains(Log(), "and not of revision ")) << Log();
    EXPECT_TRUE(absl::StrContains(Log(), what)) << Log();
    EXPECT_EQ(ReadFile(Path("out/tuned.textproto")).value(), recorded);
  }
  // Of the same, wherever they lie.
  fs::rename(Path("weights1"), Path("weights3"));
  // What cannot be read is not left out.
  EXPECT_EQ(Run("--revision=abc --weights=" + Path("weights3") +
                " --dataset=" + Path("nowhere.bin") + " tuned"),
            1);
  EXPECT_TRUE(absl::StrContains(Log(), "cannot read ")) << Log();
  EXPECT_EQ(Run("--revision=abc --weights=" + Path("weights3") + " tuned"), 0)
      << Log();
  // Of unknown origin.
  fs::remove(Path("out/tuned.made_of"));
  EXPECT_EQ(Run("--revision=abc --weights=" + Path("weights3") + " tuned"), 1);
}

// A trainer that fails behind its first run, having no room for the result.
TEST_F(GpuRecord, GoesOnAfterAFailure) {
  ASSERT_EQ(Run("--revision=abc tiny_adam_m16"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(const std::string expected,
                       ReadFile(Path("out/tiny_adam_m16.textproto")));
  fs::remove_all(folder_ / "out");

  WriteTrainer("--out=/dev/full");
  // The next one is run all the same.
  EXPECT_EQ(Run("--revision=abc tiny_adam_m16 tiny_smoothness"), 1);
  EXPECT_TRUE(absl::StrContains(Log(), "gpu_run.sh: tiny_adam_m16 failed"))
      << Log();
  EXPECT_FALSE(fs::exists(Path("out/tiny_adam_m16.textproto")));
  EXPECT_TRUE(fs::exists(Path("out/tiny_adam_m16.ckpt")));
  EXPECT_TRUE(fs::exists(Path("out/tiny_smoothness.textproto")));

  Install("experiments/gpt2/train/cuda/train_cuda_emulated", "train_cuda");
  ASSERT_EQ(Run("--revision=abc tiny_adam_m16"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(const std::string recorded,
                       ReadFile(Path("out/tiny_adam_m16.textproto")));
  EXPECT_EQ(recorded, expected);
  EXPECT_FALSE(fs::exists(Path("out/tiny_adam_m16.ckpt")));
}

// The one file that comes back from a machine which is then gone: the runs that
// are over are not done again on the next.
TEST_F(GpuRecord, GoesOnElsewhereFromWhatWasPacked) {
  ASSERT_EQ(Run("--revision=abc tiny_adam_m16 tiny_smoothness"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(const std::string expected,
                       ReadFile(Path("out/tiny_adam_m16.textproto")));
  fs::remove(Path("out/tiny_adam_m16.result.pb"));
  fs::remove(Path("out/tiny_adam_m16.textproto"));
  // Fails behind its last run, with a checkpoint at every step. The rate of the
  // second run comes first.
  WriteTrainer("--checkpoint_seconds=0 --out=/dev/full");
  const std::string packed = " --pack=" + Path("packed.tar.gz");
  EXPECT_EQ(Run("--revision=abc --first_rates=0.02" + packed +
                " tiny_adam_m16"),
            1);
  const int64_t checkpoint = fs::file_size(Path("out/tiny_adam_m16.ckpt"));
  fs::remove_all(folder_ / "out");
  ASSERT_EQ(std::system(absl::StrCat("mkdir ", Path("out"), " && tar -xzf ",
                                     Path("packed.tar.gz"), " -C ", Path("out"),
                                     " --strip-components=1 recorded")
                            .c_str()),
            0);
  // Without its arrays.
  EXPECT_LT(fs::file_size(Path("out/tiny_adam_m16.ckpt")), checkpoint / 2);
  EXPECT_TRUE(fs::exists(Path("out/tiny_smoothness.textproto")));
  WriteTrainer("");
  ASSERT_EQ(Run("--revision=abc" + packed + " tiny_adam_m16"), 0) << Log();
  EXPECT_EQ(ReadFile(Path("out/tiny_adam_m16.textproto")).value(), expected);
}

TEST_F(GpuRecord, BeginsNothingWhenTheTimeIsOver) {
  EXPECT_EQ(Run("--revision=abc --seconds=0 --pack=" + Path("packed.tar.gz") +
                " tiny_adam_m16 tiny_smoothness"),
            1);
  EXPECT_TRUE(absl::StrContains(Log(), "no time left for tiny_smoothness"))
      << Log();
  EXPECT_TRUE(fs::exists(Path("packed.tar.gz")));
  EXPECT_FALSE(fs::exists(Path("out/tiny_adam_m16.textproto")));
}

// Whoever ends the script, rather than its --seconds, leaves it no time to pack.
TEST_F(GpuRecord, PacksWhatThereIsWhileItRuns) {
  fs::remove(Path("bin/train_cuda"));
  ASSERT_OK(WriteFileAtomically(
      Path("bin/train_cuda"),
      absl::StrCat("#!/bin/sh\necho over >", Path("out/earlier.result.pb"),
                   "\nfor i in 1 2 3 4 5 6 7 8 9; do sleep 1\n"
                   "tar -tzf ", Path("pack.tar.gz"),
                   " | grep -q earlier.result.pb && echo packed && exit 1\n"
                   "done\n")));
  fs::permissions(Path("bin/train_cuda"), fs::perms::owner_all);
  ::setenv("PACK_SECONDS", "1", 1);
  EXPECT_EQ(Run("--revision=abc tiny_adam_m16"), 1);
  ::unsetenv("PACK_SECONDS");
  EXPECT_TRUE(absl::StrContains(Log(), "packed\n")) << Log();
  // Nothing of it is left behind.
  for (const auto& entry : fs::directory_iterator(folder_)) {
    EXPECT_FALSE(absl::StrContains(entry.path().string(), ".tmp")) << entry;
  }
}

// Trains weights, and starts from them: the script hands both options on.
TEST_F(GpuRecord, StartsFromWeightsThatItTrained) {
  Gpt2ExperimentSpec cell = Cell();
  cell.mutable_grid()->mutable_learning_rate()->Truncate(1);
  WriteSpec("pretrain", "Gpt2ExperimentSpec", cell);
  const std::string weights = Path("weights.safetensors");
  ASSERT_EQ(Run("--revision=abc --save_weights=" + weights + " pretrain"), 0)
      << Log();
  cell.mutable_start()->set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  WriteSpec("tuned_spec", "Gpt2ExperimentSpec", cell);
  EXPECT_EQ(Run("--revision=abc tuned"), 1);
  EXPECT_TRUE(absl::StrContains(Log(), "ERROR: --weights is required")) << Log();
  ASSERT_EQ(Run("--revision=abc --random_start --out=" + Path("random") +
                " tuned"),
            0)
      << Log();
  ASSERT_EQ(Run("--revision=abc --weights=" + weights + " tuned"), 0) << Log();
  ASSERT_OK_AND_ASSIGN(const Gpt2Result tuned,
                       ReadRecordedResult(Path("out/tuned.textproto"), cell));
  EXPECT_TRUE(tuned.start().stand_in());
  EXPECT_TRUE(tuned.start().has_pretraining());
  // The build takes it, unless nothing may stand in for the official weights.
  const std::string check = absl::StrCat(
      "experiments/gpt2/record/check_recorded --spec=",
      Path("specs/experiments/gpt2/tuned_spec.textproto"),
      " --dataset=", Path("data/tiny_tokens.bin"),
      " --recorded=", Path("out/tuned.textproto"), " --out=", Path("checked"));
  EXPECT_EQ(std::system(check.c_str()), 0);
  EXPECT_NE(std::system((check + " --require_official 2> " + Path("log")).c_str()),
            0);
  EXPECT_TRUE(absl::StrContains(Log(), "tuned.textproto: start.stand_in: "))
      << Log();
  // Also where the spec asks for them.
  cell.mutable_start()->set_kind(Gpt2Start::PRETRAINED_WEIGHTS);
  WriteSpec("again_spec", "Gpt2ExperimentSpec", cell);
  EXPECT_EQ(Run("--revision=abc --weights=" + weights + " again"), 0) << Log();
}

TEST_F(GpuRecord, SaysWhatIsMissing) {
  EXPECT_EQ(Run("tiny_adam_m16"), 2);
  EXPECT_TRUE(absl::StartsWith(Log(), "usage: ")) << Log();
  EXPECT_EQ(Run("--revision=abc"), 2);
  EXPECT_EQ(Run("--revision=abc --speed=9 tiny_adam_m16"), 2);
  EXPECT_EQ(Run("--revision=abc tiny_lion_m16"), 1);
  EXPECT_TRUE(absl::StrContains(Log(), "no spec tiny_lion_m16")) << Log();
  fs::rename(Path("data/tiny_tokens.bin"), Path("tokens.bin"));
  EXPECT_EQ(Run("--revision=abc tiny_smoothness"), 1);
  EXPECT_TRUE(absl::StrContains(Log(),
                                "data/tiny_tokens.bin; give it by "
                                "--dataset"))
      << Log();
  EXPECT_EQ(Run("--revision=abc --dataset=" + Path("tokens.bin") +
                " tiny_smoothness"),
            0)
      << Log();
}

}  // namespace
}  // namespace anisograd
