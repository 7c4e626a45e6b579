#include "analysis/curves.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/string_view.h"
#include "analysis/convex.h"
#include "analysis/provenance.h"
#include "experiments/selection.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// What a logarithmic axis can show of some seeds' values; nullopt where their
// median has no place on it.
struct Spread {
  double median = 0.0;
  double low = 0.0;
  double high = 0.0;
};

std::optional<Spread> MakeSpread(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const size_t n = values.size();
  const double median = 0.5 * (values[(n - 1) / 2] + values[n / 2]);
  if (!(median > 0.0)) return std::nullopt;
  const auto low =
      std::find_if(values.begin(), values.end(), [](double x) { return x > 0; });
  return Spread{median, std::min(*low, median), values.back()};
}

std::string Numbers(const Spread& s) {
  return absl::StrFormat("%.4g,%.4g,%.4g\n", s.median, s.low, s.high);
}

// One cell and its f(w*).
struct Cell {
  const ExperimentResult* result;
  double optimum;
};

// Results by method in the order of their first one, then by batch size.
absl::StatusOr<std::vector<Cell>> SortedCells(
    absl::Span<const ExperimentResult> results) {
  if (results.empty()) {
    return absl::InvalidArgumentError("a family needs at least one result");
  }
  std::vector<Cell> cells;
  std::vector<std::string> methods;
  for (const ExperimentResult& result : results) {
    if (result.spec().method_size() != 1 ||
        result.spec().batch_size_size() != 1) {
      return absl::InvalidArgumentError(
          absl::StrCat(NameOf(result), ": not the result of one cell"));
    }
    if (result.spec().name() != results[0].spec().name()) {
      return absl::InvalidArgumentError(absl::StrCat(
          NameOf(result), " and ", NameOf(results[0]),
          ": different families"));
    }
    const OptimumRecord* paper = nullptr;
    for (const OptimumRecord& optimum : result.optimum()) {
      if (optimum.spec().role() == OptimumSpec::PAPER) paper = &optimum;
    }
    if (paper == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(NameOf(result), ": lacks the PAPER optimum"));
    }
    cells.push_back({&result, paper->loss()});
    const std::string& method = result.spec().method(0).name();
    if (std::find(methods.begin(), methods.end(), method) == methods.end()) {
      methods.push_back(method);
    }
  }
  const auto place = [&](const Cell& cell) {
    const ExperimentSpec& spec = cell.result->spec();
    return std::make_pair(std::find(methods.begin(), methods.end(),
                                    spec.method(0).name()),
                          spec.batch_size(0));
  };
  std::stable_sort(
      cells.begin(), cells.end(),
      [&](const Cell& a, const Cell& b) { return place(a) < place(b); });
  return cells;
}

std::string Labels(const ExperimentResult& result, const Run& run) {
  return absl::StrFormat("%d,%s,%g,%d", result.spec().batch_size(0),
                         MethodTitle(result.spec().method(0).name()),
                         run.learning_rate(),
                         run.schedule().kind() == ScheduleSpec::CONSTANT);
}

std::string Header(const ExperimentResult& result, absl::string_view what,
                   int left_out, absl::string_view nothing,
                   absl::string_view columns) {
  const DatasetRecord& dataset = result.dataset();
  std::string csv = absl::StrFormat(
      "# caption: %s: %s; median and range over %d seeds.\n",
      result.spec().name(), what, result.spec().seed_size());
  if (!dataset.note().empty()) {
    absl::StrAppend(&csv, "# note: ", dataset.name(), ": ", dataset.note(),
                    ".\n");
  }
  if (left_out > 0) {
    absl::StrAppendFormat(&csv,
                          "# note: %d points at or below f(w*), the optimum "
                          "that the paper computes, are left out.\n",
                          left_out);
  }
  if (!nothing.empty()) absl::StrAppend(&csv, "# note: ", nothing, "\n");
  return absl::StrCat(csv, columns, "\n");
}

