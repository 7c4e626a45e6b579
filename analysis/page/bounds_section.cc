#include "analysis/page/bounds_section.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/theory/least_bound.h"

namespace anisograd {
namespace {

// The cells of one batch size; null where there is none.
struct Pair {
  const CellBounds *sgd = nullptr, *adagrad = nullptr;
};

// Mean, bound and slack.
std::string Columns(const CellBounds* cell) {
  const RunBounds* run = cell == nullptr ? nullptr : SelectedRun(*cell);
  if (run == nullptr) return absl::StrFormat("%37s", "no run");
  const TheoremBound& t = run->theorem(0);
  if (t.says_case() == TheoremBound::SAYS_NOT_SET) {
    return absl::StrFormat("%17.1e%20s", t.measured(), "no bound");
  }
  return absl::StrFormat("%17.1e%10.1e%10.2g%s", t.measured(), t.bound(),
                         t.bound() / t.measured(),
                         t.measured() > t.bound() ? " VIOLATED" : "");
}

// "0.19 to 0.34", or one number where there is no other.
std::string Range(const std::vector<double>& values) {
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const std::string from = absl::StrFormat("%.2g", *low);
  const std::string to = absl::StrFormat("%.2g", *high);
  return from == to ? from : absl::StrCat(from, " to ", to);
}

}  // namespace

std::string RenderBounds(absl::Span<const CellBounds> cells) {
  std::map<int64_t, Pair> pairs;
  std::set<std::string> unmet;
  for (const CellBounds& cell : cells) {
    Pair& pair = pairs[cell.batch_size()];
    (cell.method() == "sgd" ? pair.sgd : pair.adagrad) = &cell;
    if (const RunBounds* run = SelectedRun(cell)) {
      unmet.insert(run->theorem(0).unmet().begin(),
                   run->theorem(0).unmet().end());
    }
  }
  std::string out = absl::StrFormat("  %6s%17s%10s%10s%20s%10s%10s\n", "M",
                                    "SGD, D.1: mean", "bound", "slack",
                                    "AdaGrad, 4.1: mean", "bound", "slack");
  std::vector<double> bounds, losses;
  for (const auto& [batch_size, pair] : pairs) {
    absl::StrAppendFormat(&out, "  %6d%s   %s\n", batch_size, Columns(pair.sgd),
                          Columns(pair.adagrad));
    const auto ratios = CompareBounds(pair.sgd, pair.adagrad);
    if (!ratios) continue;
    bounds.push_back(ratios->bound);
    losses.push_back(ratios->selected);
  }
  absl::StrAppend(&out, "  mean: of f(w_t) - f(w*) along the path, at the step "
                        "that was selected; slack: bound / mean\n");
  if (!unmet.empty()) {
    absl::StrAppend(&out, "  not met by the runs: ", absl::StrJoin(unmet, ", "),
                    "\n");
  }
  if (!bounds.empty()) {
    absl::StrAppend(&out, "  AdaGrad over SGD: bounds, each at its best step, ",
                    Range(bounds), "; measured f - f(w*) ", Range(losses), "\n");
  }
  return out;
}

}  // namespace anisograd
