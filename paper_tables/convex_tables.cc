#include "paper_tables/convex_tables.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <optional>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace anisograd {
namespace {

// Sets of this many features are "large": 3 epochs, losses in units of 0.1.
constexpr int64_t kLargeFeatures = 10000;

bool IsLarge(const ConvexQuantities& d) {
  return d.dataset.features() >= kLargeFeatures;
}

std::string ScaleNote(const ConvexQuantities& d) {
  return d.dataset.stand_in() ? d.dataset.note() : "";
}

// The data sets of one kind, under a title of their own.
struct Part {
  std::string title;
  std::vector<const ConvexQuantities*> datasets;
};

// The paper's data sets, and then the others, under a title where both are
// there. What a table says as a whole, caption and counts, is about the first
// part.
std::vector<Part> Parts(absl::Span<const ConvexQuantities> datasets) {
  std::vector<Part> parts = {{"", {}}, {"Not in the paper", {}}};
  for (const ConvexQuantities& d : datasets) {
    parts[d.in_paper ? 0 : 1].datasets.push_back(&d);
  }
  if (parts[1].datasets.empty()) parts.pop_back();
  if (parts[0].datasets.empty()) parts.erase(parts.begin());
  parts[0].title.clear();
  return parts;
}

// "in 1e-3 (a4a, a6a) and 1e-1 (rcv1)".
std::string Units(const Part& part) {
  std::string small, large;
  for (const ConvexQuantities* d : part.datasets) {
    std::string& names = IsLarge(*d) ? large : small;
    absl::StrAppend(&names, names.empty() ? "" : ", ", d->dataset.name());
  }
  if (!small.empty()) small = absl::StrCat("1e-3 (", small, ")");
  if (!large.empty()) large = absl::StrCat("1e-1 (", large, ")");
  return absl::StrCat("in ", small,
                      small.empty() || large.empty() ? "" : " and ", large);
}

// Says in the first column whose rows a group has.
void NameGroup(const ConvexQuantities& d, Table::Group* group) {
  group->rows[0][0] = d.dataset.name();
  if (!d.dataset.stand_in()) return;
  if (group->rows.size() == 1) {
    group->rows.emplace_back(group->rows[0].size());
  }
  group->rows[1][0] = "(stand-in)";
}

// Legend and stand-ins, common to the tables.
void AddNotes(absl::Span<const ConvexQuantities> datasets, Table* table) {
  table->notes.push_back(MarksNote());
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.stand_in()) {
      table->notes.push_back(
          absl::StrCat("* ", d.dataset.name(), ": ", d.dataset.note(), "."));
    }
  }
}

// Starts a row of the CSV about `d`.
Row MakeRow(const std::string& table, const ConvexQuantities& d,
            const std::string& method, const std::string& setting,
            const std::string& quantity, const Quantity& value) {
  Row row;
  row.table = table;
  row.dataset = d.dataset.name();
  row.method = method;
  row.setting = setting;
  row.quantity = quantity;
  row.reproduced = value.value;
  row.spread = value.spread;
  row.scale_note = ScaleNote(d);
  row.target = value.target;
  return row;
}

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

std::string FormatProperty(const Property& property, double value) {
  return property.format == 'e' ? absl::StrFormat("%.2e", value)
                                   : absl::StrFormat("%.2f", value);
}

// The lines of one data set in Tables 2 and 5: published, where it is, and
// reproduced, and against the exact optimum where there is one.
Table::Group MakePropertyGroup(const std::string& id, const ConvexQuantities& d,
                               const std::vector<Property>& properties,
                               const std::vector<Property>& exact_properties,
                               const Published& published,
                               std::vector<Row>* rows) {
  std::vector<std::string> paper = {"", "published"}, ours = {"", "reproduced"},
                           exact = {"", "to exact w*"};
  bool any_published = false, any_exact = false;
  for (const Property& p : properties) {
    const std::optional<Quantity> value = p.value(d);
    if (!value.has_value()) {
      paper.push_back("");
      ours.push_back("");
      continue;
    }
    Row row = MakeRow(id, d, p.method, "", p.quantity, *value);
    if (!std::isfinite(value->value)) row.reproduced.reset();
    published.Judge(&row);
    any_published |= row.published.has_value();
    paper.push_back(
        row.published ? FormatProperty(p, *row.published) + " " : "");
    ours.push_back(row.reproduced ? FormatProperty(p, *row.reproduced) +
                                        VerdictMark(row.verdict)
                                  : "");
    rows->push_back(row);
  }
  for (const Property& p : exact_properties) {
    std::optional<Quantity> value =
        p.value ? p.value(d) : std::optional<Quantity>();
    if (value && !std::isfinite(value->value)) value.reset();
    any_exact |= value.has_value();
    exact.push_back(value ? FormatProperty(p, value->value) + " " : "");
    if (value) {
      Row row = MakeRow(id, d, p.method, "", p.quantity, *value);
      published.Judge(&row);
      rows->push_back(row);
    }
  }
  Table::Group group;
  if (any_published) {
    group.rows.push_back(paper);
  } else {
    ours[1] = "computed";
  }
  group.rows.push_back(ours);
  if (any_exact) group.rows.push_back(exact);
  NameGroup(d, &group);
  return group;
}

