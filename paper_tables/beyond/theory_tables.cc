#include "paper_tables/beyond/theory_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/convex.h"
#include "analysis/provenance.h"
#include "analysis/theory/least_bound.h"
#include "paper_tables/convex_rows.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

std::string Short(double x) { return absl::StrFormat("%.1e", x); }
std::string Factor(double x) {
  return x >= 999.5 ? absl::StrFormat("%.1e", x) : absl::StrFormat("%.3g", x);
}

// What a cell's tables call its step: "1", or "1/√t".
std::string StepName(const RunBounds& run) {
  return absl::StrCat(
      absl::StrFormat("%g", run.learning_rate()),
      run.schedule().kind() == ScheduleSpec::CONSTANT ? "" : "/√t");
}

// Families in the order of their first cells.
std::vector<std::vector<const CellBounds*>> ByFamily(
    absl::Span<const CellBounds> cells) {
  std::vector<std::vector<const CellBounds*>> families;
  for (const CellBounds& cell : cells) {
    auto it = std::find_if(families.begin(), families.end(), [&](auto& f) {
      return f[0]->family() == cell.family();
    });
    if (it == families.end()) it = families.insert(it, {{}});
    it->push_back(&cell);
  }
  for (auto& family : families) {
    std::stable_sort(family.begin(), family.end(),
                     [](const CellBounds* a, const CellBounds* b) {
                       return a->method() != b->method()
                                  ? a->method() > b->method()  // SGD first
                                  : a->batch_size() < b->batch_size();
                     });
  }
  return families;
}

Row MakeRow(const std::string& table, const CellBounds& cell,
            const std::string& setting, const std::string& quantity,
            double value) {
  Row row = MakeRow(table, cell.dataset(), cell.method(), setting, quantity,
                    value, cell.target());
  row.dataset = cell.family();
  row.spec_digest = cell.spec_digest();
  return row;
}

std::string Setting(const CellBounds& cell, const RunBounds& run) {
  return absl::StrCat("batch_size=", cell.batch_size(), " rate=",
                      absl::StrFormat("%g", run.learning_rate()),
                      run.schedule().kind() == ScheduleSpec::CONSTANT
                          ? ""
                          : " schedule=inverse_square_root");
}

// Letters for conditions that are not met; the note below the table says which.
constexpr std::pair<const char*, const char*> kConditions[] = {
    {"no projection", "P"},
    {"sampled without replacement", "R"},
    {"falling steps", "S"},
    {"w* outside W", "W"},
};

std::string Letters(const TheoremBound& bound) {
  std::string letters;
  for (const auto& [name, letter] : kConditions) {
    for (const std::string& unmet : bound.unmet()) {
      if (unmet == name) letters += letter;
    }
  }
  return letters;
}

void AddTheoremRows(const CellBounds& cell, const RunBounds& run,
                    std::vector<Row>* rows) {
  const std::string setting = Setting(cell, run);
  const auto add = [&](const std::string& quantity, double value) {
    rows->push_back(MakeRow("theorems", cell, setting, quantity, value));
  };
  add("selected_gap", run.selected_gap());
  for (const TheoremBound& t : run.theorem()) {
    add(absl::StrCat("measured_", t.theorem()), t.measured());
    if (t.says_case() == TheoremBound::SAYS_NOT_SET) continue;
    add(absl::StrCat("bound_", t.theorem()), t.bound());
    if (t.bias() == 0.0) continue;
    add(absl::StrCat("bias_", t.theorem()), t.bias());
    add(absl::StrCat("variance_", t.theorem()), t.variance());
    if (t.by_coordinate() == 0.0) continue;
    add(absl::StrCat("solved_", t.theorem()), t.solved());
    add(absl::StrCat("own_distances_", t.theorem()), t.by_coordinate());
  }
}

// A family's ratios, one line a kind.
void AddExplanation(const std::vector<const CellBounds*>& family,
                    const std::vector<int64_t>& sizes, RenderedTable* out) {
  std::vector<std::string> bounds = {family[0]->family(), "bounds"};
  std::vector<std::string> measured = {"", "measured"};
  std::vector<std::string> means = {"", "mean along the path"};
  bool any = false;
  for (const int64_t m : sizes) {
    const CellBounds *sgd = nullptr, *adagrad = nullptr;
    for (const CellBounds* cell : family) {
      if (cell->batch_size() != m) continue;
      (cell->method() == "sgd" ? sgd : adagrad) = cell;
    }
    const std::optional<MethodRatios> ratios = CompareBounds(sgd, adagrad);
    const auto add = [&](const std::string& quantity, double MethodRatios::*ratio,
                         std::vector<std::string>* line) {
      line->push_back(ratios ? Factor((*ratios).*ratio) : "");
      if (!ratios) return;
      any = true;
      out->rows.push_back(MakeRow("explanation", *adagrad,
                                  absl::StrCat("batch_size=", m), quantity,
                                  (*ratios).*ratio));
    };
    add("bound_ratio", &MethodRatios::bound, &bounds);
    add("measured_ratio", &MethodRatios::selected, &measured);
    add("mean_ratio", &MethodRatios::mean, &means);
  }
  if (!any) return;
  out->table.groups.emplace_back();
  out->table.groups.back().rows = {bounds, measured, means};
}

