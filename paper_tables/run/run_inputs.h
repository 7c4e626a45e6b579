#ifndef PAPER_TABLES_RUN_RUN_INPUTS_H_
#define PAPER_TABLES_RUN_RUN_INPUTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "analysis/convex.h"
#include "analysis/gpt2/fine_tuning.h"
#include "analysis/gpt2/generalized_smoothness.h"
#include "analysis/held_out.pb.h"
#include "analysis/problem_constants.pb.h"
#include "analysis/readings.h"
#include "analysis/theory/theory.pb.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "paper_tables/row.h"

namespace anisograd {

// Files of a run, by what they hold.
struct RunFiles {
  std::vector<std::string> results;      // ExperimentResult
  std::vector<std::string> constants;    // ConstantsResult
  std::vector<std::string> fine_tuning;  // Gpt2Result
  std::vector<std::string> smoothness;   // Gpt2SmoothnessResult, at most one
  std::vector<std::string> fresh;  // ExperimentResult, on seeds that nothing was
                                   // selected on
  std::vector<std::string> measured;   // ProblemConstants
  std::vector<std::string> held_out;   // HeldOutResult, at most one
  std::vector<std::string> curvature;  // Gpt2CurvatureResult
  std::vector<std::string> theory;     // CellBounds
  std::vector<std::string> adversary;  // AdversaryRecord, at most one
  std::vector<std::string> tails;      // TailRecord
};

// What tables and claims are made of. Whatever no file was for is empty.
struct RunInputs {
  // Families in the order of their data sets' constants, then of their results;
  // two on one data set stay two.
  std::vector<ConvexQuantities> datasets;
  // Those of the paper among them, in the same order.
  std::vector<FamilyRuns> families;
  FineTuningQuantities fine_tuning;
  std::optional<GeneralizedSmoothness> smoothness;
  std::vector<ProblemConstants> measured;
  std::optional<HeldOutResult> held_out;
  std::vector<Gpt2CurvatureResult> curvature;
  std::vector<CellBounds> theory;
  std::optional<AdversaryRecord> adversary;
  std::vector<TailRecord> tails;
};

// Errors name the file: one that is damaged, a second one of the same cell or data
// set, constants of no results, results without constants.
absl::StatusOr<RunInputs> ReadRunInputs(const RunFiles& files,
                                        const Published& published);

}  // namespace anisograd

#endif  // PAPER_TABLES_RUN_RUN_INPUTS_H_
