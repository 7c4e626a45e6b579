#include "paper_tables/beyond/beyond_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/confidence.h"
#include "analysis/page/conclusion.h"
#include "analysis/provenance.h"
#include "paper_tables/convex_rows.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// A line of the constants' table: a number and how far it may be off, both in the
// CSV; nullopt where a data set lacks it.
struct Constant {
  std::string title;
  std::string quantity;
  std::function<std::optional<std::pair<double, double>>(
      const ProblemConstants&, const std::optional<Anisotropy>&)>
      value;
};

using Value = std::optional<std::pair<double, double>>;

Constant Of(const char* title, const char* quantity,
            double (*value)(const ProblemConstants&),
            double (*error)(const ProblemConstants&)) {
  return {title, quantity,
          [=](const ProblemConstants& c, const auto&) -> Value {
            return std::make_pair(value(c), error(c));
          }};
}

Constant OfAnisotropy(const char* title, const char* quantity,
                      double Anisotropy::*value) {
  return {title, quantity,
          [=](const ProblemConstants&,
              const std::optional<Anisotropy>& a) -> Value {
            if (!a) return std::nullopt;
            return std::make_pair((*a).*value, 0.0);
          }};
}

using C = const ProblemConstants&;

std::vector<Constant> Constants() {
  const auto exact = [](C) { return 0.0; };
  return {
      Of("tr H, the paper's |L|_1", "smoothness_trace",
         [](C c) { return c.gram().trace(); }, exact),
      Of("L_inf", "smoothness_top",
         [](C c) { return c.gram().top_upper(); },
         [](C c) { return c.gram().top_upper() - c.gram().top_lower(); }),
      Of("least valid |L|_1", "smoothness_least_valid",
         [](C c) { return c.gram().valid_l1(); },
         [](C c) { return c.gram().valid_l1() - c.gram().valid_l1_lower(); }),
      Of("|L*|_1 (E.4), of f", "expected_smoothness",
         [](C c) { return c.expected_l1(); },
         [](C c) { return c.expected_l1() - c.expected_l1_lower(); }),
      Of("|σ|_1 at w = 0", "noise_l1_at_zero",
         [](C c) { return c.noise_at_zero().l1(); }, exact),
      Of("|σ|_1, bound at every w", "noise_l1_universal",
         [](C c) { return c.noise_universal().l1(); }, exact),
      Of("|σ|_2, bound at every w", "noise_l2_universal",
         [](C c) { return c.noise_universal().l2(); }, exact),
      {"|σ_*|_1 (E.3)", "noise_l1_at_optimum",
       [](C c, const auto&) -> Value {
         if (!c.has_noise_at_optimum()) return std::nullopt;
         return std::make_pair(c.noise_at_optimum().l1(),
                               c.noise_at_optimum().l1_error());
       }},
      OfAnisotropy("curvature |L|_1/(d L_inf)", "share_curvature",
                   &Anisotropy::curvature),
      OfAnisotropy("noise |σ|_1²/(d |σ|_2²)", "share_noise", &Anisotropy::noise),
      OfAnisotropy("geometry D_2²/(d D_inf²)", "share_geometry",
                   &Anisotropy::geometry),
      OfAnisotropy("R1", "r1_universal", &Anisotropy::r1),
      OfAnisotropy("R2", "r2_least_valid", &Anisotropy::r2),
  };
}

std::string Between(const std::optional<Interval>& i, double unit) {
  if (!i) return "exploded";
  return absl::StrFormat("%.2f [%.2f, %.2f]", i->mean / unit, i->low / unit,
                         i->high / unit);
}

// Mean and deviation of a score over seeds.
std::pair<double, double> Spread(const HeldOutCell& cell,
                                 double (HeldOutScore::*value)() const) {
  const double n = cell.score_size();
  double mean = 0.0, squares = 0.0;
  for (const HeldOutScore& s : cell.score()) mean += (s.*value)() / n;
  for (const HeldOutScore& s : cell.score()) {
    squares += ((s.*value)() - mean) * ((s.*value)() - mean);
  }
  return {mean, std::sqrt(squares / n)};
}

}  // namespace

