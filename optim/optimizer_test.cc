#include "optim/optimizer.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "optim/rules.h"
#include "optim/schedule.h"
#include "optim/validation.h"
#include "tools/base/lanes.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

// The usual constants, or an epsilon that shows.
OptimizerSpec Rule(const std::string& name) {
  OptimizerSpec spec = UsualRule(name);
  if (name == "adagrad" || name == "adagrad_inside") {
    spec.mutable_adagrad()->set_epsilon(1e-3);
    spec.mutable_adagrad()->set_epsilon_convention(
        name == "adagrad" ? AdaGrad::OUTSIDE_ROOT : AdaGrad::INSIDE_ROOT);
  }
  if (name == "adagrad_norm") spec.mutable_adagrad_norm()->set_epsilon(1e-3);
  return spec;
}

std::vector<double> TwoSteps(const std::string& rule) {
  auto optimizer = *MakeOptimizer<double>(Rule(rule), 2);
  std::vector<double> w = {1.0, 2.0};
  optimizer->Step(0.5, {3.0, 0.0}, absl::MakeSpan(w));
  optimizer->Step(0.25, {4.0, -2.0}, absl::MakeSpan(w));
  return w;
}

TEST(Sgd, TwoStepsByHand) {
  const std::vector<double> w = TwoSteps("sgd");
  EXPECT_DOUBLE_EQ(w[0], 1.0 - 0.5 * 3 - 0.25 * 4);
  EXPECT_DOUBLE_EQ(w[1], 2.0 + 0.25 * 2);
}

// Accumulators 9 then 25 = 9 + 16 in the first coordinate.
TEST(AdaGrad, TwoStepsByHand) {
  const std::vector<double> w = TwoSteps("adagrad");
  EXPECT_NEAR(w[0], 1.0 - 0.5 * 3 / 3.001 - 0.25 * 4 / 5.001, 1e-15);
  EXPECT_NEAR(w[1], 2.0 + 0.25 * 2 / 2.001, 1e-15);
}

TEST(AdaGrad, EpsilonInsideTheRoot) {
  const std::vector<double> w = TwoSteps("adagrad_inside");
  EXPECT_NEAR(w[0],
              1.0 - 1.5 / std::sqrt(9 + 1e-6) - 1.0 / std::sqrt(25 + 1e-6),
              1e-15);
  EXPECT_NEAR(w[1], 2.0 + 0.5 / std::sqrt(4 + 1e-6), 1e-15);
}

// Norms 9 then 9 + 20 = 29.
TEST(AdaGradNorm, TwoStepsByHand) {
  const std::vector<double> w = TwoSteps("adagrad_norm");
  EXPECT_NEAR(w[0],
              1.0 - 1.5 / std::sqrt(9 + 1e-6) - 1.0 / std::sqrt(29 + 1e-6),
              1e-14);
  EXPECT_NEAR(w[1], 2.0 + 0.5 / std::sqrt(29 + 1e-6), 1e-14);
}

// The first step of Adam is learning_rate * sign(g) up to epsilon.
TEST(Adam, StepsByHand) {
  auto optimizer = *MakeOptimizer<double>(Rule("adam"), 1);
  std::vector<double> w = {0.0};
  optimizer->Step(0.1, {-7.0}, absl::MakeSpan(w));
  EXPECT_NEAR(w[0], 0.1, 1e-9);
  const double m = 0.9 * (0.1 * -7.0) + 0.1 * 3.0;
  const double v = 0.999 * (0.001 * 49.0) + 0.001 * 9.0;
  const double before = w[0];
  optimizer->Step(0.1, {3.0}, absl::MakeSpan(w));
  EXPECT_NEAR(w[0],
              before - 0.1 * (m / (1 - 0.81)) /
                           (std::sqrt(v / (1 - 0.998001)) + 1e-8),
              1e-14);
}

