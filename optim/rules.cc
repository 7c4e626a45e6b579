#include "optim/rules.h"

namespace anisograd {

std::vector<std::string> RuleNames() {
  std::vector<std::string> names;
  ForEachRule([&](auto tag) {
    names.push_back(RuleOf<decltype(tag), double>::kName);
  });
  return names;
}

std::string RuleTitle(absl::string_view name) {
  std::string title(name);
  ForEachRule([&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if (name == Rule::kName) title = Rule::kTitle;
  });
  return title;
}

OptimizerSpec UsualRule(absl::string_view name) {
  OptimizerSpec spec;
  ForEachRule([&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if (name != Rule::kName) return;
    spec.GetReflection()->MutableMessage(
        &spec, spec.GetDescriptor()->FindFieldByNumber(Rule::kCase));
    Rule::SetUsual(&spec);
  });
  return spec;
}

AtRest RuleAtRest(const OptimizerSpec& spec) {
  AtRest at_rest = AtRest::kNothing;
  ForEachRule([&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if (Rule::kCase == spec.rule_case()) at_rest = Rule::kAtRest;
  });
  return at_rest;
}

}  // namespace anisograd
