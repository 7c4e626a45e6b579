// The recorded run: all numbers of the last full run on official data, to the last
// digit. A run of the same sources on the same data gives the same numbers
// (docs/determinism.md); this is how a user sees that his did.
#ifndef PAPER_TABLES_RECORDED_RUN_H_
#define PAPER_TABLES_RECORDED_RUN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "paper_tables/row.h"
#include "paper_tables/table.h"

namespace anisograd {

// What recorded.csv holds: lines of
//
//   table,dataset,method,setting,quantity,reproduced,spread,data,spec,target
//
// The first five are a line's key. Numbers have 17 significant digits, so that
// they are the same doubles; empty where every run exploded. `data` and `spec` are
// the first 16 digits of the digests.
class RecordedRun {
 public:
  // The rows have the fields of a line, digests cut, and nothing else.
  // InvalidArgument "FILE:LINE: FIELD: reason" for a line that is none of these,
  // and for a key that stands twice. Without lines, only with the header,
  // nothing is recorded.
  static absl::StatusOr<RecordedRun> Parse(absl::string_view text,
                                           const std::string& file);

  const std::vector<Row>& rows() const { return rows_; }
  const Row* Find(const Row& key) const;

  // What is shown in a line of its own beside `row`, a stand-in's number: the one
  // that the same spec gave on official data, judged, marked `recorded`. nullopt
  // where there is none, or where the spec has changed since.
  std::optional<Row> Beside(const Row& row, const Published& published) const;

 private:
  std::vector<Row> rows_;
};

// How a run's rows compare with a recorded run's.
struct Comparison {
  // Numbers of either that are on official data here; equal ones among them.
  int numbers = 0;
  int equal = 0;
  // One line for each of the others: a value that differs, a spec or data that
  // changed since, a number that was not recorded, or one that this run lacks.
  std::vector<std::string> others;
  // Recorded numbers that stand beside a stand-in's.
  int beside = 0;
  // Recorded numbers that are refused beside a stand-in's or a reduced run's,
  // whose spec is another.
  int refused = 0;
};

Comparison CompareWithRecorded(absl::Span<const Row> rows,
                               const RecordedRun& recorded);

// The report's last part: the others, and as its last note "N of M numbers equal
// the recorded run to the last digit."
Table MakeRecordedTable(const Comparison& comparison);

// What recorded.csv becomes after this run: all its numbers on official data, and
// those of `previous` that stand beside stand-ins. InvalidArgument where a key
// stands twice.
absl::StatusOr<std::string> RenderRecorded(absl::Span<const Row> rows,
                                           const RecordedRun& previous);

}  // namespace anisograd

#endif  // PAPER_TABLES_RECORDED_RUN_H_
