#include "analysis/readings.h"

#include <cmath>
#include <utility>

#include "analysis/convex.h"
#include "experiments/explosion.h"
#include "experiments/selection.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Whether a loss that was measured is not finite: what explodes by every rule.
bool IsNotFinite(const Run& run) {
  for (const double loss : run.loss()) {
    if (!std::isfinite(loss)) return true;
  }
  for (const double loss : run.epoch_mean_loss()) {
    if (!std::isfinite(loss)) return true;
  }
  return false;
}

template <typename Rule>
void SetOutcomes(Rule exploded, ExperimentResult* result) {
  for (Run& run : *result->mutable_run()) {
    run.set_outcome(exploded(run) ? Run::EXPLODED : Run::CONVERGED);
  }
}

// Makes the EXACT optimum the one that everything refers to.
bool SwapOptima(ExperimentResult* result) {
  bool attained = false;
  for (OptimumRecord& optimum : *result->mutable_optimum()) {
    const bool exact = optimum.spec().role() == OptimumSpec::EXACT;
    attained |= exact && optimum.certificate() == OptimumResult::DUALITY_GAP;
    optimum.mutable_spec()->set_role(exact ? OptimumSpec::PAPER
                                           : OptimumSpec::EXACT);
  }
  return attained;
}

}  // namespace

std::vector<Reading> AllReadings() {
  using Kind = Reading::Kind;
  return {{Kind::kAsSpecified, "as specified"},
          {Kind::kLastEpoch, "last epoch"},
          {Kind::kGeneralRule, "general explosion rule"},
          {Kind::kNoRule, "no explosion rule"},
          {Kind::kExactOptimum, "exact optimum"},
          {Kind::kNotExploded, "distances of all runs without explosion"},
          {Kind::kFreshSeeds, "ten fresh seeds of the selected grid points"},
          {Kind::kNotRun, "sampling with replacement"},
          {Kind::kNotRun, "averaged iterate"},
          {Kind::kNotRun, "schedule per epoch"},
          {Kind::kNotRun, "no bias feature"}};
}

std::optional<std::vector<ExperimentResult>> ApplyReading(
    Reading::Kind kind, absl::Span<const ExperimentResult> family) {
  std::vector<ExperimentResult> out(family.begin(), family.end());
  for (ExperimentResult& result : out) {
    switch (kind) {
      case Reading::Kind::kLastEpoch:
        result.mutable_spec()->mutable_logistic()->set_selection(
            LogisticProtocol::LAST_EPOCH);
        break;
      case Reading::Kind::kGeneralRule:
        SetOutcomes(ExplodedByGeneralRule, &result);
        break;
      case Reading::Kind::kNoRule:
        SetOutcomes(IsNotFinite, &result);
        break;
      case Reading::Kind::kExactOptimum:
        if (!SwapOptima(&result)) return std::nullopt;
        break;
      case Reading::Kind::kNotExploded:
        // Where there are none, that is what their absence means.
        if (!result.spec().has_extremes()) break;
        result.mutable_spec()->mutable_extremes()->set_counts(
            ExtremesSpec::NOT_EXPLODED);
        break;
      case Reading::Kind::kAsSpecified:
        continue;
      case Reading::Kind::kFreshSeeds:
      case Reading::Kind::kNotRun:
        return std::nullopt;
    }
    SelectGridPoint(
        result.spec().seed_size(),
        [&](const Run& run) {
          return SelectionValue(result.spec().logistic(), run);
        },
        &result);
  }
  return out;
}

absl::StatusOr<std::vector<ReadingClaims>> CheckReadings(
    absl::Span<const FamilyRuns> families) {
  std::vector<ReadingClaims> out;
  for (const Reading& reading : AllReadings()) {
    std::vector<ConvexQuantities> quantities;
    for (const FamilyRuns& family : families) {
      std::optional<std::vector<ExperimentResult>> cells;
      if (reading.kind == Reading::Kind::kFreshSeeds) {
        // What was selected is evaluated whatever a rule says of it.
        if (!family.fresh.empty()) {
          cells = ApplyReading(Reading::Kind::kNoRule, family.fresh);
        }
      } else {
        cells = ApplyReading(reading.kind, family.cells);
      }
      if (!cells) continue;
      ASSIGN_OR_RETURN(quantities.emplace_back(),
                       ComputeConvexQuantities(*cells, family.constants));
      quantities.back().in_paper = true;
      // Of another family's name, but the same data set of the paper.
      quantities.back().reading.clear();
    }
    out.push_back({reading, CheckConvexClaims(quantities)});
  }
  return out;
}

}  // namespace anisograd
