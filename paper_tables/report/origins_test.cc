#include "paper_tables/report/origins.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using nlohmann::json;
using ::testing::HasSubstr;

ExperimentResult MakeResult() {
  ExperimentResult result;
  result.set_target("//:t");
  result.set_spec_digest("1234");
  ExperimentSpec* spec = result.mutable_spec();
  spec->set_name("d");
  spec->add_method()->set_name("adagrad");
  spec->add_batch_size(4);
  spec->mutable_logistic()->set_epochs(3);
  spec->mutable_logistic()->set_selection(LogisticProtocol::BEST_EPOCH);
  spec->mutable_logistic()->mutable_explosion()->set_max_sample_loss(18);
  result.mutable_dataset()->set_name("data");
  result.mutable_dataset()->set_digest("abcd");
  result.mutable_dataset()->set_rows(10);
  OptimumRecord* optimum = result.add_optimum();
  optimum->mutable_spec()->set_role(OptimumSpec::PAPER);
  optimum->set_loss(0.25);
  for (const double rate : {0.5, 1.0}) {
    Run* run = result.add_run();
    run->set_seed(7);
    run->set_learning_rate(rate);
    run->set_best_loss(0.5);
    run->mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
    run->set_outcome(rate == 1.0 ? Run::EXPLODED : Run::CONVERGED);
  }
  result.mutable_selected()->set_learning_rate(0.5);
  result.mutable_selected()->mutable_schedule()->set_kind(
      ScheduleSpec::CONSTANT);
  return result;
}

TEST(OriginTest, OfACell) {
  const Origin origin = MakeOrigin(MakeResult());
  EXPECT_EQ(origin.target, "//:t");
  EXPECT_EQ(origin.data_digest, "abcd");
  EXPECT_EQ(origin.recorded_on, "");
  EXPECT_EQ(origin.json["seeds"], json::parse("[[7, 0.25]]"));
  EXPECT_EQ(origin.json["selected"], "learning rate 0.5, constant");
  EXPECT_EQ(origin.json["outcomes"],
            json::parse("[[\"runs\",2],[\"converged\",1],[\"exploded\",1]]"));
  EXPECT_EQ(origin.json["curve"]["method"], "AdaGrad");
  const std::string text = origin.json.dump();
  EXPECT_THAT(text, HasSubstr("[\"selection\",\"BEST_EPOCH\"]"));
  EXPECT_THAT(text, HasSubstr("[\"explosion: max sample loss\",\"18\"]"));
  EXPECT_THAT(text, HasSubstr("[\"rows\",\"10\"]"));
  EXPECT_THAT(text, HasSubstr("[\"spec digest\",\"1234\"]"));
  EXPECT_THAT(std::string(origin.json["spec"]), HasSubstr("name: \"d\""));
}

TEST(OriginTest, OfACellWhoseRunsAllExploded) {
  ExperimentResult result = MakeResult();
  result.clear_selected();
  const Origin origin = MakeOrigin(result);
  EXPECT_THAT(std::string(origin.json["selected"]), HasSubstr("none"));
  EXPECT_FALSE(origin.json.contains("curve"));
}

TEST(OriginTest, OfFineTuning) {
  Gpt2Result result;
  result.set_target("//:g");
  result.set_device("a GPU");
  result.mutable_start()->set_note("random");
  Gpt2Run* run = result.add_run();
  run->set_learning_rate(1);
  run->set_seed(42);
  run->set_reported_loss(2.5);
  for (int t = 0; t < 400; ++t) run->add_loss(t);
  result.mutable_selected()->set_learning_rate(1);
  Origin origin = MakeOrigin(result);
  EXPECT_EQ(origin.recorded_on, "");
  EXPECT_EQ(origin.json["seeds"], json::parse("[[42, 2.5]]"));
  EXPECT_EQ(origin.json["series"]["points"].size(), 200);
  EXPECT_EQ(origin.json["series"]["points"][0], json::parse("[2, 0.5]"));
  EXPECT_THAT(origin.json.dump(), HasSubstr("[\"start: note\",\"random\"]"));
  result.set_source_revision("r");
  EXPECT_EQ(MakeOrigin(result).recorded_on, "a GPU");
}

TEST(OriginTest, OfConstants) {
  ConstantsResult result;
  result.set_target("//:c");
  result.set_smoothness_l1(14.5);
  EXPECT_THAT(MakeOrigin(result).json.dump(),
              HasSubstr("[\"smoothness l1\",\"14.5\"]"));
}

}  // namespace
}  // namespace anisograd