RenderedTable MakeConstantsTable(
    absl::Span<const ProblemConstants> constants,
    absl::Span<const ConvexQuantities> quantities,
    absl::Span<const Gpt2CurvatureResult> curvature) {
  RenderedTable out;
  out.table.id = "constants";
  out.table.title =
      "The assumptions' constants (not in the paper), H = X'X/n without the 1/4";
  out.table.header = {"constant", ""};
  std::vector<std::optional<Anisotropy>> anisotropy;
  for (const ProblemConstants& c : constants) {
    out.table.header.push_back(
        absl::StrCat(c.dataset().name(), c.dataset().stand_in() ? "*" : ""));
    anisotropy.emplace_back();
    for (const ConvexQuantities& q : quantities) {
      if (q.label() == c.dataset().name()) {
        anisotropy.back() = ComputeAnisotropy(c, q.diameters);
        out.table.notes.push_back(Conclude(q, anisotropy.back()));
      }
    }
  }
  Table::Group group;
  for (const Constant& line : Constants()) {
    std::vector<std::string> cells = {line.title, ""};
    for (size_t i = 0; i < constants.size(); ++i) {
      const Value value = line.value(constants[i], anisotropy[i]);
      cells.push_back(value ? absl::StrFormat("%.4g", value->first) : "");
      if (!value) continue;
      const auto add = [&](const std::string& quantity, double number) {
        out.rows.push_back(MakeRow("constants", constants[i].dataset(), "", "",
                                   quantity, number, constants[i].target()));
      };
      add(line.quantity, value->first);
      if (value->second > 0.0) add(line.quantity + "_error", value->second);
    }
    group.rows.push_back(cells);
  }
  out.table.groups.push_back(group);
  out.table.notes.push_back(
      "Each lies within its error, line QUANTITY_error of the CSV, of the true "
      "one (docs/constants.md): the largest eigenvalue between Rayleigh and "
      "Collatz or Cholesky, |L|_1 between a feasible L and a dual point, |L*|_1 "
      "likewise, σ_* by the duality gap of w*. Shares run from 1/d to 1; R1 = "
      "sqrt(noise / geometry), R2 = curvature / geometry.");
  for (const Gpt2CurvatureResult& g : curvature) {
    for (const CurvatureEstimate& e : g.estimate()) {
      out.table.notes.push_back(absl::StrFormat(
          "GPT-2 (%s) at step %d, loss %.3f: sum |H_jk| = %.4g±%.2g, top "
          "eigenvalue %.4g with residual %.2g, share |L|_1/(d L_inf) = %.2g.",
          g.spec().reduced().empty() ? "full scale" : "reduced", e.iteration(),
          e.loss(), e.norm_11(), e.norm_11_error(), e.top_eigenvalue(),
          e.top_residual(),
          e.norm_11() / (static_cast<double>(g.parameters()) *
                         std::fabs(e.top_eigenvalue()))));
      DatasetRecord data;
      data.set_name(g.spec().dataset());
      data.set_digest(g.dataset().digest());
      data.set_stand_in(!g.spec().reduced().empty());
      data.set_note(g.spec().reduced());
      const std::string setting = absl::StrCat("step=", e.iteration());
      out.rows.push_back(MakeRow("constants", data, "", setting, "hessian_norm_11",
                                 e.norm_11(), g.target()));
      out.rows.back().spread = e.norm_11_error();
      out.rows.push_back(MakeRow("constants", data, "", setting,
                                 "hessian_top_eigenvalue", e.top_eigenvalue(),
                                 g.target()));
      out.rows.push_back(MakeRow("constants", data, "", setting,
                                 "hessian_top_eigenvalue_error",
                                 e.top_residual(), g.target()));
    }
  }
  return out;
}

absl::StatusOr<RenderedTable> MakeConfidenceTable(
    absl::Span<const ConvexQuantities> fresh,
    absl::Span<const std::string> exploded) {
  RenderedTable out;
  out.table.id = "confidence";
  out.table.title =
      "SGD against AdaGrad on ten fresh seeds: f(w) - f(w*) with 95 % intervals, "
      "in 1e-3";
  out.table.header = {"data set", "M", "SGD", "AdaGrad", "SGD - AdaGrad",
                      "below", "p"};
  std::vector<double> p_values;
  int seeds = 0;
  for (const ConvexQuantities& d : fresh) {
    ASSIGN_OR_RETURN(const std::vector<PairedComparison> pairs, ComparePairs(d));
    Table::Group group;
    for (const PairedComparison& pair : pairs) {
      seeds = std::max(seeds, pair.seeds);
      p_values.push_back(pair.p_value);
      group.rows.push_back(
          {"", absl::StrCat(pair.batch_size), Between(pair.sgd, 1e-3),
           Between(pair.adagrad, 1e-3), Between(pair.difference, 1e-3),
           absl::StrFormat("%d of %d", pair.below, pair.seeds),
           absl::StrFormat("%.1g", pair.p_value)});
      const std::string setting = absl::StrCat("batch_size=", pair.batch_size);
      const auto add = [&](const char* method, const char* quantity,
                           double value) {
        out.rows.push_back(MakeRow("confidence", d.dataset, method, setting,
                                   quantity, value, pair.target));
        out.rows.back().spec_digest = d.spec_digest;
      };
      const auto add_interval = [&](const char* method, const char* mean,
                                    const std::optional<Interval>& interval) {
        if (!interval) return;
        add(method, mean, interval->mean);
        add(method, "interval_low", interval->low);
        add(method, "interval_high", interval->high);
      };
      add_interval("sgd", "suboptimality_fresh", pair.sgd);
      add_interval("adagrad", "suboptimality_fresh", pair.adagrad);
      add_interval("", "lead_fresh", pair.difference);
      add("", "sign_test_p", pair.p_value);
    }
    if (group.rows.empty()) continue;
    group.rows[0][0] = d.dataset.name();
    out.table.groups.push_back(group);
  }
  const std::vector<bool> rejected = HolmRejects(p_values);
  out.table.notes.push_back(absl::StrFormat(
      "Rate and schedule are those that Table 3 selected on seeds 1 to 3, run on "
      "%d others. Intervals: bootstrap-t, 10,000 times; differences are of pairs "
      "with the same w_0 and order of samples. p: one-sided sign "
      "test. AdaGrad is below SGD in %d of %d cells at the 5 %% level by Holm's "
      "correction.",
      seeds, std::count(rejected.begin(), rejected.end(), true),
      rejected.size()));
  if (!exploded.empty()) {
    out.table.notes.push_back(absl::StrCat(
        "Runs that the spec's own rule, fitted on seeds 1 to 3, counts as exploded; "
        "they count here: ",
        absl::StrJoin(exploded, ", "), "."));
  }
  return out;
}