// The batch size at which AdaGrad's variance term stops dominating its bound, and
// the one from which its mean along the path is twice that of the smallest.
void AddTurn(const std::vector<const CellBounds*>& family, RenderedTable* out) {
  double turn = 0.0, first_mean = 0.0, last_m = 0.0, last_mean = 0.0;
  std::optional<double> seen;
  for (const CellBounds* cell : family) {
    const RunBounds* run = SelectedRun(*cell);
    if (cell->method() == "sgd" || run == nullptr) continue;
    const double m = static_cast<double>(cell->batch_size());
    const double mean = run->theorem(0).measured();
    if (first_mean == 0.0) {
      first_mean = mean;
      const ConvexBound bound = LeastBound(*cell, *run);
      turn = m * bound.variance / bound.bias;
    } else if (!seen && mean >= 2.0 * first_mean) {
      // Between two batch sizes, on logarithmic axes.
      const double share =
          Log(2.0 * first_mean / last_mean) / Log(mean / last_mean);
      seen = m * ExpNonPositive((share - 1.0) * Log(m / last_m));
    }
    last_m = m;
    last_mean = mean;
  }
  if (first_mean == 0.0) return;
  const CellBounds& any = *family.back();
  out->rows.push_back(
      MakeRow("explanation", any, "", "turning_batch_size", turn));
  if (seen) {
    out->rows.push_back(
        MakeRow("explanation", any, "", "turning_batch_size_seen", *seen));
  }
  out->table.notes.push_back(absl::StrCat(
      any.family(), ": AdaGrad's variance term dominates its bound up to M = ",
      absl::StrFormat("%.2g", turn), "; its mean along the path ",
      seen ? absl::StrFormat(
                 "is twice that of the smallest batch from M = %.2g on.", *seen)
           : std::string("is nowhere twice that of the smallest batch.")));
}

}  // namespace

RenderedTable MakeTheoremsTable(absl::Span<const CellBounds> cells) {
  RenderedTable out;
  out.table.id = "theorems";
  out.table.column_gap = 1;
  out.table.title =
      "Theorems 4.1 and D.1 with their constants, beside the runs (not in the "
      "paper)";
  out.table.header = {"data set", "method", "M",      "step",   "chosen",
                      "mean",     "bias",   "noise", "slack",
                      "own D",    "unmet"};
  for (const auto& family : ByFamily(cells)) {
    Table::Group group;
    for (const CellBounds* cell : family) {
      for (const RunBounds& run : cell->run()) {
        AddTheoremRows(*cell, run, &out.rows);
        const TheoremBound& t = run.theorem(0);
        std::vector<std::string> line = {
            group.rows.empty() ? cell->family() : "",
            MethodTitle(cell->method()) + (run.selected() ? "" : " largest"),
            absl::StrCat(cell->batch_size()),
            StepName(run),
            Short(run.selected_gap()) + (run.exploded() > 0 ? "!" : " "),
            Short(t.measured())};
        if (t.says_case() == TheoremBound::SAYS_NOT_SET) {
          line.insert(line.end(), {"", "", "no bound", "", Letters(t)});
        } else {
          const bool violated = t.measured() > t.bound();
          line.insert(
              line.end(),
              {Short(t.bias()), Short(t.variance()),
               Factor(t.bound() / t.measured()) + (violated ? " VIOLATED" : ""),
               t.by_coordinate() > 0.0
                   ? Factor(t.by_coordinate() / t.measured())
                   : "",
               Letters(t)});
        }
        group.rows.push_back(line);
      }
    }
    out.table.groups.push_back(group);
  }
  out.table.notes = {
      "chosen: f - f(w*) of Table 3's choice, of the exact w*; mean: that of "
      "f(w_t) along the replayed path, which is what the theorems bound, with "
      "that of the average below it. bias and noise: the bound's terms with "
      "constants that hold at every w (docs/theory.md); slack: their sum over "
      "the mean; own D: that of the bound solved, with each coordinate's own "
      "distance. largest: the largest step of the grid, "
      "nearest to D_inf / √2, Theorem 4.1's step; ! exploded by the cell's "
      "rule.",
      "Not met by the runs: P projection onto W (D is that of the path), R "
      "sampling with replacement, S a constant step, W w* in W. Chosen numbers "
      "of the paper's families are of w_t at the best epoch, not of the "
      "average. no bound: the step is at least 2 / L_inf."};
  // Of the theorems on gradients, the last of each run.
  std::vector<std::string> unmet;
  for (const CellBounds& cell : cells) {
    for (const RunBounds& run : cell.run()) {
      for (const auto& name : run.theorem(run.theorem_size() - 1).unmet()) {
        AddOnce(name, &unmet);
      }
    }
  }
  if (!unmet.empty()) {
    out.table.notes.push_back(absl::StrCat(
        "The CSV has Theorems E.1, 4.3 and D.3 too. Conditions of the last two that "
        "are not met by all runs: ", absl::StrJoin(unmet, ", "), "."));
  }
  return out;
}

