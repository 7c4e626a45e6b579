#include "optim/rules.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "optim/validation.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Each field of OptimizerSpec has the one rule of that number and name.
TEST(Rules, EveryFieldHasItsRule) {
  const google::protobuf::OneofDescriptor* const fields =
      OptimizerSpec::descriptor()->FindOneofByName("rule");
  std::set<std::string> names;
  for (int i = 0; i < fields->field_count(); ++i) {
    const google::protobuf::FieldDescriptor* const field = fields->field(i);
    int rules = 0;
    ForEachRule([&](auto tag) {
      using Rule = RuleOf<decltype(tag), double>;
      if (Rule::kCase != field->number()) return;
      ++rules;
      EXPECT_EQ(Rule::kName, field->name());
      EXPECT_EQ(UsualRule(Rule::kName).rule_case(), Rule::kCase);
    });
    EXPECT_EQ(rules, 1) << field->name();
    names.insert(field->name());
  }
  EXPECT_EQ(names.size(), RuleNames().size());
}

TEST(Rules, UsualConstantsAreValid) {
  std::set<std::string> titles;
  for (const std::string& name : RuleNames()) {
    EXPECT_OK(ValidateOptimizer(UsualRule(name), "o")) << name;
    titles.insert(RuleTitle(name));
  }
  EXPECT_EQ(titles.size(), RuleNames().size());
}

TEST(Rules, NamesAndTitles) {
  EXPECT_EQ(RuleNames().front(), "sgd");
  EXPECT_EQ(RuleTitle("adagrad_norm"), "AdaGrad-Norm");
  EXPECT_EQ(RuleTitle("other"), "other");
  EXPECT_EQ(UsualRule("other").rule_case(), OptimizerSpec::RULE_NOT_SET);
}

// Whatever is no rule is an error, not some rule.
TEST(Rules, AnUnknownRuleIsAnError) {
  bool called = false;
  const auto call = [&](auto) {
    called = true;
    return absl::OkStatus();
  };
  EXPECT_EQ(WithRule(OptimizerSpec::RULE_NOT_SET, call).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_FALSE(called);
  EXPECT_OK(WithRule(OptimizerSpec::kAdam, call));
  EXPECT_TRUE(called);
}

TEST(Rules, WhatDividesIsNeverZero) {
  EXPECT_EQ(RoundPositive<float>(1e-10), 1e-10f);
  EXPECT_GT(RoundPositive<float>(1e-60), 0.0f);
  EXPECT_GT(RoundPositive<double>(0.0), 0.0);
}

TEST(Rules, IntegerPower) {
  EXPECT_EQ(IntegerPower(0.9, 0), 1.0);
  EXPECT_EQ(IntegerPower(0.5, 10), 0x1p-10);
  EXPECT_EQ(IntegerPower(2.0, 1000), 0x1p1000);
  EXPECT_EQ(IntegerPower(0.99, int64_t{1} << 40), 0.0);
}

// Option I projects in the norm of what a rule divides each coordinate by; the
// norm of rules that divide by none, or by one number for all, is |.|_2.
TEST(Rules, WhoseMetricIsTheIdentity) {
  EXPECT_TRUE(SgdRule<double>::kEuclidean);
  EXPECT_TRUE(AdaGradNormRule<double>::kEuclidean);
  EXPECT_TRUE(SignSgdRule<double>::kEuclidean);
  EXPECT_FALSE(AdaGradRule<double>::kEuclidean);
  EXPECT_FALSE(AdamRule<double>::kEuclidean);
  EXPECT_FALSE(RmsPropRule<double>::kEuclidean);
}

// m and v of Adam fall while a coordinate's gradient is zero, and m moves it; v
// of RMSProp falls.
TEST(Rules, WhatMovesAtRest) {
  for (const char* const name :
       {"sgd", "adagrad", "adagrad_norm", "signsgd"}) {
    EXPECT_EQ(RuleAtRest(UsualRule(name)), AtRest::kNothing) << name;
  }
  EXPECT_EQ(RuleAtRest(UsualRule("rmsprop")), AtRest::kStatesMove);
  EXPECT_EQ(RuleAtRest(UsualRule("adam")), AtRest::kAllMove);
}

}  // namespace
}  // namespace anisograd