RenderedTable MakeHeldOutTable(const HeldOutResult& result) {
  RenderedTable out;
  out.table.id = "held_out";
  out.table.title = absl::StrCat("Held-out samples of ", result.dataset().name(),
                                 ": mean loss and accuracy in %");
  out.table.header = {"", "M", "SGD loss", "SGD accuracy", "AdaGrad loss",
                      "AdaGrad accuracy"};
  if (result.rows() == 0) {
    out.table.notes.push_back(
        "The file of held-out samples could not be had: there are no numbers.");
    return out;
  }
  std::vector<int64_t> sizes;
  for (const HeldOutCell& cell : result.cell()) {
    sizes.push_back(cell.batch_size());
  }
  Table::Group group;
  for (const int64_t m : SortedOnce(sizes)) {
    std::vector<std::string> line = {"", absl::StrCat(m)};
    for (const char* method : {"sgd", "adagrad"}) {
      for (const bool accuracy : {false, true}) {
        line.push_back("");
        for (const HeldOutCell& cell : result.cell()) {
          if (cell.method() != method || cell.batch_size() != m) continue;
          const auto [mean, deviation] =
              Spread(cell, accuracy ? &HeldOutScore::accuracy
                                    : &HeldOutScore::loss);
          line.back() = accuracy ? absl::StrFormat("%.2f±%.2f", 100 * mean,
                                                   100 * deviation)
                                 : absl::StrFormat("%.5f±%.5f", mean, deviation);
          out.rows.push_back(MakeRow(
              "held_out", result.dataset(), method,
              absl::StrCat("batch_size=", m),
              accuracy ? "held_out_accuracy" : "held_out_loss", mean,
              cell.target()));
          out.rows.back().spread = deviation;
          out.rows.back().spec_digest = cell.spec_digest();
        }
      }
    }
    group.rows.push_back(line);
  }
  out.table.groups.push_back(group);
  std::string note = absl::StrFormat(
      "%d samples of %s, at the epoch of the lowest training loss of the runs "
      "that Table 3 selected.",
      result.rows(), result.file());
  if (result.has_optimum()) {
    absl::StrAppendFormat(&note, " The exact w*: loss %.5f, accuracy %.2f.",
                          result.optimum().loss(),
                          100 * result.optimum().accuracy());
  }
  out.table.notes.push_back(note);
  return out;
}

RenderedTable MakeReadingsTable(absl::Span<const ReadingClaims> readings) {
  RenderedTable out;
  out.table.id = "readings";
  out.table.title = "The paper's claims under other readings of the protocol";
  out.table.header = {"claim", ""};
  std::vector<std::string> legend;
  for (size_t r = 0; r < readings.size(); ++r) {
    out.table.header.push_back(std::string(1, static_cast<char>('A' + r)));
    legend.push_back(absl::StrCat(out.table.header.back(), ": ",
                                  readings[r].reading.name));
  }
  out.table.notes.push_back(absl::StrCat(
      "+ holds, - fails, ? not tested; official data alone. ",
      absl::StrJoin(legend, "; "),
      ". A to G are of runs that are there; the others take runs of their own, and "
      "none are recorded (docs/protocol.md has what they gave)."));
  Table::Group group;
  for (size_t c = 0; !readings.empty() && c < readings[0].claims.size(); ++c) {
    const Claim& first = readings[0].claims[c];
    std::vector<std::string> line = {first.name, ""};
    for (const ReadingClaims& reading : readings) {
      const Claim& claim = reading.claims[c];
      const bool tested = claim.verdict != Claim::Verdict::kNotTested;
      const bool holds = claim.verdict == Claim::Verdict::kHolds;
      line.push_back(!tested ? "?" : holds ? "+" : "-");
      if (!tested) continue;
      Row row;
      row.table = "readings";
      row.setting = reading.reading.name;
      row.quantity = claim.name;
      row.reproduced = holds ? 1.0 : 0.0;
      row.target = "//paper_tables:readings";
      out.rows.push_back(row);
      if (claim.verdict != first.verdict) {
        out.table.notes.push_back(absl::StrCat(claim.name, ", ",
                                               reading.reading.name, ": ",
                                               claim.evidence));
      }
    }
    group.rows.push_back(line);
  }
  out.table.groups.push_back(group);
  return out;
}

}  // namespace anisograd
