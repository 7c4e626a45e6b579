#include "experiments/spec_validation.h"

#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

ExperimentSpec A9a() {
  return ReadFamily("experiments/logistic/small.textproto", "a9a", "a9a", 123)
      .value();
}

TEST(ReadExperiment, EverySpecInTheTreeIsValid) {
  int families = 0;
  for (const auto& file :
       std::filesystem::directory_iterator("experiments/logistic")) {
    const std::string stem = file.path().stem();
    if (!absl::EndsWith(stem, "_family")) continue;
    ++families;
    const auto spec = ReadExperiment(file.path());
    ASSERT_OK(spec.status());
    EXPECT_EQ(absl::StrCat(spec->name(), "_family"), stem);
    // 2 methods of the paper and 2 more, 6 batch sizes, 8 grid points, 3 seeds.
    EXPECT_EQ(spec->method_size(), 6);
    EXPECT_EQ(spec->batch_size_size(), 6);
    EXPECT_EQ(spec->grid().learning_rate_size() * spec->grid().schedule_size(),
              8);
    EXPECT_EQ(spec->seed_size(), 3);
  }
  EXPECT_GE(families, 5);
}

TEST(ReadFamily, TheRadiusOfLargeDataSetsIsOneHundredthByTheirFeatures) {
  const std::string path = "experiments/logistic/large.textproto";
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec rcv1,
                       ReadFamily(path, "rcv1", "rcv1", 47236));
  EXPECT_EQ(rcv1.logistic().initial_radius(), 2.1170e-7);
  ASSERT_OK_AND_ASSIGN(const ExperimentSpec real_sim,
                       ReadFamily(path, "x", "real-sim", 20958));
  EXPECT_EQ(real_sim.logistic().initial_radius(), 4.7714e-7);
  EXPECT_EQ(real_sim.name(), "x");
  EXPECT_EQ(real_sim.dataset(), "real-sim");
  EXPECT_EQ(A9a().logistic().initial_radius(), 0.05);
}

TEST(ReadExperiment, RefusesAProtocol) {
  const std::string path = "experiments/logistic/large.textproto";
  EXPECT_THAT(std::string(ReadExperiment(path).status().message()),
              testing::MatchesRegex(".*large.textproto:.*name: must be .*"));
}

TEST(ReadExperiment, ErrorsNameFileLineAndField) {
  const std::string path = testing::TempDir() + "/bad.textproto";
  std::string text = *ReadFile("experiments/logistic/small.textproto");
  const auto write = [&](const std::string& from, const std::string& to) {
    std::string changed = text;
    changed.replace(changed.find(from), from.size(), to);
    ASSERT_OK(WriteFileAtomically(path, changed));
  };
  write("epochs: 100", "epochs: -3");
  const auto read = [&] { return ReadFamily(path, "a9a", "a9a", 123); };
  EXPECT_THAT(std::string(read().status().message()),
              testing::MatchesRegex(
                  ".*bad.textproto:[0-9]+: logistic.epochs: must be positive, "
                  "got -3"));
  write("epochs: 100", "epoch: 100");
  EXPECT_THAT(
      std::string(read().status().message()),
      testing::MatchesRegex(".*bad.textproto:[0-9]+:[0-9]+: .*\"epoch\".*"));
}

struct BadField {
  std::string field;
  std::function<void(ExperimentSpec*)> spoil;
};

class BadExperiment : public testing::TestWithParam<BadField> {};

TEST_P(BadExperiment, IsRefusedByName) {
  ExperimentSpec spec = A9a();
  ASSERT_OK(ValidateExperiment(spec));
  GetParam().spoil(&spec);
  const absl::Status status = ValidateExperiment(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().field));
}

using S = ExperimentSpec;