// The first step is rate / sqrt(1 - beta) = 10 rates.
TEST(RmsProp, TwoStepsByHand) {
  const std::vector<double> w = TwoSteps("rmsprop");
  const double v = 0.99 * (0.01 * 9.0) + 0.01 * 16.0;
  EXPECT_NEAR(w[0], 1.0 - 0.5 * 10 - 0.25 * 4 / std::sqrt(v), 1e-6);
  EXPECT_NEAR(w[1], 2.0 + 0.25 * 10, 1e-6);
}

TEST(SignSgd, TwoStepsByHand) {
  const std::vector<double> w = TwoSteps("signsgd");
  EXPECT_EQ(w[0], 1.0 - 0.5 - 0.25);
  EXPECT_EQ(w[1], 2.0 + 0.25);
}

std::vector<std::string> Variants() {
  std::vector<std::string> names = RuleNames();
  names.push_back("adagrad_inside");
  return names;
}

class EveryRule : public testing::TestWithParam<std::string> {};

TEST_P(EveryRule, SparseStepsAreDenseSteps) {
  auto dense = *MakeOptimizer<double>(Rule(GetParam()), 50);
  auto sparse = *MakeOptimizer<double>(Rule(GetParam()), 50);
  std::vector<double> a(50, 0.5), b(50, 0.5);
  RandomStream stream(1, RandomPurpose::kTest);
  for (int t = 0; t < 300; ++t) {
    std::vector<double> gradient(50, 0.0), values;
    std::vector<uint32_t> indices;
    for (uint32_t j = 0; j < 50; ++j) {
      if (stream.NextUniform() > 0.1) continue;
      gradient[j] = stream.NextUniform(-1, 1);
      indices.push_back(j);
      values.push_back(gradient[j]);
    }
    dense->Step(0.1, gradient, absl::MakeSpan(a));
    sparse->SparseStep(0.1, indices, values, absl::MakeSpan(b));
  }
  EXPECT_EQ(a, b);
}

TEST_P(EveryRule, StateRestores) {
  auto optimizer = *MakeOptimizer<float>(Rule(GetParam()), 3);
  std::vector<float> w = {1, 2, 3};
  optimizer->Step(0.1f, {1, -2, 3}, absl::MakeSpan(w));
  auto copy = *MakeOptimizer<float>(Rule(GetParam()), 3);
  const auto from = optimizer->State(), to = copy->State();
  ASSERT_EQ(from.size(), to.size());
  for (size_t i = 0; i < from.size(); ++i) {
    EXPECT_EQ(from[i].name, to[i].name);
    ASSERT_EQ(from[i].values.size(), to[i].values.size());
    std::copy(from[i].values.begin(), from[i].values.end(),
              to[i].values.begin());
  }
  std::vector<float> again = w;
  optimizer->Step(0.1f, {-1, 0.5, 2}, absl::MakeSpan(w));
  copy->Step(0.1f, {-1, 0.5, 2}, absl::MakeSpan(again));
  EXPECT_EQ(w, again);
}

// f(w) = sum_j h_j w_j^2 / 2 falls to a thousandth under every rule, with a
// falling rate for those whose steps do not shrink with the gradient.
TEST_P(EveryRule, DescendsOnAQuadratic) {
  auto optimizer = *MakeOptimizer<double>(Rule(GetParam()), 3);
  const double h[] = {4.0, 1.0, 0.25};
  std::vector<double> w = {1, -1, 1};
  const auto f = [&] {
    double sum = 0.0;
    for (int j = 0; j < 3; ++j) sum += 0.5 * h[j] * w[j] * w[j];
    return sum;
  };
  const double initial = f();
  for (int t = 0; t < 30000; ++t) {
    std::vector<double> g(3);
    for (int j = 0; j < 3; ++j) g[j] = h[j] * w[j];
    optimizer->Step(1.0 / std::sqrt(t + 1.0), g, absl::MakeSpan(w));
  }
  EXPECT_LT(f(), 1e-3 * initial);
}

