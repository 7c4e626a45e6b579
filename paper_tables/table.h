#ifndef PAPER_TABLES_TABLE_H_
#define PAPER_TABLES_TABLE_H_

#include <string>
#include <vector>

#include "absl/types/span.h"

namespace anisograd {

// A table as it is shown, independent of how. Cells are UTF-8 text.
struct Table {
  // "table3".
  std::string id;
  // "Table 3: Training losses ...".
  std::string title;
  std::vector<std::string> header;
  // Each group is set apart from the next by a rule. Rows have as many cells as
  // the header.
  struct Group {
    std::vector<std::vector<std::string>> rows;
    // A line of its own above the rows, if any.
    std::string title;
  };
  std::vector<Group> groups;
  // Blanks between columns of the text.
  int column_gap = 2;
  // Below the table, one paragraph each.
  std::vector<std::string> notes;
};

// Aligned for a terminal of 100 columns: the first two columns to the left, the
// others to the right; notes are wrapped.
std::string RenderText(const Table& table);

// A pipe table with its title as a heading and notes as a list.
std::string RenderMarkdown(const Table& table);

// A table environment with booktabs rules; needs the packages booktabs and
// amssymb.
std::string RenderLatex(const Table& table);

// Text with what LaTeX would read as commands, and the letters of formulas, in
// its own words.
std::string LatexEscape(const std::string& text);

}  // namespace anisograd

#endif  // PAPER_TABLES_TABLE_H_
