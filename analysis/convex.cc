#include "analysis/convex.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/extremes.h"
#include "experiments/explosion.h"
#include "experiments/selection.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Position of a role among a result's optima, or -1.
int FindOptimum(const ExperimentResult& result, OptimumSpec::Role role) {
  for (int i = 0; i < result.optimum_size(); ++i) {
    if (result.optimum(i).spec().role() == role) return i;
  }
  return -1;
}

Diameters MakeDiameters(const DistanceExtremes& extremes) {
  return {extremes.linf.value, extremes.l2.value};
}

absl::Status CheckComparable(const ExperimentResult& result,
                             const ExperimentResult& first) {
  if (result.spec().method_size() != 1 ||
      result.spec().batch_size_size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(result.target(), ": not the result of one cell"));
  }
  if (result.dataset().digest() != first.dataset().digest()) {
    return absl::InvalidArgumentError(absl::StrCat(
        result.target(), " and ", first.target(), ": different data"));
  }
  if (FindOptimum(result, OptimumSpec::PAPER) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(result.target(), ": lacks the PAPER optimum"));
  }
  return absl::OkStatus();
}

CellQuantities MakeCell(const ExperimentResult& result) {
  CellQuantities cell;
  cell.method = result.spec().method(0).name();
  cell.batch_size = result.spec().batch_size(0);
  cell.target = result.target();
  cell.runs = result.run_size();
  cell.exploded_runs = result.exploded_runs();
  const auto against = [&](int optimum) {
    return Quantity{
        result.selected().mean_loss() - result.optimum(optimum).loss(),
        result.selected().std_loss(), result.target()};
  };
  if (result.has_selected()) {
    cell.suboptimality = against(FindOptimum(result, OptimumSpec::PAPER));
    const int exact = FindOptimum(result, OptimumSpec::EXACT);
    if (exact >= 0) cell.suboptimality_exact = against(exact);
  }
  const std::optional<GridChoice> general = ChooseGridPoint(
      result.run(), result.spec().seed_size(), ExplodedByGeneralRule,
      [&](const Run& run) {
        return SelectionValue(result.spec().logistic(), run);
      });
  if (general.has_value()) {
    const int paper = FindOptimum(result, OptimumSpec::PAPER);
    cell.suboptimality_general =
        Quantity{general->mean - result.optimum(paper).loss(),
                 general->deviation, result.target()};
  }
  return cell;
}

}  // namespace

bool IsPaperMethod(const std::string& method) {
  return method == "sgd" || method == "adagrad";
}

std::string MethodTitle(const std::string& method) {
  if (method == "sgd") return "SGD";
  if (method == "adagrad") return "AdaGrad";
  if (method == "adagrad_norm") return "AdaGrad-Norm";
  if (method == "adam") return "Adam";
  return method;
}

const CellQuantities* ConvexQuantities::FindCell(const std::string& method,
                                                 int64_t batch_size) const {
  for (const CellQuantities& cell : cells) {
    if (cell.method == method && cell.batch_size == batch_size) return &cell;
  }
  return nullptr;
}

absl::StatusOr<ConvexQuantities> ComputeConvexQuantities(
    absl::Span<const ExperimentResult> results,
    const ConstantsResult& constants) {
  if (results.empty()) {
    return absl::InvalidArgumentError("a data set needs at least one result");
  }
  ConvexQuantities out;
  out.dataset = results[0].dataset();
  out.constants = constants;
  if (constants.dataset().digest() != out.dataset.digest()) {
    return absl::InvalidArgumentError(absl::StrCat(
        constants.target(), " and ", results[0].target(), ": different data"));
  }
  out.target = absl::StrCat("//experiments/logistic:", results[0].spec().name());
  for (const ExperimentResult& result : results) {
    RETURN_IF_ERROR(CheckComparable(result, results[0]));
    const int paper = FindOptimum(result, OptimumSpec::PAPER);
    const int exact = FindOptimum(result, OptimumSpec::EXACT);
    out.cells.push_back(MakeCell(result));
    if (exact >= 0) {
      out.optimum_gap =
          result.optimum(paper).loss() - result.optimum(exact).loss();
    }
  }
  ASSIGN_OR_RETURN(const FamilyExtremes extremes,
                   ComputeFamilyExtremes(results));
  if (extremes.paper) out.diameters = MakeDiameters(*extremes.paper);
  if (extremes.exact) out.diameters_exact = MakeDiameters(*extremes.exact);
  const ExperimentResult& first = results[0];
  const double paper_loss =
      first.optimum(FindOptimum(first, OptimumSpec::PAPER)).loss();
  for (const auto& [method, lowest] : extremes.lowest_loss) {
    out.min_suboptimality.push_back(
        {method, {lowest.value - paper_loss, lowest.spread, lowest.target}});
  }
  return out;
}

}  // namespace anisograd
