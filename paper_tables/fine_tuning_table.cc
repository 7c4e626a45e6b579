#include "paper_tables/fine_tuning_table.h"

#include <cstdint>
#include <optional>
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
  row.reduced = cell.reduced;
  row.target = cell.target;
  row.data_digest = cell.data_digest;
  row.spec_digest = cell.spec_digest;
  return row;
}

}  // namespace

RenderedTable MakeTable4(const FineTuningQuantities& quantities,
                         const Published& published,
                         const RecordedRun& recorded) {
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
    std::vector<std::string> beside = {"", "recorded"};
    bool any_recorded = false;
    std::vector<std::string> rates = {"", "learning rate"};
    std::vector<std::string> clipped = {"", "steps clipped"};
    for (const int64_t m : batch_sizes) {
      const FineTuningCell* const cell = quantities.Find(method, m);
      if (cell == nullptr) {
        for (auto* line : {&paper, &ours, &beside, &rates, &clipped}) {
          line->push_back("");
        }
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
      const auto shown = [](const Row& r) {
        return (r.reproduced ? absl::StrFormat("%.2f", *r.reproduced)
                             : "exploded") +
               VerdictMark(r.verdict);
      };
      ours.push_back(shown(row));
      out.rows.push_back(row);
      const std::optional<Row> known = recorded.Beside(row, published);
      beside.push_back(known ? shown(*known) : "");
      if (known) {
        any_recorded = true;
        out.rows.push_back(*known);
      }
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
      const auto add = [&](const std::string& quantity, double value,
                           const std::string& seed = "") {
        Row extra = MakeRow(*cell, quantity);
        absl::StrAppend(&extra.setting, seed);
        extra.reproduced = value;
        published.Judge(&extra);
        out.rows.push_back(extra);
      };
      add("learning_rate", cell->learning_rate);
      add("clipped_share", cell->clipped_share);
      for (const SeedValue& run : cell->seed_loss) {
        add("training_loss_of_seed", run.value,
            absl::StrCat(" seed=", run.seed));
      }
    }
    Table::Group group{{paper, ours}};
    if (any_recorded) group.rows.push_back(beside);
    group.rows.push_back(rates);
    group.rows.push_back(clipped);
    out.table.groups.push_back(group);
  }
  out.table.notes.push_back(MarksNote());
  AddRecordedNote(&out);
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
