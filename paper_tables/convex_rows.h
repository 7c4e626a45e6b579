#ifndef PAPER_TABLES_CONVEX_ROWS_H_
#define PAPER_TABLES_CONVEX_ROWS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "analysis/convex.h"
#include "paper_tables/row.h"
#include "paper_tables/table.h"

namespace anisograd {

// What the tables of logistic regression share.

// Sets of at least 10,000 features are "large": 3 epochs, losses in units of 0.1.
bool IsLarge(const ConvexQuantities& d);

// The data sets of one kind, under a title of their own.
struct Part {
  std::string title;
  std::vector<const ConvexQuantities*> datasets;
};

// The paper's data sets, and then the others, under a title where both are
// there. What a table says as a whole, caption and counts, is about the first
// part.
std::vector<Part> Parts(absl::Span<const ConvexQuantities> datasets);

// Losses in Table 3 are in this unit.
double Unit(const ConvexQuantities& d);

// "in 1e-3 (a4a, a6a) and 1e-1 (rcv1)".
std::string Units(const Part& part);

// "over 3 seeds", of all data sets; "over 3, 5 seeds" where they differ.
std::string Seeds(const Part& part);

// Of all cells, ascending.
std::vector<int64_t> BatchSizes(absl::Span<const ConvexQuantities> datasets);

// Says in the first column whose rows a group has.
void NameGroup(const ConvexQuantities& d, Table::Group* group);

// Starts a row of the CSV about `data`; a stand-in's is not comparable, whatever
// is published.
Row MakeRow(const std::string& table, const DatasetRecord& data,
            const std::string& method, const std::string& setting,
            const std::string& quantity, double value,
            const std::string& target);

// The same of a family, with the digest of its specs; the verdict is left to
// Published::Judge.
Row MakeConvexRow(const std::string& table, const ConvexQuantities& d,
                  const std::string& method, const std::string& setting,
                  const std::string& quantity, const Quantity& value);

// Appends the legend of the marks, and a note on each stand-in.
void AddStandInNotes(absl::Span<const ConvexQuantities> datasets, Table* table);

// Appends over which runs the diameters and the lowest suboptimality are.
void AddExtremesNote(absl::Span<const ConvexQuantities> datasets, Table* table);

// Appends what is known of inf f, by its certificate, to which "exact" lines and
// rows refer.
void AddInfimumNotes(absl::Span<const ConvexQuantities> datasets, Table* table);

}  // namespace anisograd

#endif  // PAPER_TABLES_CONVEX_ROWS_H_