// 0 / 0 is nobody's concern, however small epsilon is.
TEST_P(EveryRule, ZeroGradientsMoveNothingAtFirst) {
  OptimizerSpec spec = Rule(GetParam());
  google::protobuf::Message* const rule =
      spec.GetReflection()->MutableMessage(
          &spec, spec.GetDescriptor()->FindFieldByNumber(spec.rule_case()));
  const auto* const epsilon = rule->GetDescriptor()->FindFieldByName("epsilon");
  if (epsilon != nullptr) {
    rule->GetReflection()->SetDouble(rule, epsilon, 2e-45);
  }
  auto optimizer = *MakeOptimizer<float>(spec, 2);
  std::vector<float> w = {0.5f, -0.25f};
  optimizer->Step(0.1f, {0.0f, 0.0f}, absl::MakeSpan(w));
  EXPECT_EQ(w, (std::vector<float>{0.5f, -0.25f}));
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, testing::ValuesIn(Variants()),
                         [](const auto& info) { return info.param; });

struct History {
  std::vector<double> rates;
  std::vector<std::vector<double>> numbers;

  double learning_rate(int64_t t) const { return rates[t]; }
  void Load(int64_t t, double* out) const {
    std::copy(numbers[t].begin(), numbers[t].end(), out);
  }
};

// Rests of all lengths, with a decaying rate: equal to stepping densely. The
// states may differ by the roundings of both ways, 2^-53 relative for each of
// at most two operations a step in either.
template <typename Rule>
void ExpectCatchUpEqualsDenseSteps() {
  RandomStream stream(2, RandomPurpose::kTest);
  Rule rule(UsualRule(Rule::kName));
  History history;
  double clock[Rule::kClock + 1];
  std::fill(std::begin(clock), std::end(clock), 1.0);
  // Stepped every time, and caught up when a gradient comes.
  double s[Rule::kStates] = {}, w = 0.7;
  double late_s[Rule::kStates] = {}, late_w = 0.7;
  int64_t until = 0;
  const auto expect_equal = [&](int64_t steps) {
    ASSERT_NEAR(late_w, w, 1e-12) << steps;
    for (int i = 0; i < Rule::kStates; ++i) {
      ASSERT_NEAR(late_s[i], s[i],
                  4.0 * static_cast<double>(steps) * 0x1p-53 *
                      std::fabs(s[i]))
          << steps;
    }
  };
  for (int64_t t = 0; t < 20000; ++t) {
    history.rates.push_back(0.1 / std::sqrt(static_cast<double>(t + 1)));
    if constexpr (Rule::kClock > 0) {
      rule.Advance(clock);
      history.numbers.emplace_back(rule.numbers, rule.numbers + Rule::kClock);
    }
    const bool rests = stream.NextUniform() > (t % 4000 < 2000 ? 0.3 : 0.0005);
    const double g = rests ? 0.0 : stream.NextUniform(-1, 1);
    rule.Step(history.rates[t], g, s, &w);
    if (!rests) {
      rule.CatchUp(history, until, t, late_s, &late_w);
      rule.Step(history.rates[t], g, late_s, &late_w);
      until = t + 1;
      ASSERT_NO_FATAL_FAILURE(expect_equal(t + 1));
    }
  }
  rule.CatchUp(history, until, 20000, late_s, &late_w);
  expect_equal(20000);
}

TEST(CatchUp, EqualsDenseSteps) {
  ForEachRule([](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if constexpr (Rule::kAtRest != AtRest::kNothing) {
      SCOPED_TRACE(Rule::kName);
      ExpectCatchUpEqualsDenseSteps<Rule>();
    }
  });
}

TEST(Schedule, Formulas) {
  ScheduleSpec schedule;
  schedule.set_kind(ScheduleSpec::CONSTANT);
  EXPECT_EQ(ScheduleFactor(schedule, 7, 10), 1.0);
  schedule.set_kind(ScheduleSpec::INVERSE_SQUARE_ROOT);
  EXPECT_EQ(ScheduleFactor(schedule, 0, 10), 1.0);
  EXPECT_EQ(ScheduleFactor(schedule, 3, 10), 0.5);
  schedule.set_kind(ScheduleSpec::COSINE);
  EXPECT_EQ(ScheduleFactor(schedule, 0, 10), 1.0);
  EXPECT_NEAR(ScheduleFactor(schedule, 5, 10), 0.5, 1e-15);
  EXPECT_EQ(ScheduleFactor(schedule, 10, 10), 0.0);
  EXPECT_EQ(ScheduleFactor(schedule, 99, 10), 0.0);
  schedule.set_warmup_steps(4);
  EXPECT_EQ(ScheduleFactor(schedule, 1, 10), 0.25);
  EXPECT_EQ(ScheduleFactor(schedule, 4, 10), 1.0);
  EXPECT_NEAR(ScheduleFactor(schedule, 7, 10), 0.5, 1e-15);
}

