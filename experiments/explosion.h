#ifndef EXPERIMENTS_EXPLOSION_H_
#define EXPERIMENTS_EXPLOSION_H_

#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "experiments/result.pb.h"

// When a run of logistic regression counts as exploded, from its losses alone.
// The limit on a sample's loss is the trainer's, which sees samples.

namespace anisograd {

// Why the last epoch of a run's series shows an explosion; empty where it does
// not. `loss` and `epoch_mean_loss` as in the message Run, one entry or more
// and one fewer; with fewer than two losses there is no epoch yet.
//
// A loss that is not finite is one under every rule. `general` adds the general
// rule (ExplosionRule in spec.proto): f at the epoch's end, or from the second
// epoch on the epoch's mean loss, above max(log 2, f(w_0)).
absl::string_view ExplosionOfLastEpoch(absl::Span<const double> loss,
                                       absl::Span<const double> epoch_mean_loss,
                                       bool general);

// Whether any epoch of `run` shows one by the general rule, whatever the rule
// of its spec.
bool ExplodedByGeneralRule(const Run& run);

}  // namespace anisograd

#endif  // EXPERIMENTS_EXPLOSION_H_
