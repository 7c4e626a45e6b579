#include "paper_tables/convex_tables.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/provenance.h"
#include "paper_tables/convex_rows.h"

namespace anisograd {
namespace {

// A column of Tables 2 and 5: one property of a data set.
struct Property {
  std::string title;
  std::string method;
  std::string quantity;
  // 'f' for two decimals, 'e' for two decimals and an exponent.
  char format;
  // nullopt where the data set lacks it.
  std::function<std::optional<Quantity>(const ConvexQuantities&)> value;
};

std::string FormatProperty(const Property& property, double value,
                           std::optional<double> spread) {
  // 100 columns have no room for the spread of those with an exponent; the CSV
  // has it.
  if (property.format == 'e') return absl::StrFormat("%.2e", value);
  return spread ? absl::StrFormat("%.2f±%.2f", value, *spread)
                : absl::StrFormat("%.2f", value);
}

// Puts what names a line before its values.
std::vector<std::string> Named(const std::string& name,
                               const std::vector<std::string>& values) {
  std::vector<std::string> line = {"", name};
  line.insert(line.end(), values.begin(), values.end());
  return line;
}

// Up to four lines a data set: published, reproduced, recorded, and against the
// exact optimum.
Table::Group MakePropertyGroup(const std::string& id, const ConvexQuantities& d,
                               const std::vector<Property>& properties,
                               const std::vector<Property>& exact_properties,
                               const Published& published,
                               const RecordedRun& recorded,
                               std::vector<Row>* rows) {
  std::vector<std::string> paper, ours, beside;
  bool any_published = false, any_recorded = false;
  for (const Property& p : properties) {
    for (auto* line : {&paper, &ours, &beside}) line->push_back("");
    const std::optional<Quantity> value = p.value(d);
    if (!value.has_value()) continue;
    Row row = MakeConvexRow(id, d, p.method, "", p.quantity, *value);
    if (!std::isfinite(value->value)) row.reproduced.reset();
    published.Judge(&row);
    any_published |= row.published.has_value();
    if (row.published) {
      paper.back() = FormatProperty(p, *row.published, row.published_std) + " ";
    }
    if (row.reproduced) {
      ours.back() =
          FormatProperty(p, *row.reproduced, row.spread) + VerdictMark(row.verdict);
    }
    rows->push_back(row);
    const std::optional<Row> known = recorded.Beside(row, published);
    if (!known || !known->reproduced) continue;
    any_recorded = true;
    beside.back() =
        FormatProperty(p, *known->reproduced, known->spread) + VerdictMark(known->verdict);
    rows->push_back(*known);
  }
  std::vector<std::string> exact;
  bool any_exact = false;
  for (const Property& p : exact_properties) {
    const std::optional<Quantity> value =
        p.value ? p.value(d) : std::optional<Quantity>();
    exact.push_back("");
    if (!value.has_value() || !std::isfinite(value->value)) continue;
    any_exact = true;
    Row row = MakeConvexRow(id, d, p.method, "", p.quantity, *value);
    published.Judge(&row);
    exact.back() =
        FormatProperty(p, value->value, row.spread) + VerdictMark(row.verdict);
    rows->push_back(row);
  }
  Table::Group group;
  if (any_published) group.rows.push_back(Named("published", paper));
  group.rows.push_back(Named(any_published ? "reproduced" : "computed", ours));
  if (any_recorded) group.rows.push_back(Named("recorded", beside));
  if (any_exact) group.rows.push_back(Named("to exact w*", exact));
  NameGroup(d, &group);
  return group;
}

RenderedTable MakePropertyTable(const std::string& id, const std::string& title,
                                absl::Span<const ConvexQuantities> datasets,
                                const std::vector<Property>& properties,
                                const std::vector<Property>& exact_properties,
                                const Published& published,
                                const RecordedRun& recorded) {
  RenderedTable out;
  out.table.id = id;
  out.table.title = title;
  out.table.header = {"data set", ""};
  for (const Property& p : properties) out.table.header.push_back(p.title);
  for (const Part& part : Parts(datasets)) {
    for (const ConvexQuantities* d : part.datasets) {
      out.table.groups.push_back(
          MakePropertyGroup(id, *d, properties, exact_properties, published,
                            recorded, &out.rows));
      if (d == part.datasets[0]) out.table.groups.back().title = part.title;
    }
  }
  AddStandInNotes(datasets, &out.table);
  AddRecordedNote(&out);
  return out;
}

using OptionalQuantity = std::optional<Quantity>;

std::vector<Property> DiameterProperties() {
  return {
      {"D_inf", "", "diameter_linf", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.linf, d.diameters.linf_spread, d.target};
       }},
      {"D_2", "", "diameter_l2", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.l2, d.diameters.l2_spread, d.target};
       }},
      {"|L|_1", "", "smoothness_l1", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.constants.smoothness_l1(), std::nullopt,
                         d.constants.target()};
       }},
      {"L_inf", "", "smoothness_linf", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.constants.smoothness_linf(), std::nullopt,
                         d.constants.target()};
       }},
      {"C_var", "", "c_var", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.c_var(), std::nullopt, d.target};
       }},
  };
}