TEST(Validation, NamesTheBadField) {
  const auto error = [](const OptimizerSpec& spec) {
    return std::string(ValidateOptimizer(spec, "o").message());
  };
  EXPECT_THAT(error(OptimizerSpec()), HasSubstr("o: must name"));
  for (const std::string& rule : Variants()) EXPECT_EQ(error(Rule(rule)), "");
  OptimizerSpec spec = Rule("adam");
  spec.mutable_adam()->set_beta1(1.0);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.beta1: "));
  spec = Rule("adam");
  spec.mutable_adam()->set_beta2(0.0);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.beta2: "));
  spec = Rule("adam");
  spec.mutable_adam()->set_epsilon(-1);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.epsilon: "));
  spec = Rule("adagrad");
  spec.mutable_adagrad()->clear_epsilon_convention();
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad.epsilon_convention: "));
  spec = Rule("adagrad");
  spec.mutable_adagrad()->set_epsilon(0);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad.epsilon: "));
  spec = Rule("adagrad_inside");
  spec.mutable_adagrad()->set_initial_accumulator(1);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad.initial_accumulator: "));
  spec = Rule("rmsprop");
  spec.mutable_rmsprop()->set_beta(1);
  EXPECT_THAT(error(spec), HasSubstr("o.rmsprop.beta: "));
  spec = Rule("rmsprop");
  spec.mutable_rmsprop()->set_epsilon(0);
  EXPECT_THAT(error(spec), HasSubstr("o.rmsprop.epsilon: "));
  spec = Rule("adagrad_norm");
  spec.mutable_adagrad_norm()->set_epsilon(0);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad_norm.epsilon: "));
  // The square is 0.
  spec.mutable_adagrad_norm()->set_epsilon(1e-170);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad_norm.epsilon: "));
  spec = Rule("adagrad_inside");
  spec.mutable_adagrad()->set_epsilon(1e-170);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad.epsilon: "));
  // Neither positive nor below 1 in single precision.
  spec = Rule("adagrad");
  spec.mutable_adagrad()->set_epsilon(1e-50);
  EXPECT_THAT(error(spec), HasSubstr("o.adagrad.epsilon: "));
  spec = Rule("adam");
  spec.mutable_adam()->set_beta2(1 - 1e-9);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.beta2: "));
  spec = Rule("adam");
  spec.mutable_adam()->set_beta1(1 - 1e-9);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.beta1: "));
  spec = Rule("adam");
  spec.mutable_adam()->set_epsilon(1e-50);
  EXPECT_THAT(error(spec), HasSubstr("o.adam.epsilon: "));
  spec = Rule("adagrad_norm");
  spec.mutable_adagrad_norm()->set_epsilon(0);
  EXPECT_FALSE(MakeOptimizer<double>(spec, 1).ok());

  ScheduleSpec schedule;
  EXPECT_THAT(std::string(ValidateSchedule(schedule, "s").message()),
              HasSubstr("s.kind: "));
  schedule.set_kind(ScheduleSpec::CONSTANT);
  EXPECT_OK(ValidateSchedule(schedule, "s"));
  schedule.set_warmup_steps(1);
  EXPECT_THAT(std::string(ValidateSchedule(schedule, "s").message()),
              HasSubstr("s.warmup_steps: "));
  ProjectionSpec projection;
  EXPECT_OK(ValidateProjection(projection, "p"));
  projection.set_radius(1);
  EXPECT_THAT(std::string(ValidateProjection(projection, "p").message()),
              HasSubstr("p.radius: "));
}

}  // namespace
}  // namespace anisograd
