#ifndef PAPER_TABLES_ROW_H_
#define PAPER_TABLES_ROW_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "paper_tables/published.pb.h"

namespace anisograd {

enum class Verdict {
  // Within the stated tolerance of the published value.
  kMatch,
  kClose,
  kDiffers,
  // Stand-in data or reduced scale.
  kNotComparable,
  kNotPublished,
};

// "MATCH", "CLOSE", ...
std::string VerdictName(Verdict verdict);
// The mark beside a number in a table: "=", "~", "≠", "*" and none.
std::string VerdictMark(Verdict verdict);

// One number of one table, beside the published one: a line of all.csv.
struct Row {
  std::string table;
  std::string dataset;
  std::string method;
  std::string setting;
  std::string quantity;
  std::optional<double> published;
  std::optional<double> published_std;
  std::optional<double> reproduced;
  std::optional<double> spread;
  Verdict verdict = Verdict::kNotPublished;
  std::string scale_note;
  // Where scale_note is of a smaller experiment, not of stand-ins alone.
  bool reduced = false;
  std::string target;
  // SHA-256 of the data and, where cells of a spec made it, of that; not in the
  // CSV, but in the recorded run.
  std::string data_digest;
  std::string spec_digest;
  // Whether it is a number of the recorded run, beside a stand-in's.
  bool recorded = false;
};

// The published numbers and their tolerances.
class Published {
 public:
  // Where each of them stands, "FILE:LINE".
  struct Lines {
    std::vector<std::string> numbers, tolerances;
  };

  // InvalidArgument for a quantity without a tolerance, and for a number or a
  // tolerance that stands twice; named by `lines`, or else by place, "number[3]".
  static absl::StatusOr<Published> Create(const PublishedNumbers& numbers,
                                          const Tolerances& tolerances,
                                          const Lines& lines = {});

  // Fills published, published_std and verdict of a row from its other fields.
  // A scale note makes it kNotComparable, published or not.
  void Judge(Row* row) const;

  const PublishedNumber* Find(const Row& row) const;

  // Whether there are numbers of a data set.
  bool HasDataset(const std::string& dataset) const;

 private:
  PublishedNumbers numbers_;
  Tolerances tolerances_;
};

// Header and rows by RFC 4180, numbers with 6 significant digits.
std::string RenderCsv(absl::Span<const Row> rows);

}  // namespace anisograd

#endif  // PAPER_TABLES_ROW_H_
