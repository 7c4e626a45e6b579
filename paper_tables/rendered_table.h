#ifndef PAPER_TABLES_RENDERED_TABLE_H_
#define PAPER_TABLES_RENDERED_TABLE_H_

#include <string>
#include <vector>

#include "paper_tables/row.h"
#include "paper_tables/table.h"

namespace anisograd {

// A table with the rows of all.csv that hold its numbers.
struct RenderedTable {
  Table table;
  std::vector<Row> rows;
};

// Appends a note on lines of recorded numbers, where there are any.
void AddRecordedNote(RenderedTable* table);

// What the marks beside the numbers mean; the note below every table.
std::string MarksNote();

}  // namespace anisograd

#endif  // PAPER_TABLES_RENDERED_TABLE_H_