// Why there is no point, where there is none: `lost` of the cells have no grid
// point without an explosion.
std::string Nothing(absl::string_view rows, int lost, size_t cells) {
  if (!rows.empty()) return "";
  return absl::StrFormat(
      "There is no point: in %d of %d cells a run exploded at every rate.", lost,
      cells);
}

}  // namespace

absl::StatusOr<std::string> MakeCurvesCsv(
    absl::Span<const ExperimentResult> results) {
  ASSIGN_OR_RETURN(const std::vector<Cell> cells, SortedCells(results));
  std::string rows;
  int left_out = 0, lost = 0;
  for (const auto& [result, optimum] : cells) {
    if (!result->has_selected()) {
      ++lost;
      continue;
    }
    std::vector<const Run*> runs;
    for (const Run& run : result->run()) {
      if (IsSelected(*result, run)) runs.push_back(&run);
    }
    if (runs.empty()) continue;
    const int64_t n = result->dataset().rows();
    const int64_t m = result->spec().batch_size(0);
    const bool keeps =
        result->spec().logistic().last_batch() != LogisticProtocol::DROP;
    const int64_t steps = keeps ? (n + m - 1) / m : n / m;
    const int64_t samples = keeps ? n : steps * m;
    for (int e = 1; e < runs[0]->loss_size(); ++e) {
      std::vector<double> values;
      for (const Run* run : runs) {
        if (e < run->loss_size()) values.push_back(run->loss(e) - optimum);
      }
      const std::optional<Spread> spread = MakeSpread(std::move(values));
      if (!spread.has_value()) {
        ++left_out;
        continue;
      }
      absl::StrAppendFormat(&rows, "%s,%d,%d,%d,%s",
                            Labels(*result, *runs[0]), e, e * samples,
                            e * steps, Numbers(*spread));
    }
  }
  return Header(*cells[0].result,
                "f(w) - f(w*) at the learning rate and schedule that Table 3 "
                "selects",
                left_out, Nothing(rows, lost, cells.size()),
                "batch_size,method,learning_rate,constant,epoch,evaluations,"
                "steps,median,low,high") +
         rows;
}

absl::StatusOr<std::string> MakeRatesCsv(
    absl::Span<const ExperimentResult> results) {
  ASSIGN_OR_RETURN(const std::vector<Cell> cells, SortedCells(results));
  std::string rows;
  int left_out = 0, lost = 0;
  for (const auto& [result, optimum] : cells) {
    const ExperimentSpec& spec = result->spec();
    bool chosen = false;
    std::vector<double> rates(spec.grid().learning_rate().begin(),
                              spec.grid().learning_rate().end());
    std::sort(rates.begin(), rates.end());
    for (const double rate : rates) {
      const auto unusable = [rate](const Run& run) {
        return run.learning_rate() != rate || run.outcome() == Run::EXPLODED;
      };
      const auto value = [&, w_star = optimum](const Run& run) {
        return SelectionValue(spec.logistic(), run) - w_star;
      };
      const std::optional<GridChoice> choice = ChooseGridPoint(
          result->run(), spec.seed_size(), unusable, value);
      if (!choice.has_value()) continue;
      chosen = true;
      std::vector<double> values;
      for (int s = 0; s < spec.seed_size(); ++s) {
        values.push_back(value(result->run(choice->first_run + s)));
      }
      const std::optional<Spread> spread = MakeSpread(std::move(values));
      if (!spread.has_value()) {
        ++left_out;
        continue;
      }
      const Run& run = result->run(choice->first_run);
      absl::StrAppend(&rows, Labels(*result, run), ",", Numbers(*spread));
    }
    lost += !chosen;
  }
  return Header(*cells[0].result,
                "f(w) - f(w*) against the initial learning rate, each with the "
                "better of the grid's schedules; rates at which a run exploded "
                "are left out",
                left_out, Nothing(rows, lost, cells.size()),
                "batch_size,method,learning_rate,constant,median,low,high") +
         rows;
}

}  // namespace anisograd
