#ifndef PAPER_TABLES_CONVEX_ROWS_H_
#define PAPER_TABLES_CONVEX_ROWS_H_

#include <string>

#include "absl/types/span.h"
#include "analysis/convex.h"
#include "paper_tables/row.h"
#include "paper_tables/table.h"

namespace anisograd {

// What the tables of logistic regression share.

// Sets of at least 10,000 features are "large": 3 epochs, losses in units of 0.1.
bool IsLarge(const ConvexQuantities& d);

// Starts a row of the CSV about `d`, with the digest of the family's specs; its
// verdict is left to Published::Judge.
Row MakeConvexRow(const std::string& table, const ConvexQuantities& d,
                  const std::string& method, const std::string& setting,
                  const std::string& quantity, const Quantity& value);

// Appends the legend of the marks, and a note on each stand-in.
void AddStandInNotes(absl::Span<const ConvexQuantities> datasets, Table* table);

// Appends what is known of inf f, by its certificate, to which "exact" lines and
// rows refer.
void AddInfimumNotes(absl::Span<const ConvexQuantities> datasets, Table* table);

}  // namespace anisograd

#endif  // PAPER_TABLES_CONVEX_ROWS_H_
