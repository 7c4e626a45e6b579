#include "analysis/convex.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/extremes.h"
#include "analysis/provenance.h"
#include "experiments/explosion.h"
#include "experiments/selection.h"
#include "optim/rules.h"
#include "tools/base/sha256.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

Diameters MakeDiameters(const DistanceExtremes& extremes) {
  return {extremes.linf.value, extremes.l2.value, extremes.linf.spread,
          extremes.l2.spread};
}

absl::Status CheckComparable(const ExperimentResult& result,
                             const ExperimentResult& first) {
  if (result.spec().method_size() != 1 ||
      result.spec().batch_size_size() != 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(result), ": not the result of one cell"));
  }
  if (result.dataset().digest() != first.dataset().digest()) {
    return absl::InvalidArgumentError(absl::StrCat(
        NameOf(result), " and ", NameOf(first), ": different data"));
  }
  if (result.spec().name() != first.spec().name()) {
    return absl::InvalidArgumentError(absl::StrCat(
        NameOf(result), " and ", NameOf(first), ": different families"));
  }
  if (result.spec().seed_size() != first.spec().seed_size()) {
    return absl::InvalidArgumentError(absl::StrCat(
        NameOf(result), " and ", NameOf(first), ": different seeds"));
  }
  if (FindOptimum(result.optimum(), OptimumSpec::PAPER) < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(result), ": lacks the PAPER optimum"));
  }
  return absl::OkStatus();
}

// What the EXACT optimum says, by its certificate alone.
InfimumRecord MakeInfimum(const OptimumRecord& exact) {
  InfimumRecord infimum;
  infimum.certificate = exact.certificate();
  switch (exact.certificate()) {
    case OptimumResult::SEPARABLE:
      break;
    case OptimumResult::DUALITY_GAP:
      infimum.loss = exact.loss();
      infimum.gap = exact.loss() - exact.lower_bound();
      break;
    default:
      infimum.certificate = OptimumResult::NONE;
      infimum.loss = exact.loss();
  }
  return infimum;
}

CellQuantities MakeCell(const ExperimentResult& result, double paper_loss,
                        const std::optional<InfimumRecord>& infimum) {
  CellQuantities cell;
  cell.method = result.spec().method(0).name();
  cell.batch_size = result.spec().batch_size(0);
  cell.target = result.target();
  cell.spec_digest = result.spec_digest();
  cell.runs = result.run_size();
  cell.exploded_runs = result.exploded_runs();
  const auto value = [&](const Run& run) {
    return SelectionValue(result.spec().logistic(), run);
  };
  const std::optional<GridChoice> general =
      ChooseGridPoint(result.run(), result.spec().seed_size(),
                      ExplodedByGeneralRule, value);
  if (general.has_value()) {
    cell.suboptimality_general = Quantity{general->mean - paper_loss,
                                          general->deviation, result.target()};
  }
  if (!result.has_selected()) return cell;
  const Selected& selected = result.selected();
  const auto against = [&](double loss) {
    return Quantity{selected.mean_loss() - loss, selected.std_loss(),
                    result.target()};
  };
  cell.suboptimality = against(paper_loss);
  if (infimum && infimum->certificate != OptimumResult::NONE) {
    cell.suboptimality_exact = against(infimum->loss);
  }
  cell.learning_rate = selected.learning_rate();
  cell.schedule = selected.schedule().kind();
  cell.at_edge_of_grid =
      IsAtEdge(result.spec().grid(), selected.learning_rate());
  for (const Run& run : result.run()) {
    if (!IsSelected(result, run)) continue;
    cell.seed_suboptimality.push_back({run.seed(), value(run) - paper_loss});
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

bool IsSelected(const ExperimentResult& result, const Run& run) {
  return AreOfOneGridPoint(run, result.selected());
}

bool IsAtEdge(const Grid& grid, double learning_rate) {
  const auto [least, most] = std::minmax_element(grid.learning_rate().begin(),
                                                 grid.learning_rate().end());
  return learning_rate == *least || learning_rate == *most;
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
    return absl::InvalidArgumentError("a family needs at least one result");
  }
  ConvexQuantities out;
  out.dataset = results[0].dataset();
  out.constants = constants;
  const std::string constants_name =
      !constants.target().empty()
          ? constants.target()
          : absl::StrCat("constants of ", constants.dataset().name());
  if (constants.dataset().digest() != out.dataset.digest()) {
    return absl::InvalidArgumentError(absl::StrCat(
        constants_name, " and ", NameOf(results[0]), ": different data"));
  }
  if (constants.bias_feature() !=
      results[0].spec().logistic().bias_feature()) {
    return absl::InvalidArgumentError(
        absl::StrCat(constants_name, " and ", NameOf(results[0]),
                     ": one with a bias feature, the other without"));
  }
  const ExperimentSpec& family = results[0].spec();
  if (family.name() != family.dataset()) out.reading = family.name();
  out.target = absl::StrCat("//experiments/logistic:", family.name());
  out.seeds = family.seed_size();
  std::vector<std::string> digests;
  for (const ExperimentResult& result : results) {
    RETURN_IF_ERROR(CheckComparable(result, results[0]));
    const int paper = FindOptimum(result.optimum(), OptimumSpec::PAPER);
    const int exact = FindOptimum(result.optimum(), OptimumSpec::EXACT);
    const double paper_loss = result.optimum(paper).loss();
    if (exact >= 0) {
      out.infimum = MakeInfimum(result.optimum(exact));
      out.optimum_gap = paper_loss - out.infimum->loss;
    }
    CellQuantities cell = MakeCell(result, paper_loss, out.infimum);
    const std::string& method = cell.method;
    if (out.FindCell(method, cell.batch_size) != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(NameOf(result), ": ", method, " at batch size ",
                       cell.batch_size, " stands twice"));
    }
    digests.push_back(cell.spec_digest);
    out.cells.push_back(std::move(cell));
  }
  ASSIGN_OR_RETURN(const FamilyExtremes extremes,
                   ComputeFamilyExtremes(results));
  out.extremes = DescribeExtremes(results[0].spec());
  if (extremes.paper) out.diameters = MakeDiameters(*extremes.paper);
  if (extremes.exact && out.infimum &&
      out.infimum->certificate == OptimumResult::DUALITY_GAP) {
    out.diameters_exact = MakeDiameters(*extremes.exact);
  }
  const ExperimentResult& first = results[0];
  const double paper_loss =
      first.optimum(FindOptimum(first.optimum(), OptimumSpec::PAPER)).loss();
  for (const auto& [method, lowest] : extremes.lowest_loss) {
    out.min_suboptimality.push_back(
        {method, {lowest.value - paper_loss, lowest.spread, lowest.target}});
  }
  // In whatever order the results came.
  std::sort(digests.begin(), digests.end());
  Sha256 digest;
  for (const std::string& cell : digests) digest.Update(cell);
  out.spec_digest = digest.Hex();
  return out;
}

}  // namespace anisograd
