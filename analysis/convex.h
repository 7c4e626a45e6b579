#ifndef ANALYSIS_CONVEX_H_
#define ANALYSIS_CONVEX_H_

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/result.pb.h"

namespace anisograd {

// A number with where it comes from.
struct Quantity {
  double value = 0.0;
  // Standard deviation over seeds; absent for quantities of no single cell.
  std::optional<double> spread;
  // Label of the target that computed it.
  std::string target;
};

// A run's value by the selection rule.
struct SeedValue {
  uint64_t seed = 0;
  double value = 0.0;
};

// One cell of Table 3.
struct CellQuantities {
  std::string method;
  int64_t batch_size = 0;
  // Label of the cell.
  std::string target;
  // Of the cell's spec.
  std::string spec_digest;
  // mean f - f(w*) of the selected grid point; absent when all exploded.
  std::optional<Quantity> suboptimality;
  // The same against inf f, where it is certified.
  std::optional<Quantity> suboptimality_exact;
  // The same of the grid point that the general rule (ExplosionRule) would have
  // selected from the same runs, whatever the spec's rule.
  std::optional<Quantity> suboptimality_general;
  // The selected grid point, f - f(w*) of its runs, and whether its rate is the
  // grid's smallest or largest, so that a better one may lie outside.
  double learning_rate = 0.0;
  ScheduleSpec::Kind schedule = ScheduleSpec::KIND_UNSPECIFIED;
  bool at_edge_of_grid = false;
  std::vector<SeedValue> seed_suboptimality;
  int runs = 0;
  int exploded_runs = 0;
};

// Diameters of the region that the paper's methods visited; not numbers where
// none of their runs counts (ExtremesSpec), or none was made.
struct Diameters {
  // D_inf = max |w_t - w*|_inf, D_2 = max |w_t - w*|_2 (Table 2's caption).
  double linf = std::numeric_limits<double>::quiet_NaN();
  double l2 = std::numeric_limits<double>::quiet_NaN();
  // Standard deviation of each over seeds (Extreme::spread).
  std::optional<double> linf_spread, l2_spread;
  // C_var = D_inf / D_2.
  double c_var() const { return linf / l2; }
  // C_bias = |L|_1 D_inf^2 / (L_inf D_2^2).
  double c_bias(const ConstantsResult& c) const {
    return c.smoothness_l1() * linf * linf / (c.smoothness_linf() * l2 * l2);
  }
  // R2 of Appendix B: C_bias with an |L|_1 that Assumption 3.3 allows.
  double r2(const ConstantsResult& c) const {
    return c.smoothness_l1_valid() * linf * linf /
           (c.smoothness_linf() * l2 * l2);
  }
  // R1 = D_inf |sigma|_1 / (D_2 |sigma|_2) of Appendix B, with a sigma that
  // Assumption 3.5 allows.
  double r1(const ConstantsResult& c) const {
    return c_var() * c.noise_l1() / c.noise_l2();
  }
};

// What is known of inf f, by the EXACT optimum's certificate.
struct InfimumRecord {
  OptimumResult::Certificate certificate = OptimumResult::NONE;
  // The lowest f known: f(EXACT), or 0 for separable data, which attain no
  // infimum, so that there is no w*.
  double loss = 0.0;
  // inf f is at least `loss` minus this.
  double gap = 0.0;
};

// Everything about one family of cells, and so one data set, that Tables 2, 3
// and 5 show.
struct ConvexQuantities {
  DatasetRecord dataset;
  ConstantsResult constants;
  // The family's name where it is not its data set's: another reading of the
  // protocol on the same data.
  std::string reading;
  // Label of the family of cells.
  std::string target;
  // SHA-256 of the cells' spec digests, sorted.
  std::string spec_digest;
  // Of every cell.
  int seeds = 0;
  // Whether the paper has numbers of it. Others are shown, below those of the
  // paper, and no claim of the paper is judged by them.
  bool in_paper = false;
  // Methods in the order of their first cell, batch sizes ascending.
  std::vector<CellQuantities> cells;
  // To the PAPER optimum, and to the EXACT one where that is certified and
  // attained; over the runs of sgd and adagrad that the spec's `extremes` count,
  // joined over seeds.
  Diameters diameters;
  std::optional<Diameters> diameters_exact;
  // min_t f(w_t) - f(w*) over the runs that count, by method in the order of
  // `cells`; the label is that of the cell with the lowest, the spread that of
  // the seeds' lowest.
  std::vector<std::pair<std::string, Quantity>> min_suboptimality;
  // What both are over: DescribeExtremes.
  std::string extremes;
  // Where there is an EXACT optimum: what it says, and f(PAPER) minus its loss.
  std::optional<InfimumRecord> infimum;
  std::optional<double> optimum_gap;

  const CellQuantities* FindCell(const std::string& method,
                                 int64_t batch_size) const;
  // What tables call it: the data set, or the reading.
  const std::string& label() const {
    return reading.empty() ? dataset.name() : reading;
  }
};

// The paper's "large" data sets have at least as many features.
inline constexpr int64_t kLargeFeatures = 10000;

// True for the methods of the paper's convex experiments: "sgd", "adagrad".
bool IsPaperMethod(const std::string& method);

// As optim/rules.h has it: "AdaGrad-Norm" for "adagrad_norm".
std::string MethodTitle(const std::string& method);

// Whether a run is of the grid point that the selection rule picked.
bool IsSelected(const ExperimentResult& result, const Run& run);

// Whether `learning_rate` is the smallest or the largest of `grid`.
bool IsAtEdge(const Grid& grid, double learning_rate);

// `results` are all cells of one family, `constants` those of the same problem.
// InvalidArgument where they belong to different families, data sets or problems,
// a cell stands twice, or they lack a PAPER optimum. Leaves `in_paper` to the
// caller.
absl::StatusOr<ConvexQuantities> ComputeConvexQuantities(
    absl::Span<const ExperimentResult> results,
    const ConstantsResult& constants);

}  // namespace anisograd

#endif  // ANALYSIS_CONVEX_H_
