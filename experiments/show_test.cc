// show_result on every kind of result, under any name.

#include <sys/wait.h>

#include <cstdlib>
#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/result.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kExperiment[] = R"pb(
  spec {
    name: "small" dataset: "small"
    method { name: "sgd" optimizer { sgd {} } }
    batch_size: 64
    seed: 1
    grid { learning_rate: 0.5 }
    logistic { epochs: 5 }
  }
  dataset { name: "small" rows: 40 }
  run { learning_rate: 0.5 seed: 1 outcome: CONVERGED loss: 0.25
        best_loss: 0.25 }
  selected { learning_rate: 0.5 mean_loss: 0.25 }
)pb";

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/", name);
}

void Write(const std::string& name, const google::protobuf::Message& message) {
  ASSERT_OK(WriteFileAtomically(Path(name), SerializeDeterministically(message)));
}

template <typename Result>
Result Parse(const std::string& text) {
  Result result;
  EXPECT_OK(ParseTextProto(text, "result", &result));
  return result;
}

// Exit status, and all output.
std::pair<int, std::string> Show(const std::string& arguments) {
  const int status = std::system(
      absl::StrCat("p=$PWD; cd ", testing::TempDir(),
                   " && $p/experiments/show_result ", arguments, " >out 2>&1")
          .c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1,
          ReadFile(Path("out")).value()};
}

TEST(Show, AResultWithoutOptimaHasItsLoss) {
  ExperimentResult result = Parse<ExperimentResult>(kExperiment);
  Write("run.result.pb", result);
  auto [status, text] = Show("run.result.pb");
  EXPECT_EQ(status, 0) << text;
  EXPECT_THAT(text, HasSubstr("best f "));
  EXPECT_THAT(text, HasSubstr(": f = 2.5000e-01"));
  EXPECT_THAT(text, Not(HasSubstr("f*")));
  EXPECT_THAT(text, HasSubstr("the batch size exceeds the rows"));
  for (const auto role : {OptimumSpec::EXACT, OptimumSpec::PAPER}) {
    OptimumRecord* optimum = result.add_optimum();
    optimum->mutable_spec()->set_role(role);
    optimum->set_loss(role == OptimumSpec::PAPER ? 0.125 : 0.0625);
  }
  Write("run.result.pb", result);
  std::tie(status, text) = Show("run.result.pb");
  EXPECT_THAT(text, HasSubstr("best f-f*"));
  EXPECT_THAT(text, HasSubstr(": f - f* = 1.2500e-01"));
}

TEST(Show, MarksTheSelectedOfTwoSchedulesOfOneKind) {
  ExperimentResult result = Parse<ExperimentResult>(kExperiment);
  *result.add_run() = result.run(0);
  for (ScheduleSpec* schedule :
       {result.mutable_run(1)->mutable_schedule(),
        result.mutable_selected()->mutable_schedule()}) {
    schedule->set_warmup_steps(5);
  }
  Write("run.result.pb", result);
  const auto [status, text] = Show("run.result.pb");
  EXPECT_EQ(status, 0) << text;
  EXPECT_EQ(text.find("(selected)"), text.rfind("(selected)"));
  EXPECT_THAT(text, HasSubstr("(selected)"));
}

// The name, and the folder, say nothing.
TEST(Show, TellsTheKindByTheContent) {
  Write("a.pb", Parse<ExperimentResult>(kExperiment));
  Write("b.pb", Parse<OptimumResult>(R"pb(
    spec { role: EXACT newton { gradient_tolerance: 1e-10 } }
    dataset { name: "small" } loss: 0.5 weights: 1 weights: 2
  )pb"));
  Write("c_optimum_.pb", Parse<Gpt2Result>(R"pb(
    spec {
      name: "tiny" model { layers: 1 }
      method { name: "adam" optimizer { adam { beta1: 0.9 } } }
      batch_size: 4 protocol { epochs: 1 }
    }
    run { learning_rate: 0.5 loss: 3 loss: 2 outcome: CONVERGED }
  )pb"));
  Write("d.pb", Parse<Gpt2SmoothnessResult>(R"pb(
    spec { name: "probe" model { layers: 1 } steps: 2 }
    loss: 3 loss: 2 gradient_norm: 1 gradient_norm: 1
  )pb"));
  const auto [status, text] = Show("a.pb b.pb c_optimum_.pb d.pb");
  EXPECT_EQ(status, 0) << text;
  EXPECT_THAT(text, HasSubstr("method       sgd, batch size 64"));
  EXPECT_THAT(text, HasSubstr("loss         0.5\n"));
  EXPECT_THAT(text, HasSubstr("f(w*) = 0.5, |grad f(w*)|_2 = 0.0e+00; NOT CONV"));
  EXPECT_THAT(text, HasSubstr("method       adam, batch size 4"));
  EXPECT_THAT(text, HasSubstr("probes       0 iterates"));
  EXPECT_THAT(Show("--full d.pb").second, StartsWith("spec {"));
}

TEST(Show, RefusesWhatIsNoResult) {
  const std::string text = "not a message";
  ASSERT_OK(WriteFileAtomically(Path("text"), text));
  ASSERT_OK(WriteFileAtomically(Path("empty"), ""));
  ExperimentResult no_runs = Parse<ExperimentResult>(kExperiment);
  no_runs.clear_run();
  Write("no_runs", no_runs);
  ExperimentResult family = Parse<ExperimentResult>(kExperiment);
  family.mutable_spec()->clear_method();
  Write("family", family);
  ExperimentResult damaged = Parse<ExperimentResult>(kExperiment);
  damaged.mutable_run(0)->clear_loss();
  Write("damaged", damaged);
  ConstantsResult constants;
  constants.mutable_dataset()->set_name("small");
  Write("constants", constants);
  for (const std::string name :
       {"text", "empty", "no_runs", "family", "damaged", "constants"}) {
    const auto [status, error] = Show(name);
    EXPECT_EQ(status, 1) << name;
    EXPECT_EQ(error, absl::StrCat("ERROR: ", name,
                                  ": spec: neither a result of training nor "
                                  "an optimum\n"));
  }
}

}  // namespace
}  // namespace anisograd
