#include "paper_tables/convex_rows.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/provenance.h"
#include "paper_tables/rendered_table.h"

namespace anisograd {

bool IsLarge(const ConvexQuantities& d) {
  return d.dataset.features() >= kLargeFeatures;
}

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

double Unit(const ConvexQuantities& d) { return IsLarge(d) ? 1e-1 : 1e-3; }

std::string Units(const Part& part) {
  std::string small, large;
  for (const ConvexQuantities* d : part.datasets) {
    std::string& names = IsLarge(*d) ? large : small;
    absl::StrAppend(&names, names.empty() ? "" : ", ", d->label());
  }
  if (!small.empty()) small = absl::StrCat("1e-3 (", small, ")");
  if (!large.empty()) large = absl::StrCat("1e-1 (", large, ")");
  return absl::StrCat("in ", small,
                      small.empty() || large.empty() ? "" : " and ", large);
}

std::string Seeds(const Part& part) {
  std::vector<int> seeds;
  for (const ConvexQuantities* d : part.datasets) AddOnce(d->seeds, &seeds);
  return absl::StrCat("over ", absl::StrJoin(seeds, ", "),
                      seeds == std::vector<int>{1} ? " seed" : " seeds");
}

std::vector<int64_t> BatchSizes(absl::Span<const ConvexQuantities> datasets) {
  std::vector<int64_t> sizes;
  for (const ConvexQuantities& d : datasets) {
    for (const CellQuantities& cell : d.cells) sizes.push_back(cell.batch_size);
  }
  return SortedOnce(std::move(sizes));
}

void NameGroup(const ConvexQuantities& d, Table::Group* group) {
  group->rows[0][0] = d.label();
  if (!d.dataset.stand_in()) return;
  if (group->rows.size() == 1) {
    group->rows.emplace_back(group->rows[0].size());
  }
  group->rows[1][0] = "(stand-in)";
}

void AddStandInNotes(absl::Span<const ConvexQuantities> datasets, Table* table) {
  table->notes.push_back(MarksNote());
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.stand_in()) {
      table->notes.push_back(
          absl::StrCat("* ", d.label(), ": ", d.dataset.note(), "."));
    }
  }
}

void AddExtremesNote(absl::Span<const ConvexQuantities> datasets,
                     Table* table) {
  std::vector<std::string> all;
  for (const ConvexQuantities& d : datasets) AddOnce(d.extremes, &all);
  for (const std::string& extremes : all) {
    std::vector<std::string> names;
    for (const ConvexQuantities& d : datasets) {
      if (all.size() > 1 && d.extremes == extremes) names.push_back(d.label());
    }
    if (extremes.empty()) continue;
    table->notes.push_back(absl::StrCat(
        "Largest distances and lowest f ",
        names.empty() ? "" : absl::StrCat("of ", absl::StrJoin(names, ", "), " "),
        "are ", extremes, " (docs/protocol.md)."));
  }
}

void AddInfimumNotes(absl::Span<const ConvexQuantities> datasets,
                     Table* table) {
  for (const ConvexQuantities& d : datasets) {
    if (!d.infimum || !d.optimum_gap) continue;
    const std::string head = absl::StrFormat(
        "%s: the paper's kind of w* is %.2e above ", d.label(), *d.optimum_gap);
    switch (d.infimum->certificate) {
      case OptimumResult::DUALITY_GAP:
        table->notes.push_back(absl::StrFormat(
            "%sthe exact one, whose f no w of at most ten times its norm goes "
            "below by more than %.0e (duality gap); exact numbers are against "
            "that.",
            head, std::max(0.0, d.infimum->gap)));
        break;
      case OptimumResult::SEPARABLE:
        table->notes.push_back(
            head +
            "inf f = 0: the classes are separable, and no w* exists; exact "
            "numbers are f itself.");
        break;
      default:
        table->notes.push_back(
            head + "the best known f, which nothing certifies; no number is "
                   "against it.");
    }
  }
}

Row MakeRow(const std::string& table, const DatasetRecord& data,
            const std::string& method, const std::string& setting,
            const std::string& quantity, double value,
            const std::string& target) {
  Row row;
  row.table = table;
  row.dataset = data.name();
  row.method = method;
  row.setting = setting;
  row.quantity = quantity;
  row.reproduced = value;
  if (data.stand_in()) {
    row.scale_note = data.note();
    row.verdict = Verdict::kNotComparable;
  }
  row.target = target;
  row.data_digest = data.digest();
  return row;
}

Row MakeConvexRow(const std::string& table, const ConvexQuantities& d,
                  const std::string& method, const std::string& setting,
                  const std::string& quantity, const Quantity& value) {
  Row row = MakeRow(table, d.dataset, method, setting, quantity, value.value,
                    value.target);
  row.dataset = d.label();
  row.spread = value.spread;
  row.spec_digest = d.spec_digest;
  return row;
}

}  // namespace anisograd
