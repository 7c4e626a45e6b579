#include "paper_tables/rendered_table.h"

#include <algorithm>

namespace anisograd {

void AddRecordedNote(RenderedTable* table) {
  if (std::any_of(table->rows.begin(), table->rows.end(),
                  [](const Row& row) { return row.recorded; })) {
    table->table.notes.push_back(
        "Recorded: the number of the same spec on official data, from "
        "paper_tables/recorded.csv.");
  }
}

std::string MarksNote() {
  return "Marks: = match, ~ close, ≠ differs, * not comparable (stand-in or "
         "reduced scale). Tolerances and their reasons: "
         "paper_tables/tolerances.textproto.";
}

}  // namespace anisograd
