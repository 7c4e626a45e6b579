#include "paper_tables/fine_tuning_table.h"

#include <cstdint>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace anisograd {
namespace {

Row MakeRow(const FineTuningCell& cell, const std::string& quantity) {
  Row row;
  row.table = "table4";
  row.dataset = "alpaca";
  row.method = cell.method;
  row.setting = absl::StrCat("batch_size=", cell.batch_size);
  row.quantity = quantity;
  row.scale_note = cell.scale_note;
  row.target = cell.target;
  return row;
}

}  // namespace

RenderedTable MakeTable4(const FineTuningQuantities& quantities,
                         const Published& published) {
  const std::vector<int64_t> batch_sizes = quantities.batch_sizes();
  RenderedTable out;
  out.table.id = "table4";
  out.table.title = absl::StrCat(
      "Table 4: Training loss of GPT-2 on Alpaca with batch size M",
      quantities.any_reduced()    ? " - at REDUCED SCALE, see the notes"
      : !quantities.full_scale() ? " - from a STAND-IN, see the notes"
                                 : "");
  out.table.header = {"method", ""};
  for (const int64_t m : batch_sizes) {
    out.table.header.push_back(absl::StrCat("M = ", m, " "));
  }
  int runs = 0, exploded = 0;
  bool at_edge = false;
  for (const std::string& method : quantities.methods()) {
    std::vector<std::string> paper = {MethodTitle(method), "published"};
    std::vector<std::string> ours = {"", "reproduced"};
    std::vector<std::string> rates = {"", "learning rate"};
    std::vector<std::string> clipped = {"", "steps clipped"};
    for (const int64_t m : batch_sizes) {
      const FineTuningCell* const cell = quantities.Find(method, m);
      if (cell == nullptr) {
        for (auto* line : {&paper, &ours, &rates, &clipped}) line->push_back("");
        continue;
      }
      runs += cell->runs;
      exploded += cell->exploded_runs;
      Row row = MakeRow(*cell, "training_loss");
      if (cell->training_loss) {
        row.reproduced = cell->training_loss->value;
        row.spread = cell->training_loss->spread;
      }
      published.Judge(&row);
      paper.push_back(
          row.published ? absl::StrFormat("%.2f ", *row.published) : "");
      ours.push_back((row.reproduced ? absl::StrFormat("%.2f", *row.reproduced)
                                     : "exploded") +
                     VerdictMark(row.verdict));
      out.rows.push_back(row);
      if (!cell->training_loss) {
        rates.push_back("");
        clipped.push_back("");
        continue;
      }
      at_edge |= cell->at_edge_of_grid;
      rates.push_back(absl::StrFormat("%g%s", cell->learning_rate,
                                      cell->at_edge_of_grid ? "'" : " "));
      clipped.push_back(
          absl::StrFormat("%.0f%% ", 100.0 * cell->clipped_share));
      for (const auto& [quantity, value] :
           {std::pair<const char*, double>{"learning_rate", cell->learning_rate},
            {"clipped_share", cell->clipped_share}}) {
        Row extra = MakeRow(*cell, quantity);
        extra.reproduced = value;
        published.Judge(&extra);
        out.rows.push_back(extra);
      }
    }
    out.table.groups.push_back({{paper, ours, rates, clipped}});
  }
  out.table.notes.push_back(MarksNote());
  for (const std::string& note : quantities.scale_notes()) {
    out.table.notes.push_back(absl::StrCat("* ", note, "."));
  }
  for (const std::string& note : quantities.other_notes()) {
    out.table.notes.push_back(absl::StrCat(note, "."));
  }
  std::string searched = absl::StrFormat(
      "The best of the learning rates searched; %d of %d runs exploded.",
      exploded, runs);
  if (at_edge) {
    absl::StrAppend(&searched,
                    " ' is the smallest or the largest rate of the grid.");
  }
  out.table.notes.push_back(searched);
  return out;
}

}  // namespace anisograd
