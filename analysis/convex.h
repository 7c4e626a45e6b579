#ifndef ANALYSIS_CONVEX_H_
#define ANALYSIS_CONVEX_H_

#include <cstdint>
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

// One cell of Table 3.
struct CellQuantities {
  std::string method;
  int64_t batch_size = 0;
  // Label of the cell.
  std::string target;
  // mean f - f(w*) of the selected grid point; absent when all exploded.
  std::optional<Quantity> suboptimality;
  // The same against the EXACT optimum, where there is one.
  std::optional<Quantity> suboptimality_exact;
  int runs = 0;
  int exploded_runs = 0;
};

// Diameters of the region that the paper's methods visited.
struct Diameters {
  // D_inf = max |w_t - w*|_inf, D_2 = max |w_t - w*|_2 (Table 2's caption).
  double linf = 0.0;
  double l2 = 0.0;
  // C_var = D_inf / D_2.
  double c_var() const { return linf / l2; }
  // C_bias = |L|_1 D_inf^2 / (L_inf D_2^2).
  double c_bias(const ConstantsResult& c) const {
    return c.smoothness_l1() * linf * linf / (c.smoothness_linf() * l2 * l2);
  }
};

// Everything about one data set that Tables 2, 3 and 5 show.
struct ConvexQuantities {
  DatasetRecord dataset;
  ConstantsResult constants;
  // Label of the family of cells.
  std::string target;
  // Methods in the order of their first cell, batch sizes ascending.
  std::vector<CellQuantities> cells;
  // To the PAPER optimum, and to the EXACT one where there is one; over all
  // runs of sgd and adagrad that did not explode.
  Diameters diameters;
  std::optional<Diameters> diameters_exact;
  // min_t f(w_t) - f(w*) over everything searched without explosion, by method
  // in the order of `cells`; the label is that of the cell.
  std::vector<std::pair<std::string, Quantity>> min_suboptimality;
  // f(PAPER) - f(EXACT), where there is one.
  std::optional<double> optimum_gap;

  const CellQuantities* FindCell(const std::string& method,
                                 int64_t batch_size) const;
};

// True for the methods of the paper's convex experiments: "sgd", "adagrad".
bool IsPaperMethod(const std::string& method);

// As optim/rules.h has it: "AdaGrad-Norm" for "adagrad_norm".
std::string MethodTitle(const std::string& method);

// `results` are all cells of one data set. InvalidArgument where they belong to
// different data sets or lack a PAPER optimum.
absl::StatusOr<ConvexQuantities> ComputeConvexQuantities(
    absl::Span<const ExperimentResult> results,
    const ConstantsResult& constants);

}  // namespace anisograd

#endif  // ANALYSIS_CONVEX_H_
