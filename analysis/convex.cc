#include "analysis/convex.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "optim/rules.h"
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

void Widen(const ExperimentResult& result, int optimum, Diameters* diameters) {
  for (const Run& run : result.run()) {
    if (run.outcome() != Run::CONVERGED) continue;
    diameters->linf =
        std::max(diameters->linf, run.max_distance_linf(optimum));
    diameters->l2 = std::max(diameters->l2, run.max_distance_l2(optimum));
  }
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
  return cell;
}

}  // namespace

bool IsPaperMethod(const std::string& method) {
  return method == "sgd" || method == "adagrad";
}

std::string MethodTitle(const std::string& method) {
  return RuleTitle(method);
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
    const std::string& method = out.cells.back().method;
    if (exact >= 0) {
      out.optimum_gap =
          result.optimum(paper).loss() - result.optimum(exact).loss();
    }
    if (IsPaperMethod(method)) {
      Widen(result, paper, &out.diameters);
      if (exact >= 0) {
        if (!out.diameters_exact.has_value()) out.diameters_exact.emplace();
        Widen(result, exact, &*out.diameters_exact);
      }
    }
    for (const Run& run : result.run()) {
      if (run.outcome() != Run::CONVERGED) continue;
      const double value = run.best_loss() - result.optimum(paper).loss();
      auto at = std::find_if(
          out.min_suboptimality.begin(), out.min_suboptimality.end(),
          [&](const auto& entry) { return entry.first == method; });
      if (at == out.min_suboptimality.end()) {
        out.min_suboptimality.push_back(
            {method, {value, std::nullopt, result.target()}});
      } else if (value < at->second.value) {
        at->second = {value, std::nullopt, result.target()};
      }
    }
  }
  return out;
}

}  // namespace anisograd