// The same columns against the exact optimum; smoothness has none.
std::vector<Property> ExactDiameterProperties() {
  const auto exact = [](Quantity (*f)(const Diameters&)) {
    return [f](const ConvexQuantities& d) -> OptionalQuantity {
      if (!d.diameters_exact.has_value()) return std::nullopt;
      Quantity value = f(*d.diameters_exact);
      value.target = d.target;
      return value;
    };
  };
  return {
      {"", "", "diameter_linf_exact", 'f',
       exact([](const Diameters& x) { return Quantity{x.linf, x.linf_spread, ""}; })},
      {"", "", "diameter_l2_exact", 'f',
       exact([](const Diameters& x) { return Quantity{x.l2, x.l2_spread, ""}; })},
      {"", "", "", 'f', nullptr},
      {"", "", "", 'f', nullptr},
      {"", "", "c_var_exact", 'f',
       exact([](const Diameters& x) {
         return Quantity{x.c_var(), std::nullopt, ""};
       })},
  };
}

Property MinSuboptimality(const std::string& method) {
  return {absl::StrCat("min f-f* ", MethodTitle(method)), method,
          "min_suboptimality", 'e',
          [method](const ConvexQuantities& d) -> OptionalQuantity {
            for (const auto& [name, value] : d.min_suboptimality) {
              if (name == method) return value;
            }
            return std::nullopt;
          }};
}

// "batch_size=64 schedule=constant".
std::string SelectedSetting(const std::string& setting,
                            const CellQuantities& cell) {
  return absl::StrCat(
      setting, " schedule=",
      absl::AsciiStrToLower(ScheduleSpec::Kind_Name(cell.schedule)));
}

// What the CSV has of a cell of Table 3 beside its suboptimality: the same to the
// exact optimum, what was selected, and the value of each seed.
void AddCellRows(const ConvexQuantities& d, const CellQuantities& cell,
                 const std::string& setting, const Published& published,
                 std::vector<Row>* rows) {
  const auto add = [&](const std::string& at, const std::string& quantity,
                       const Quantity& value) {
    Row row = MakeConvexRow("table3", d, cell.method, at, quantity, value);
    row.spec_digest = cell.spec_digest;
    published.Judge(&row);
    rows->push_back(row);
  };
  if (!cell.suboptimality) return;
  if (cell.suboptimality_exact) {
    add(setting, "suboptimality_exact", *cell.suboptimality_exact);
  }
  add(SelectedSetting(setting, cell), "learning_rate",
      {cell.learning_rate, std::nullopt, cell.target});
  for (const SeedValue& run : cell.seed_suboptimality) {
    add(absl::StrCat(setting, " seed=", run.seed), "suboptimality_of_seed",
        {run.value, std::nullopt, cell.target});
  }
}

