#ifndef ANALYSIS_READINGS_H_
#define ANALYSIS_READINGS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/claims.h"
#include "experiments/result.pb.h"

namespace anisograd {

// A reading of the protocol (docs/protocol.md) under which the paper's sentences
// are judged once more.
struct Reading {
  enum class Kind {
    kAsSpecified,
    // logistic.selection: the last epoch instead of the best.
    kLastEpoch,
    // Other explosion rules: the general one; none but for losses that are not
    // finite.
    kGeneralRule,
    kNoRule,
    // Everything against the EXACT optimum, on data sets that have one.
    kExactOptimum,
    // extremes.counts: distances and lowest losses of all runs that did not explode.
    kNotExploded,
    // The selected grid points on ten seeds that they were not selected on, whatever
    // the explosion rule says of them there.
    kFreshSeeds,
    // These need other runs, and nothing recorded has them.
    kNotRun,
  };
  Kind kind = Kind::kNotRun;
  // "last epoch".
  std::string name;
};

// In the order of the table.
std::vector<Reading> AllReadings();

// The cells of one family as a reading that needs no other runs has them: the runs
// as they are, with outcome, selected grid point and roles of the optima by it.
// nullopt where the family does not have what it takes (a certified w* that is
// attained).
std::optional<std::vector<ExperimentResult>> ApplyReading(
    Reading::Kind kind, absl::Span<const ExperimentResult> family);

// One family of the paper: its cells, the same on fresh seeds (empty where there
// are none), and the constants of its data.
struct FamilyRuns {
  std::vector<ExperimentResult> cells, fresh;
  ConstantsResult constants;
};

// Claims by reading: what CheckConvexClaims says under each. Claims of readings
// that were not run are kNotTested.
struct ReadingClaims {
  Reading reading;
  std::vector<Claim> claims;
};
absl::StatusOr<std::vector<ReadingClaims>> CheckReadings(
    absl::Span<const FamilyRuns> families);

}  // namespace anisograd

#endif  // ANALYSIS_READINGS_H_
