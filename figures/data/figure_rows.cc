#include "figures/data/figure_rows.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "analysis/convex.h"
#include "analysis/provenance.h"

namespace anisograd {
namespace {

using Row = RunReport::Row;

// "batch_size=64" and nothing else.
bool BatchSize(const Row& row, int64_t* batch_size) {
  absl::string_view setting = row.setting();
  return absl::ConsumePrefix(&setting, "batch_size=") &&
         absl::SimpleAtoi(setting, batch_size);
}

std::string Notes(const std::vector<const Row*>& rows) {
  std::vector<std::string> notes;
  for (const Row* row : rows) {
    if (row->scale_note().empty()) continue;
    AddOnce(absl::StrCat(row->dataset(), ": ", row->scale_note(), "."), &notes);
  }
  std::string text;
  for (const std::string& note : notes) {
    absl::StrAppend(&text, "# note: ", note, "\n");
  }
  return text;
}

// "a9a", "rcv1 (stand-in)", "alpaca: training loss (reduced)": where a number is
// not comparable its panel says so. Commas have no place in plot data.
std::string Panel(const Row& row) {
  std::string panel = row.dataset();
  if (row.quantity() != "suboptimality") {
    absl::StrAppend(&panel, ": ",
                    absl::StrReplaceAll(row.quantity(), {{"_", " "}}));
  }
  if (!row.scale_note().empty()) {
    absl::StrAppend(&panel, row.reduced() ? " (reduced)" : " (stand-in)");
  }
  return absl::StrReplaceAll(panel, {{",", ";"}});
}

void AddPoint(const Row& row, int64_t batch_size, absl::string_view source,
              double value, double spread, std::string* lines) {
  if (!(value > 0.0)) return;
  absl::StrAppendFormat(lines, "%s,%s,%s,%d,%.6g,%.6g,%.6g\n", Panel(row),
                        MethodTitle(row.method()), source, batch_size, value,
                        std::max(value - spread, 0.1 * value), value + spread);
}

}  // namespace

absl::StatusOr<std::string> MakeBatchSizesCsv(const RunReport& report) {
  std::string lines;
  std::vector<const Row*> shown;
  for (const Row& row : report.row()) {
    int64_t batch_size = 0;
    if (!row.has_published() || row.recorded() || row.method().empty() ||
        !BatchSize(row, &batch_size)) {
      continue;
    }
    shown.push_back(&row);
    if (row.has_reproduced()) {
      AddPoint(row, batch_size, "reproduced", row.reproduced(), row.spread(),
               &lines);
    }
    AddPoint(row, batch_size, "published", row.published(), row.published_std(),
             &lines);
  }
  if (lines.empty()) {
    return absl::InvalidArgumentError("no published number at a batch size");
  }
  return absl::StrCat(
      "# caption: What SGD and AdaGrad reach against the batch size: "
      "reproduced and published; bars are standard deviations over seeds.\n",
      Notes(shown), "panel,method,source,batch_size,value,low,high\n", lines);
}

absl::StatusOr<std::string> MakeDiametersCsv(const RunReport& report) {
  std::string lines;
  std::vector<const Row*> shown;
  for (const Row& inf : report.row()) {
    if (inf.quantity() != "diameter_linf" || inf.recorded()) continue;
    for (const Row& two : report.row()) {
      if (two.quantity() != "diameter_l2" || two.recorded() ||
          two.table() != inf.table() || two.dataset() != inf.dataset()) {
        continue;
      }
      shown.push_back(&inf);
      const auto add = [&](absl::string_view source, double d2, double dinf) {
        if (d2 > 0.0 && dinf > 0.0) {
          absl::StrAppendFormat(&lines, "%s,%s,%.6g,%.6g\n", inf.dataset(),
                                source, d2, dinf);
        }
      };
      add("reproduced", two.reproduced(), inf.reproduced());
      add("published", two.published(), inf.published());
    }
  }
  if (lines.empty()) return absl::InvalidArgumentError("no diameters");
  return absl::StrCat(
      "# caption: How far the iterates went from w*: D_inf against D_2 of "
      "Table 2, reproduced and published.\n",
      Notes(shown), "dataset,source,d_2,d_inf\n", lines);
}

}  // namespace anisograd