RenderedTable MakeSlackTable(absl::Span<const CellBounds> cells) {
  RenderedTable out;
  out.table.id = "slack";
  out.table.column_gap = 1;
  out.table.title =
      "Where the bounds lose: each inequality of the proofs along the path, as "
      "a factor (not in the paper)";
  out.table.header = {"data set", "M"};
  // One group a theorem, since their proofs differ.
  std::vector<std::string> order;
  for (const char* theorem : {"4.1", "D.1"}) {
    Table::Group group;
    group.title = absl::StrCat("Theorem ", theorem);
    std::vector<std::string> names;
    for (const auto& family : ByFamily(cells)) {
      for (const CellBounds* cell : family) {
        for (const RunBounds& run : cell->run()) {
          const TheoremBound& t = run.theorem(0);
          if (t.theorem() != theorem || t.link_size() == 0 || !run.selected()) {
            continue;
          }
          std::vector<std::string> line = {cell->family(),
                                           absl::StrCat(cell->batch_size())};
          names = {};
          for (int i = 1; i < t.link_size(); ++i) {
            const double factor = t.link(i).value() / t.link(i - 1).value();
            names.push_back(t.link(i).inequality());
            line.push_back(Factor(factor));
            out.rows.push_back(MakeRow(
                "slack", *cell, Setting(*cell, run),
                absl::StrCat(theorem, " ", t.link(i).inequality()), factor));
          }
          group.rows.push_back(line);
        }
      }
    }
    if (group.rows.empty()) continue;
    std::vector<std::string> head = {"data set", "M"};
    for (const std::string& name : names) {
      // A terminal has 100 columns; the note has the names.
      head.push_back(name.substr(0, 6));
    }
    order.push_back(absl::StrCat(theorem, ": ", absl::StrJoin(names, ", ")));
    if (out.table.groups.empty()) {
      out.table.header = head;
    } else {
      head.resize(out.table.header.size());
      group.rows.insert(group.rows.begin(), head);
    }
    for (auto& line : group.rows) line.resize(out.table.header.size());
    out.table.groups.push_back(group);
  }
  out.table.notes = {absl::StrCat(
      "The product of a line is the bound over f(average) - f(w*). Columns: ",
      absl::StrJoin(order, ". "),
      ". A factor below 1 is of an inequality that holds in expectation, under "
      "independent draws alone; the means are those of some hundred steps.")};
  return out;
}

RenderedTable MakeExplanationTable(absl::Span<const CellBounds> cells) {
  RenderedTable out;
  out.table.id = "explanation";
  out.table.title =
      "Do the bounds explain AdaGrad's lead? AdaGrad over SGD: below 1 favours "
      "AdaGrad (not in the paper)";
  std::vector<int64_t> sizes;
  for (const CellBounds& cell : cells) sizes.push_back(cell.batch_size());
  sizes = SortedOnce(sizes);
  out.table.header = {"data set", "AdaGrad / SGD"};
  for (const int64_t m : sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m));
  }
  for (const auto& family : ByFamily(cells)) {
    AddExplanation(family, sizes, &out);
    AddTurn(family, &out);
  }
  out.table.notes.push_back(
      "The bounds are those of Theorems 4.1 and D.1 at the constant steps that "
      "make them least, D_inf and |w_0 - w*|_2 measured, constants valid at "
      "every w; measured is Table 3's f - f(w*), but to the exact w*.");
  return out;
}

