#ifndef OPTIM_RULES_H_
#define OPTIM_RULES_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "optim/adagrad.h"
#include "optim/adagrad_norm.h"
#include "optim/adam.h"
#include "optim/optimizer.pb.h"
#include "optim/rmsprop.h"
#include "optim/rule.h"
#include "optim/sgd.h"
#include "optim/signsgd.h"

namespace anisograd {

template <template <typename> class... Rule>
struct RuleList {};

// The update rules (optim/rule.h says what they are), one header each. A rule
// that is not in this list does not exist; one that is needs nothing else.
using Rules = RuleList<SgdRule, AdaGradRule, AdaGradNormRule, AdamRule,
                       RmsPropRule, SignSgdRule>;

// A rule as an argument of a generic lambda, and the rule for scalars T from
// that argument's type.
template <template <typename> class Rule>
struct RuleTag {
  template <typename T>
  using Of = Rule<T>;
};
template <typename Tag, typename T>
using RuleOf = typename Tag::template Of<T>;

// Calls f(RuleTag<R>()) for every rule R, in the list's order.
template <typename F, template <typename> class... Rule>
void ForEachRule(F f, RuleList<Rule...>) {
  (f(RuleTag<Rule>()), ...);
}
template <typename F>
void ForEachRule(F f) {
  ForEachRule(f, Rules());
}

// f(RuleTag<R>()), an absl::Status, for the rule R of that case.
// InvalidArgument where there is none.
template <typename F>
absl::Status WithRule(OptimizerSpec::RuleCase rule, F f) {
  bool found = false;
  absl::Status status;
  ForEachRule([&](auto tag) {
    if (RuleOf<decltype(tag), double>::kCase != rule) return;
    found = true;
    // nvcc warns of assignments, as if their value were an unused status.
    status.Update(f(tag));
  });
  return found ? status
               : absl::InvalidArgumentError(
                     "optimizer: must name an update rule");
}

// Names in the list's order: "sgd", "adagrad", ...
std::vector<std::string> RuleNames();
// "AdaGrad-Norm" for "adagrad_norm"; the name itself where it is no rule's.
std::string RuleTitle(absl::string_view name);
// With the usual constants; without a rule where the name is no rule's.
OptimizerSpec UsualRule(absl::string_view name);
// Of a spec that names a rule.
AtRest RuleAtRest(const OptimizerSpec& spec);

}  // namespace anisograd

#endif  // OPTIM_RULES_H_