INSTANTIATE_TEST_SUITE_P(
    Fields, BadExperiment,
    testing::Values(
        BadField{"name: ", [](S* s) { s->set_name("a b"); }},
        BadField{"dataset: ", [](S* s) { s->clear_dataset(); }},
        BadField{"method[1].name: ",
                 [](S* s) { s->mutable_method(1)->set_name("sgd"); }},
        BadField{"method[0].optimizer: ",
                 [](S* s) { s->mutable_method(0)->clear_optimizer(); }},
        BadField{"batch_size[2]: ", [](S* s) { s->set_batch_size(2, 0); }},
        BadField{"batch_size[1]: ", [](S* s) { s->set_batch_size(1, 1); }},
        // With the rows it would exceed 64 bits.
        BadField{"batch_size[2]: must be in 1 .. 2147483647, got 2147483648",
                 [](S* s) { s->set_batch_size(2, int64_t{1} << 31); }},
        BadField{"batch_size: ", [](S* s) { s->clear_batch_size(); }},
        BadField{"grid.learning_rate: the grid is empty",
                 [](S* s) { s->mutable_grid()->clear_learning_rate(); }},
        BadField{"grid.schedule: the grid is empty",
                 [](S* s) { s->mutable_grid()->clear_schedule(); }},
        BadField{"grid.learning_rate[3]: must be positive",
                 [](S* s) { s->mutable_grid()->set_learning_rate(3, -1); }},
        BadField{"grid.learning_rate[2]: 10 stands twice",
                 [](S* s) { s->mutable_grid()->set_learning_rate(2, 10); }},
        BadField{"grid.schedule[1]: stands twice",
                 [](S* s) {
                   *s->mutable_grid()->mutable_schedule(1) =
                       s->grid().schedule(0);
                 }},
        BadField{"grid.schedule[0].kind: ",
                 [](S* s) {
                   s->mutable_grid()->mutable_schedule(0)->clear_kind();
                 }},
        BadField{"seed: ", [](S* s) { s->clear_seed(); }},
        BadField{"logistic: ", [](S* s) { s->clear_logistic(); }},
        BadField{"logistic.initial_radius: ",
                 [](S* s) { s->mutable_logistic()->set_initial_radius(-1); }},
        BadField{"logistic.divide_radius_by_features: ",
                 [](S* s) {
                   s->mutable_logistic()->set_divide_radius_by_features(true);
                 }},
        BadField{"logistic.sampling: ",
                 [](S* s) { s->mutable_logistic()->clear_sampling(); }},
        BadField{"logistic.last_batch: ",
                 [](S* s) { s->mutable_logistic()->clear_last_batch(); }},
        BadField{"logistic.schedule_clock: ",
                 [](S* s) { s->mutable_logistic()->clear_schedule_clock(); }},
        BadField{"logistic.iterate: ",
                 [](S* s) { s->mutable_logistic()->clear_iterate(); }},
        BadField{"logistic.selection: ",
                 [](S* s) { s->mutable_logistic()->clear_selection(); }},
        BadField{"logistic.explosion.max_sample_loss: ",
                 [](S* s) {
                   s->mutable_logistic()
                       ->mutable_explosion()
                       ->set_max_sample_loss(-1);
                 }},
        BadField{"logistic.projection.radius: ",
                 [](S* s) {
                   s->mutable_logistic()->mutable_projection()->set_kind(
                       ProjectionSpec::BOX);
                 }},
        BadField{"extremes.counts: ",
                 [](S* s) { s->mutable_extremes()->clear_counts(); }},
        BadField{"extremes.max_epoch_mean_loss: ",
                 [](S* s) {
                   s->mutable_extremes()->set_counts(
                       ExtremesSpec::EPOCH_MEAN_LOSS_BELOW);
                 }},
        BadField{"extremes.max_epoch_mean_loss: ",
                 [](S* s) {
                   s->mutable_extremes()->set_max_epoch_mean_loss(0.8);
                 }},
        BadField{"extremes.distance_steps: ",
                 [](S* s) { s->mutable_extremes()->clear_distance_steps(); }},
        BadField{"extremes.distance_steps: a projection",
                 [](S* s) {
                   ProjectionSpec* w = s->mutable_logistic()->mutable_projection();
                   w->set_kind(ProjectionSpec::L2_BALL);
                   w->set_radius(9);
                 }},
        BadField{"extremes.join_seeds: ",
                 [](S* s) { s->mutable_extremes()->clear_join_seeds(); }},
        BadField{"extremes.evaluations_per_epoch: ",
                 [](S* s) {
                   s->mutable_extremes()->set_evaluations_per_epoch(-1);
                 }},
        BadField{"optimum: ", [](S* s) { s->clear_optimum(); }},
        BadField{"optimum[0].role: ",
                 [](S* s) { s->mutable_optimum(0)->clear_role(); }},
        BadField{"optimum[1].role: ",
                 [](S* s) {
                   s->mutable_optimum(1)->set_role(OptimumSpec::PAPER);
                 }},
        BadField{"optimum: none has the role PAPER",
                 [](S* s) { s->mutable_optimum()->DeleteSubrange(0, 1); }},
        BadField{"optimum[0].gradient_descent.steps: ",
                 [](S* s) {
                   s->mutable_optimum(0)
                       ->mutable_gradient_descent()
                       ->set_steps(0);
                 }},
        BadField{"optimum[1].newton.gradient_tolerance: ", [](S* s) {
                   s->mutable_optimum(1)
                       ->mutable_newton()
                       ->clear_gradient_tolerance();
                 }}));

