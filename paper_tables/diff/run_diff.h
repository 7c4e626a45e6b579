#ifndef PAPER_TABLES_DIFF_RUN_DIFF_H_
#define PAPER_TABLES_DIFF_RUN_DIFF_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace anisograd {

// A line of all.csv: a number, or a claim (table "claims", no number).
struct CsvNumber {
  // "table3/a9a/adagrad/batch_size=64/suboptimality", the first five columns that
  // are not empty; unlike any other's of its file.
  std::string key;
  bool is_claim = false;
  std::optional<double> published;
  std::optional<double> reproduced;
  std::optional<double> spread;
  // "MATCH", ...; of a claim "HOLDS", ...
  std::string verdict;
  // Of a claim: its evidence.
  std::string scale_note;
};

// Parses all.csv (RFC 4180, LF or CRLF). InvalidArgument names `file` and line
// for another header, a wrong number of fields, an open quote, a number that is
// none, and a key that stands twice.
absl::StatusOr<std::vector<CsvNumber>> ParseRun(absl::string_view text,
                                                const std::string& file);

// How a run differs from an older one.
struct RunDiff {
  struct Change {
    std::string key;
    // "MATCH -> CLOSE", "0.12 -> 0.14 (spread 0.01)", "gone", ...
    std::string what;
  };
  // Another verdict, of claims and then of numbers.
  std::vector<Change> verdicts;
  // By more than the larger of both spreads, or at all where there is none; a
  // number that is there in one run alone among the runs of both; another scale
  // note or published number. The largest in units of the spread first. No line
  // stands in two lists.
  std::vector<Change> numbers;
  // Lines of one run alone.
  std::vector<Change> lines;
  // Numbers that changed within their spread, and those that are equal.
  int within = 0;
  int equal = 0;

  bool empty() const {
    return verdicts.empty() && numbers.empty() && lines.empty();
  }
};

RunDiff DiffRuns(absl::Span<const CsvNumber> before,
                 absl::Span<const CsvNumber> after);

// As aligned text, or as Markdown for a pull request.
std::string RenderDiff(const RunDiff& diff, bool markdown);

}  // namespace anisograd

#endif  // PAPER_TABLES_DIFF_RUN_DIFF_H_