// The lines of one method in Table 3.
void AddMethod(const ConvexQuantities& d, const std::string& method,
               absl::Span<const int64_t> batch_sizes,
               const Published& published, const RecordedRun& recorded,
               Table::Group* group, RenderedTable* out) {
  const double unit = Unit(d);
  const bool in_paper = IsPaperMethod(method);
  // From 10 on, which only methods beside the paper's reach, with one decimal:
  // the table has 100 columns.
  const auto number = [unit](double value, std::optional<double> spread) {
    const int decimals = value / unit < 9.995 ? 2 : 1;
    return spread ? absl::StrFormat("%.*f±%.*f", decimals, value / unit,
                                    decimals, *spread / unit)
                  : absl::StrFormat("%.*f", decimals, value / unit);
  };
  const std::string indent(MethodTitle(method).size() + 2, ' ');
  std::vector<std::string> paper = {"", MethodTitle(method) + "  paper"};
  std::vector<std::string> ours = {"", indent + "ours"};
  std::vector<std::string> beside = {"", "  recorded"};
  bool any_published = false, any_recorded = false;
  for (const int64_t batch_size : batch_sizes) {
    const CellQuantities* cell = d.FindCell(method, batch_size);
    const std::string setting = absl::StrCat("batch_size=", batch_size);
    if (cell == nullptr) {
      for (auto* line : {&paper, &ours, &beside}) line->push_back("");
      continue;
    }
    Row row = MakeConvexRow("table3", d, method, setting, "suboptimality",
                      cell->suboptimality.value_or(
                          Quantity{0.0, std::nullopt, cell->target}));
    row.spec_digest = cell->spec_digest;
    // Every grid point exploded: the line of the CSV has no number.
    if (!cell->suboptimality) row.reproduced.reset();
    published.Judge(&row);
    const auto shown = [&](const Row& r, const char* edge) {
      return absl::StrCat(
          r.reproduced ? number(*r.reproduced, r.spread) : "exploded",
          VerdictMark(r.verdict), edge);
    };
    any_published |= row.published.has_value();
    paper.push_back(row.published
                        ? number(*row.published, row.published_std) + "  "
                        : "");
    ours.push_back(shown(
        row, cell->suboptimality && cell->at_edge_of_grid ? "'" : " "));
    out->rows.push_back(row);
    const std::optional<Row> known = recorded.Beside(row, published);
    beside.push_back(known ? shown(*known, " ") : "");
    if (known) {
      any_recorded = true;
      out->rows.push_back(*known);
    }
    AddCellRows(d, *cell, setting, published, &out->rows);
  }
  if (any_published) {
    group->rows.push_back(paper);
  } else {
    ours[1] = MethodTitle(method) + (in_paper ? "" : " +");
  }
  group->rows.push_back(ours);
  if (any_recorded) group->rows.push_back(beside);
}

}  // namespace

RenderedTable MakeTable1(const RateTable& rates) {
  RenderedTable out;
  out.table.id = "table1";
  out.table.title = rates.title();
  out.table.header = {"method", "measure", "smooth, and generalised smooth"};
  for (const Rate& rate : rates.rate()) {
    Table::Group group;
    group.rows.push_back(
        {rate.method(), rate.objective(),
         absl::StrCat(rate.smooth(), "   [", rate.smooth_source(), "]")});
    if (!rate.generalized_smooth().empty()) {
      group.rows.push_back({"", "",
                            absl::StrCat(rate.generalized_smooth(), "   [",
                                         rate.generalized_smooth_source(),
                                         "]")});
    }
    out.table.groups.push_back(group);
  }
  out.table.notes.assign(rates.note().begin(), rates.note().end());
  return out;
}

RenderedTable MakeTable2(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded) {
  RenderedTable out = MakePropertyTable(
      "table2", "Table 2: Statistics on logistic regression", datasets,
      DiameterProperties(), ExactDiameterProperties(), published, recorded);
  out.table.notes.push_back(
      "D_inf and D_2 are maxima of |w_t - w*| over SGD's and AdaGrad's runs, ± "
      "the seeds' deviation; C_var = D_inf / D_2; |L|_1 is the trace of X'X/n, as "
      "in the paper, and without the factor 1/4 of the logistic loss.");
  AddExtremesNote(datasets, &out.table);
  return out;
}