TEST(ExpandCell, KeepsOneMethodAndBatchSize) {
  const auto cell = ExpandCell(A9a(), "adagrad", 64);
  ASSERT_OK(cell.status());
  ASSERT_EQ(cell->method_size(), 1);
  EXPECT_EQ(cell->method(0).name(), "adagrad");
  ASSERT_EQ(cell->batch_size_size(), 1);
  EXPECT_EQ(cell->batch_size(0), 64);
  EXPECT_EQ(ExpandCell(A9a(), "lion", 64).status().message(),
            "method: a9a has no method \"lion\"");
  EXPECT_EQ(ExpandCell(A9a(), "sgd", 3).status().message(),
            "batch_size: a9a has no batch size 3");
}

// A cell does not change when the family gets another batch size or method.
TEST(ExpandCell, DependsOnItsOwnPartOnly) {
  ExperimentSpec more = A9a();
  more.add_batch_size(4096);
  more.add_method()->set_name("new");
  EXPECT_EQ(SpecDigest(*ExpandCell(more, "sgd", 4)),
            SpecDigest(*ExpandCell(A9a(), "sgd", 4)));
}

TEST(ExpandOptimum, KeepsOneOptimumAndNoCells) {
  const auto part = ExpandOptimum(A9a(), "exact");
  ASSERT_OK(part.status());
  ASSERT_OK(ValidateExperiment(*part));
  EXPECT_EQ(part->optimum_size(), 1);
  EXPECT_TRUE(part->optimum(0).has_newton());
  EXPECT_EQ(part->method_size() + part->batch_size_size(), 0);
  EXPECT_FALSE(part->has_extremes());
  EXPECT_FALSE(ExpandOptimum(A9a(), "better").ok());
}

// The least of each number that is valid, and the next below it.
TEST(ValidateExperiment, WhereNumbersBegin) {
  ExperimentSpec spec = A9a();
  LogisticProtocol* const logistic = spec.mutable_logistic();
  logistic->set_epochs(1);
  logistic->set_initial_radius(0);
  logistic->mutable_explosion()->set_max_sample_loss(0);
  spec.mutable_extremes()->set_evaluations_per_epoch(1);
  spec.set_batch_size(0, int64_t{(1u << 31) - 1});
  EXPECT_OK(ValidateExperiment(spec));
  spec.mutable_extremes()->set_evaluations_per_epoch(0);
  EXPECT_FALSE(ValidateExperiment(spec).ok());
  spec.mutable_extremes()->set_evaluations_per_epoch(1);
  logistic->set_epochs(0);
  EXPECT_FALSE(ValidateExperiment(spec).ok());
}

TEST(ValidateExperiment, EveryFieldOfEveryMethodOfAnOptimum) {
  const auto error = [](const std::string& method) {
    ExperimentSpec spec = A9a();
    EXPECT_OK(ParseTextProto("role: PAPER " + method, "f",
                             spec.mutable_optimum(0)));
    return std::string(ValidateExperiment(spec).message());
  };
  const std::string grid =
      "grid { learning_rate: 1 schedule { kind: CONSTANT } } ";
  for (const std::string& least :
       {std::string("gradient_descent { steps: 1 learning_rate: 1e-9 }"),
        "adagrad { epochs: 1 batch_size: 1 " + grid + "optimizer { sgd {} } }",
        std::string("newton { gradient_tolerance: 1e-9 max_iterations: 1 }"),
        std::string("lbfgs { gradient_tolerance: 1e-9 max_iterations: 1 "
                    "memory: 1 }")}) {
    EXPECT_EQ(error(least), "") << least;
  }
  for (const auto& [field, method] :
       std::vector<std::pair<std::string, std::string>>{
           {"", ""},
           {".gradient_descent.steps", "gradient_descent { learning_rate: 1 }"},
           {".gradient_descent.learning_rate", "gradient_descent { steps: 1 }"},
           {".adagrad.epochs",
            "adagrad { batch_size: 1 " + grid + "optimizer { sgd {} } }"},
           {".adagrad.batch_size",
            "adagrad { epochs: 1 " + grid + "optimizer { sgd {} } }"},
           {".adagrad.grid.learning_rate",
            "adagrad { epochs: 1 batch_size: 1 optimizer { sgd {} } }"},
           {".adagrad.optimizer",
            "adagrad { epochs: 1 batch_size: 1 " + grid + "}"},
           {".newton.gradient_tolerance", "newton { max_iterations: 1 }"},
           {".newton.max_iterations", "newton { gradient_tolerance: 1 }"},
           {".lbfgs.gradient_tolerance",
            "lbfgs { max_iterations: 1 memory: 1 }"},
           {".lbfgs.max_iterations",
            "lbfgs { gradient_tolerance: 1 memory: 1 }"},
           {".lbfgs.memory", "lbfgs { gradient_tolerance: 1 max_iterations: 1 }"},
       }) {
    EXPECT_THAT(error(method), HasSubstr("optimum[0]" + field + ": "));
  }
}

}  // namespace
}  // namespace anisograd