RenderedTable MakePropertyTable(const std::string& id, const std::string& title,
                                absl::Span<const ConvexQuantities> datasets,
                                const std::vector<Property>& properties,
                                const std::vector<Property>& exact_properties,
                                const Published& published) {
  RenderedTable out;
  out.table.id = id;
  out.table.title = title;
  out.table.header = {"data set", ""};
  for (const Property& p : properties) out.table.header.push_back(p.title);
  for (const Part& part : Parts(datasets)) {
    for (const ConvexQuantities* d : part.datasets) {
      out.table.groups.push_back(MakePropertyGroup(
          id, *d, properties, exact_properties, published, &out.rows));
      if (d == part.datasets[0]) out.table.groups.back().title = part.title;
    }
  }
  AddNotes(datasets, &out.table);
  return out;
}

using OptionalQuantity = std::optional<Quantity>;

std::vector<Property> DiameterProperties() {
  return {
      {"D_inf", "", "diameter_linf", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.linf, std::nullopt, d.target};
       }},
      {"D_2", "", "diameter_l2", 'f',
       [](const ConvexQuantities& d) -> OptionalQuantity {
         return Quantity{d.diameters.l2, std::nullopt, d.target};
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
  const auto exact = [](double (*f)(const Diameters&)) {
    return [f](const ConvexQuantities& d) -> OptionalQuantity {
      if (!d.diameters_exact.has_value()) return std::nullopt;
      return Quantity{f(*d.diameters_exact), std::nullopt, d.target};
    };
  };
  return {
      {"", "", "diameter_linf_exact", 'f',
       exact([](const Diameters& x) { return x.linf; })},
      {"", "", "diameter_l2_exact", 'f',
       exact([](const Diameters& x) { return x.l2; })},
      {"", "", "", 'f', nullptr},
      {"", "", "", 'f', nullptr},
      {"", "", "c_var_exact", 'f',
       exact([](const Diameters& x) { return x.c_var(); })},
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

// The lines of one method in Table 3.
void AddMethod(const ConvexQuantities& d, const std::string& method,
               absl::Span<const int64_t> batch_sizes,
               const Published& published, Table::Group* group,
               RenderedTable* out) {
  const double unit = IsLarge(d) ? 1e-1 : 1e-3;
  const bool in_paper = IsPaperMethod(method);
  const auto number = [unit](double value, std::optional<double> spread) {
    return spread ? absl::StrFormat("%.2f±%.2f", value / unit, *spread / unit)
                  : absl::StrFormat("%.2f", value / unit);
  };
  std::vector<std::string> paper = {"", MethodTitle(method) + "  paper"};
  std::vector<std::string> ours = {
      "", std::string(MethodTitle(method).size() + 2, ' ') + "ours"};
  bool any_published = false;
  for (const int64_t batch_size : batch_sizes) {
    const CellQuantities* cell = d.FindCell(method, batch_size);
    const std::string setting = absl::StrCat("batch_size=", batch_size);
    if (cell == nullptr) {
      paper.push_back("");
      ours.push_back("");
      continue;
    }
    Row row = MakeRow("table3", d, method, setting, "suboptimality",
                      cell->suboptimality.value_or(
                          Quantity{0.0, std::nullopt, cell->target}));
    // Every grid point exploded: the line of the CSV has no number.
    if (!cell->suboptimality) row.reproduced.reset();
    published.Judge(&row);
    any_published |= row.published.has_value();
    paper.push_back(row.published
                        ? number(*row.published,
                                 row.published_std.value_or(0.0)) + " "
                        : "");
    ours.push_back((row.reproduced ? number(*row.reproduced, row.spread)
                                   : "exploded") +
                   VerdictMark(row.verdict));
    out->rows.push_back(row);
    if (cell->suboptimality_exact) {
      Row exact = MakeRow("table3", d, method, setting, "suboptimality_exact",
                          *cell->suboptimality_exact);
      published.Judge(&exact);
      out->rows.push_back(exact);
    }
  }
  if (any_published) {
    group->rows.push_back(paper);
  } else {
    ours[1] = MethodTitle(method) + (in_paper ? "" : " +");
  }
  group->rows.push_back(ours);
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
                         const Published& published) {
  RenderedTable out = MakePropertyTable(
      "table2", "Table 2: Statistics on logistic regression", datasets,
      DiameterProperties(), ExactDiameterProperties(), published);
  out.table.notes.push_back(
      "D_inf and D_2 are maxima of |w_t - w*| over all runs of SGD and AdaGrad "
      "that did not explode; C_var = D_inf / D_2; L without the factor 1/4 of "
      "the logistic loss, as in the paper.");
  return out;
}

RenderedTable MakeTable3(absl::Span<const ConvexQuantities> datasets,
                         const Published& published) {
  RenderedTable out;
  const std::vector<Part> parts = Parts(datasets);
  out.table.id = "table3";
  out.table.title = absl::StrCat(
      "Table 3: f(w) - f(w*) on logistic regression over 3 seeds with batch "
      "size M, ",
      Units(parts[0]));
  out.table.header = {"data set", "method"};
  std::vector<int64_t> batch_sizes;
  for (const ConvexQuantities& d : datasets) {
    for (const CellQuantities& cell : d.cells) {
      if (std::find(batch_sizes.begin(), batch_sizes.end(), cell.batch_size) ==
          batch_sizes.end()) {
        batch_sizes.push_back(cell.batch_size);
      }
    }
  }
  std::sort(batch_sizes.begin(), batch_sizes.end());
  for (const int64_t m : batch_sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m, " "));
  }
  int runs = 0, exploded = 0;
  for (const Part& part : parts) {
    for (const ConvexQuantities* d : part.datasets) {
      Table::Group group;
      std::vector<std::string> methods;
      for (const CellQuantities& cell : d->cells) {
        if (std::find(methods.begin(), methods.end(), cell.method) ==
            methods.end()) {
          methods.push_back(cell.method);
        }
        if (&part == &parts[0] && IsPaperMethod(cell.method)) {
          runs += cell.runs;
          exploded += cell.exploded_runs;
        }
      }
      std::stable_partition(methods.begin(), methods.end(), IsPaperMethod);
      for (const std::string& method : methods) {
        AddMethod(*d, method, batch_sizes, published, &group, &out);
      }
      NameGroup(*d, &group);
      if (d == part.datasets[0] && !part.title.empty()) {
        group.title = absl::StrCat(part.title, ", ", Units(part));
      }
      out.table.groups.push_back(group);
    }
  }
  AddNotes(datasets, &out.table);
  out.table.notes.push_back(absl::StrFormat(
      "%d of the %d runs of SGD and AdaGrad exploded and were left out by the "
      "selection rule. Methods marked + are not in the paper.",
      exploded, runs));
  for (const ConvexQuantities& d : datasets) {
    if (d.optimum_gap.has_value()) {
      out.table.notes.push_back(absl::StrFormat(
          "%s: the paper's kind of w* is %.2e above the best known f; rows "
          "suboptimality_exact of the CSV are against that.",
          d.dataset.name(), *d.optimum_gap));
    }
  }
  return out;
}

RenderedTable MakeTable5(absl::Span<const ConvexQuantities> datasets,
                         const Published& published) {
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
      "Table 5: C_bias and the lowest suboptimality of all runs (the other "
      "columns stand in Table 2)",
      small, properties, {}, published);
  out.table.notes.push_back(
      "C_bias = |L|_1 D_inf² / (L_inf D_2²). AdaGrad-Norm and Adam are not in "
      "the paper.");
  return out;
}

}  // namespace anisograd
