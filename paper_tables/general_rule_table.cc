#include "paper_tables/general_rule_table.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/method_pair.h"
#include "paper_tables/convex_rows.h"

namespace anisograd {
namespace {

constexpr char kTable[] = "table3_general";
constexpr const char* kMethods[] = {"sgd", "adagrad"};

// Published and ours, of one method.
void AddMethod(const ConvexQuantities& d, const std::string& method,
               absl::Span<const int64_t> batch_sizes,
               const Published& published, Table::Group* group,
               std::vector<Row>* rows) {
  const double unit = Unit(d);
  const std::string title = MethodTitle(method);
  std::vector<std::string> paper = {"", title + "  paper"};
  std::vector<std::string> ours = {
      "", std::string(title.size() + 2, ' ') + "general rule"};
  for (const int64_t batch_size : batch_sizes) {
    paper.push_back("");
    ours.push_back("");
    const CellQuantities* cell = d.FindCell(method, batch_size);
    if (cell == nullptr) continue;
    const Quantity none = {0.0, std::nullopt, cell->target};
    const std::string setting = absl::StrCat("batch_size=", batch_size);
    const PublishedNumber* number = published.Find(MakeConvexRow(
        "table3", d, method, setting, "suboptimality", none));
    if (number != nullptr) {
      paper.back() = absl::StrFormat("%.2f", number->value() / unit);
    }
    Row row = MakeConvexRow(kTable, d, method, setting, "suboptimality_general",
                            cell->suboptimality_general.value_or(none));
    row.spec_digest = cell->spec_digest;
    if (!cell->suboptimality_general) row.reproduced.reset();
    published.Judge(&row);
    ours.back() = row.reproduced
                      ? absl::StrFormat("%.2f", *row.reproduced / unit)
                      : "exploded";
    rows->push_back(row);
  }
  group->rows.push_back(paper);
  group->rows.push_back(ours);
}

// "17 of 18", of the pairs on official data or of those on stand-ins.
std::string CountPairs(absl::Span<const ConvexQuantities> datasets,
                       bool stand_in) {
  int pairs = 0, below = 0;
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.stand_in() != stand_in) continue;
    for (const MethodPair& pair :
         PairMethods(d, &CellQuantities::suboptimality_general)) {
      pairs += pair.adagrad_is != AdaGradIs::kNotCompared;
      below += pair.adagrad_is == AdaGradIs::kBelow;
    }
  }
  return absl::StrCat(below, " of ", pairs);
}

}  // namespace

RenderedTable MakeGeneralRuleTable(absl::Span<const ConvexQuantities> datasets,
                                   const Published& published) {
  RenderedTable out;
  out.table.id = kTable;
  out.table.column_gap = 1;
  const std::vector<Part> parts = Parts(datasets);
  out.table.title = absl::StrCat(
      "Table 3 under the general explosion rule: f(w) - f(w*) ",
      Seeds(parts[0]), ", ", Units(parts[0]));
  out.table.header = {"data set", "method"};
  const std::vector<int64_t> batch_sizes = BatchSizes(datasets);
  for (const int64_t m : batch_sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m));
  }
  for (const Part& part : parts) {
    for (const ConvexQuantities* d : part.datasets) {
      Table::Group group;
      for (const char* method : kMethods) {
        AddMethod(*d, method, batch_sizes, published, &group, &out.rows);
      }
      NameGroup(*d, &group);
      if (d == part.datasets[0] && !part.title.empty()) {
        group.title = absl::StrCat(part.title, ", ", Units(part));
      }
      out.table.groups.push_back(group);
    }
  }
  out.table.notes.push_back(absl::StrCat(
      "From the runs of Table 3, whose own rule was chosen on these cells. The "
      "general rule leaves out a run only if its loss at an epoch's end, or its "
      "mean training loss of an epoch after the first, is above those of w = 0 "
      "and w_0, or not finite. AdaGrad is below SGD in ",
      CountPairs(datasets, false), " pairs on official data; ",
      CountPairs(datasets, true),
      " on stand-ins. No verdicts: it is another reading."));
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.stand_in()) {
      out.table.notes.push_back(
          absl::StrCat(d.dataset.name(), ": ", d.dataset.note(), "."));
    }
  }
  return out;
}

}  // namespace anisograd
