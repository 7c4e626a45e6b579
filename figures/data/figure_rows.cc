#include "figures/data/figure_rows.h"

#include <algorithm>
#include <cstdint>
#include <vector>

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

// Of what the rows stand for, and of what a logarithmic axis has no place for.
std::string Notes(const std::vector<const Row*>& rows, int left_out,
                  absl::string_view lines) {
  std::vector<std::string> notes;
  for (const Row* row : rows) {
    if (row->scale_note().empty()) continue;
    AddOnce(absl::StrCat(row->dataset(), ": ", row->scale_note(), "."), &notes);
  }
  std::string text;
  for (const std::string& note : notes) {
    absl::StrAppend(&text, "# note: ", note, "\n");
  }
  if (left_out > 0) {
    absl::StrAppend(&text, "# note: ", left_out,
                    " numbers that are not above 0 are left out.\n");
  } else if (lines.empty()) {
    absl::StrAppend(&text, "# note: There is neither a reproduced nor a "
                           "published number.\n");
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
              double value, double spread, int* left_out,
              std::string* lines) {
  if (!(value > 0.0)) {
    ++*left_out;
    return;
  }
  absl::StrAppendFormat(lines, "%s,%s,%s,%d,%.6g,%.6g,%.6g\n", Panel(row),
                        MethodTitle(row.method()), source, batch_size, value,
                        std::max(value - spread, 0.1 * value), value + spread);
}

}  // namespace

std::string MakeBatchSizesCsv(const RunReport& report) {
  std::string lines;
  int left_out = 0;
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
               &left_out, &lines);
    }
    AddPoint(row, batch_size, "published", row.published(), row.published_std(),
             &left_out, &lines);
  }
  return absl::StrCat(
      "# caption: What SGD and AdaGrad reach against the batch size: "
      "reproduced and published; bars are standard deviations over seeds.\n",
      Notes(shown, left_out, lines),
      "panel,method,source,batch_size,value,low,high\n", lines);
}

std::string MakeDiametersCsv(const RunReport& report) {
  std::string lines;
  int left_out = 0;
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
        if (!(d2 > 0.0 && dinf > 0.0)) {
          ++left_out;
        } else {
          absl::StrAppendFormat(&lines, "%s,%s,%.6g,%.6g\n", inf.dataset(),
                                source, d2, dinf);
        }
      };
      if (two.has_reproduced() && inf.has_reproduced()) {
        add("reproduced", two.reproduced(), inf.reproduced());
      }
      if (two.has_published() && inf.has_published()) {
        add("published", two.published(), inf.published());
      }
    }
  }
  return absl::StrCat(
      "# caption: How far the iterates went from w*: D_inf against D_2 of "
      "Table 2, reproduced and published.\n",
      Notes(shown, left_out, lines), "dataset,source,d_2,d_inf\n", lines);
}

}  // namespace anisograd
