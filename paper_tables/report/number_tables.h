#ifndef PAPER_TABLES_REPORT_NUMBER_TABLES_H_
#define PAPER_TABLES_REPORT_NUMBER_TABLES_H_

#include <string>

#include "paper_tables/run_report.pb.h"

namespace anisograd {

// The rows of one table of the report as HTML tables, the published number below
// the reproduced one in each cell. Nothing is known of the tables but their rows'
// columns:
// - a row whose setting is one "key=value", or a name, stands in the column of that value, in
//   one table a quantity, one line a data set and method;
// - rows without a setting stand in one table, one column a quantity (and method,
//   where only some have one), one line a data set;
// - rows of longer settings (a seed or a schedule too) are left to their target's
//   origin.
// The first table, and others that have published numbers, are open; the rest
// stands in <details>. Numbers of a data set and a quantity share a power of ten,
// which their line names. A cell is a button with the row's place in the report,
// `data-row`, and has the verdict as a class, a mark and a word.
std::string NumberTables(const RunReport& report, const std::string& table);

// A table as it is printed: captions, <th scope>, groups as <tbody>.
std::string PrintedTable(const RunReport::Table& table);

// "rcv1", "Adam", "batch size = 4" and the like: what pages call a column's text.
std::string SettingTitle(const std::string& setting);
// "suboptimality of seed" for "suboptimality_of_seed".
std::string QuantityTitle(const std::string& quantity);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_NUMBER_TABLES_H_