RenderedTable MakeBoundsTable(absl::Span<const ConvexQuantities> datasets,
                              const Published& published,
                              const RecordedRun& recorded) {
  const auto constant = [](double (*f)(const ConstantsResult&)) {
    return [f](const ConvexQuantities& d) -> OptionalQuantity {
      return Quantity{f(d.constants), std::nullopt, d.constants.target()};
    };
  };
  const auto ratio = [](double (Diameters::*f)(const ConstantsResult&) const) {
    return [f](const ConvexQuantities& d) -> OptionalQuantity {
      return Quantity{(d.diameters.*f)(d.constants), std::nullopt, d.target};
    };
  };
  const std::vector<Property> properties = {
      {"valid |L|_1", "", "smoothness_l1_valid", 'f',
       constant([](const ConstantsResult& c) {
         return c.smoothness_l1_valid();
       })},
      {"of f", "", "smoothness_l1_valid_logistic", 'f',
       constant([](const ConstantsResult& c) {
         return c.smoothness_l1_valid() / 4;
       })},
      {"C_bias", "", "c_bias", 'f', ratio(&Diameters::c_bias)},
      {"R2", "", "r2", 'f', ratio(&Diameters::r2)},
      {"|σ|_1/|σ|_2", "", "noise_ratio", 'f',
       constant([](const ConstantsResult& c) {
         return c.noise_l1() / c.noise_l2();
       })},
      {"R1", "", "r1", 'f', ratio(&Diameters::r1)},
  };
  RenderedTable out = MakePropertyTable(
      "bounds",
      "The bounds' ratios with constants that the assumptions allow (not in "
      "the paper): below 1 favours AdaGrad",
      datasets, properties, {}, published, recorded);
  out.table.notes.push_back(
      "Assumption 3.3 asks for H <= diag(L), H = X'X/n, which no L with the "
      "paper's |L|_1 = tr H satisfies unless H is diagonal. Valid is the least "
      "|L|_1 that was found of an L that does: of L_j = sum_k H_jk where no value is "
      "negative, else by the Mixing method. Of f: times the 1/4 of the "
      "logistic loss, which cancels from the ratios. C_bias = |L|_1 D_inf² / "
      "(L_inf D_2²) with the trace, R2 with the valid |L|_1; R1 = C_var |σ|_1 / "
      "|σ|_2, σ a bound at every w.");
  std::vector<std::string> uncertified;
  for (const ConvexQuantities& d : datasets) {
    if (!d.constants.smoothness_l1_valid_is_least()) {
      uncertified.push_back(d.label());
    }
  }
  if (!uncertified.empty()) {
    out.table.notes.push_back(absl::StrCat(
        "Not known to be the least valid |L|_1 to 1e-6, by the bounds from either "
        "side: ", absl::StrJoin(uncertified, ", "), "."));
  }
  return out;
}

RenderedTable MakeTable3(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded) {
  RenderedTable out;
  const std::vector<Part> parts = Parts(datasets);
  out.table.id = "table3";
  out.table.column_gap = 1;
  out.table.title = absl::StrCat(
      "Table 3: f(w) - f(w*) on logistic regression ", Seeds(parts[0]),
      " with batch size M, ", Units(parts[0]));
  out.table.header = {"data set", "method"};
  const std::vector<int64_t> batch_sizes = BatchSizes(datasets);
  for (const int64_t m : batch_sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m, "  "));
  }
  int runs = 0, exploded = 0;
  for (const Part& part : parts) {
    for (const ConvexQuantities* d : part.datasets) {
      Table::Group group;
      std::vector<std::string> methods;
      for (const CellQuantities& cell : d->cells) {
        AddOnce(cell.method, &methods);
        if (&part == &parts[0] && IsPaperMethod(cell.method)) {
          runs += cell.runs;
          exploded += cell.exploded_runs;
        }
      }
      std::stable_partition(methods.begin(), methods.end(), IsPaperMethod);
      for (const std::string& method : methods) {
        AddMethod(*d, method, batch_sizes, published, recorded, &group, &out);
      }
      NameGroup(*d, &group);
      if (d == part.datasets[0] && !part.title.empty()) {
        group.title = absl::StrCat(part.title, ", ", Units(part));
      }
      out.table.groups.push_back(group);
    }
  }
  AddStandInNotes(datasets, &out.table);
  AddRecordedNote(&out);
  out.table.notes.push_back(absl::StrFormat(
      "%d of the %d runs of SGD and AdaGrad exploded and were left out by the "
      "selection rule. Methods marked + are not in the paper. ' is selected at "
      "the smallest or the largest rate of the grid; the CSV has rates, "
      "schedules and the values of the seeds.",
      exploded, runs));
  AddInfimumNotes(datasets, &out.table);
  return out;
}

RenderedTable MakeTable5(absl::Span<const ConvexQuantities> datasets,
                         const Published& published,
                         const RecordedRun& recorded) {
  std::vector<ConvexQuantities> small;
  for (const ConvexQuantities& d : datasets) {
    if (!d.in_paper || !IsLarge(d)) small.push_back(d);
  }
  const std::vector<Property> properties = {
      {"C_bias", "", "c_bias", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.c_bias(d.constants), std::nullopt,
                         d.target};
       }},
      MinSuboptimality("sgd"),
      MinSuboptimality("adagrad"),
      MinSuboptimality("adagrad_norm"),
      MinSuboptimality("adam"),
  };
  RenderedTable out = MakePropertyTable(
      "table5",
      "Table 5: C_bias and the lowest suboptimality (the other columns stand in "
      "Table 2)",
      small, properties, {}, published, recorded);
  out.table.notes.push_back(
      "C_bias = |L|_1 D_inf² / (L_inf D_2²). AdaGrad-Norm and Adam are not in "
      "the paper.");
  AddExtremesNote(small, &out.table);
  return out;
}

}  // namespace anisograd