RenderedTable MakeAdversaryTable(const AdversaryRecord& record) {
  RenderedTable out;
  out.table.id = "adversary";
  out.table.title =
      "How tight the theorems are: the largest measured / bound that an "
      "adversary found (not in the paper)";
  out.table.header = {"theorem", "", "measured / bound", "dimension",
                      "steps",   "noise", "problems", "violated"};
  Table::Group group;
  for (const AdversaryRecord::Duels& d : record.duels()) {
    group.rows.push_back(
        {d.theorem(), d.tightest() > 0.99 && d.violations() == 0 ? "tight" : "",
         absl::StrFormat("%.4f", d.tightest()), absl::StrCat(d.dimension()),
         absl::StrCat(d.steps()), d.noisy() ? "yes" : "no",
         absl::StrCat(d.duels()), absl::StrCat(d.violations())});
    Row row;
    row.table = "adversary";
    // "E.1" of "E.1, relaxed".
    row.method = d.theorem().substr(0, d.theorem().find(','));
    row.quantity = "tightest";
    row.reproduced = d.tightest();
    row.target = record.target();
    out.rows.push_back(row);
  }
  out.table.groups.push_back(group);
  out.table.notes.push_back(
      "Made-up problems of 2 to 5 dimensions that meet every assumption "
      "(docs/theory.md). A violated bound would refute the constants.");
  return out;
}

RenderedTable MakeAppendixBTable(absl::Span<const TailRecord> tails) {
  RenderedTable out;
  out.table.id = "appendix_b";
  out.table.column_gap = 1;
  out.table.title =
      "Appendix B: data with an exponential tail, R1 and R2 of W a cube, and "
      "AdaGrad's measured lead (not in the paper)";
  out.table.header = {"tau", "d",        "R1 √d",    "closed", "R2 d",
                      "closed", "valid R2 d", "valid R2"};
  std::vector<int64_t> sizes;
  for (const TailRecord& tail : tails) {
    for (const TailDuel& duel : tail.duel()) AddOnce(duel.batch_size(), &sizes);
  }
  for (const int64_t m : sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m));
  }
  // Lines by their d, by tau.
  std::map<double, std::multimap<int64_t, std::vector<std::string>>> groups;
  double gap = 0.0;
  for (const TailRecord& tail : tails) {
    gap = std::max(gap, tail.optimum_gap());
    const double d = static_cast<double>(tail.features());
    std::vector<std::string> line = {
        absl::StrFormat("%g", tail.tau()), absl::StrCat(tail.features()),
        absl::StrFormat("%.2f", tail.r1() * std::sqrt(d)),
        absl::StrFormat("%.2f", tail.r1_closed() * std::sqrt(d)),
        absl::StrFormat("%.2f", tail.r2_trace() * d),
        absl::StrFormat("%.2f", tail.r2_closed() * d),
        absl::StrFormat("%.1f", tail.r2_valid() * d), Factor(tail.r2_valid())};
    const auto add = [&](const std::string& setting,
                         const std::string& quantity, double value) {
      Row row;
      row.table = "appendix_b";
      row.dataset = "exponential_tail";
      row.setting = absl::StrCat("tau=", absl::StrFormat("%g", tail.tau()),
                                 " d=", tail.features(), setting);
      row.quantity = quantity;
      row.reproduced = value;
      row.target = tail.target();
      out.rows.push_back(row);
    };
    add("", "r1", tail.r1());
    add("", "r1_closed", tail.r1_closed());
    add("", "r2", tail.r2_trace());
    add("", "r2_closed", tail.r2_closed());
    add("", "r2_valid", tail.r2_valid());
    const size_t first = line.size();
    line.resize(first + sizes.size());
    for (const TailDuel& duel : tail.duel()) {
      const double lead = (duel.sgd() - tail.optimum()) /
                          (duel.adagrad() - tail.optimum());
      const auto at = std::find(sizes.begin(), sizes.end(), duel.batch_size());
      line[first + (at - sizes.begin())] =
          absl::StrCat(Factor(lead), duel.at_edge() ? "'" : " ");
      add(absl::StrCat(" batch_size=", duel.batch_size()), "lead", lead);
    }
    groups[tail.tau()].emplace(tail.features(), line);
  }
  for (const auto& [tau, lines] : groups) {
    Table::Group& group = out.table.groups.emplace_back();
    for (const auto& [features, line] : lines) group.rows.push_back(line);
  }
  out.table.notes = {
      "R1 = |sigma|_1 / (√d |sigma|_2), sigma at w = 0; R2 = |L|_1 / (d L_inf) "
      "with the trace, and with the least |L|_1 found that Assumption 3.3 "
      "allows. Closed: what Appendix B derives from (1/n) sum_i x_ij^2 = "
      "exp(-tau j).",
      absl::StrFormat(
          "The last columns are f - min over W of f of SGD over that of AdaGrad "
          "after the same steps, the average iterate, each at its best rate; ' "
          "at an edge of its grid. The minimum is known to %.0e.", gap)};
  return out;
}

}  // namespace anisograd
