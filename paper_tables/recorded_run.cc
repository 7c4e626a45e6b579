#include "paper_tables/recorded_run.h"

#include <algorithm>
#include <cstddef>
#include <set>
#include <tuple>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace anisograd {
namespace {

constexpr char kHeader[] =
    "table,dataset,method,setting,quantity,reproduced,spread,data,spec,target";
constexpr size_t kFields = 10;
// Of a digest.
constexpr size_t kDigits = 16;
// Lines of the report that are not equal; a new compiler may change them all.
constexpr size_t kMostListed = 40;

auto Key(const Row& row) {
  return std::tie(row.table, row.dataset, row.method, row.setting,
                  row.quantity);
}

bool IsOfficial(const Row& row) {
  return row.scale_note.empty() && !row.recorded;
}

std::string Digits(const std::string& digest) {
  return digest.substr(0, kDigits);
}

std::string Number(const std::optional<double>& x) {
  return x.has_value() ? absl::StrFormat("%.17g", *x) : "";
}

// "0.25 (spread 0.125)", "nothing".
std::string Shown(const Row& row) {
  if (!row.reproduced) return "nothing";
  return row.spread ? absl::StrCat(Number(row.reproduced), " (spread ",
                                   Number(row.spread), ")")
                    : Number(row.reproduced);
}

std::string Name(const Row& row) {
  std::vector<std::string> parts;
  for (const std::string& part :
       {row.table, row.dataset, row.method, row.setting, row.quantity}) {
    if (!part.empty()) parts.push_back(part);
  }
  return absl::StrJoin(parts, " ");
}

const Row* FindIn(absl::Span<const Row> rows, const Row& key) {
  const auto at = std::find_if(
      rows.begin(), rows.end(),
      [&](const Row& row) { return !row.recorded && Key(row) == Key(key); });
  return at == rows.end() ? nullptr : &*at;
}

bool SameSpec(const Row& recorded, const Row& row) {
  return recorded.spec_digest == Digits(row.spec_digest);
}

// Why `row` is not the recorded number, or empty where it is.
std::string Difference(const Row& recorded, const Row& row) {
  if (!SameSpec(recorded, row)) return "refused, its spec has changed since";
  if (recorded.data_digest != Digits(row.data_digest)) {
    return "refused, its data have changed since";
  }
  if (recorded.reproduced == row.reproduced && recorded.spread == row.spread) {
    return "";
  }
  return absl::StrCat(Shown(row), " here, ", Shown(recorded), " recorded");
}

std::string RenderLine(const Row& row) {
  return absl::StrCat(
      absl::StrJoin({row.table, row.dataset, row.method, row.setting,
                     row.quantity, Number(row.reproduced), Number(row.spread),
                     Digits(row.data_digest), Digits(row.spec_digest),
                     row.target},
                    ","),
      "\n");
}

}  // namespace

absl::StatusOr<RecordedRun> RecordedRun::Parse(absl::string_view text,
                                               const std::string& file) {
  RecordedRun run;
  std::set<std::string> keys;
  int number = 0;
  absl::ConsumeSuffix(&text, "\n");
  for (const absl::string_view line : absl::StrSplit(text, '\n')) {
    ++number;
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", number, ": ", what));
    };
    if (number == 1) {
      if (line != kHeader) {
        return error(absl::StrCat("header: must be ", kHeader));
      }
      continue;
    }
    const std::vector<std::string> fields = absl::StrSplit(line, ',');
    if (fields.size() != kFields) {
      return error(absl::StrCat("has ", fields.size(), " fields, not ",
                                kFields));
    }
    Row row;
    row.table = fields[0];
    row.dataset = fields[1];
    row.method = fields[2];
    row.setting = fields[3];
    row.quantity = fields[4];
    const auto parse = [](const std::string& field, std::optional<double>* x) {
      return field.empty() || absl::SimpleAtod(field, &x->emplace());
    };
    if (!parse(fields[5], &row.reproduced)) {
      return error(absl::StrCat("reproduced: \"", fields[5],
                                "\" is not a number"));
    }
    if (!parse(fields[6], &row.spread)) {
      return error(absl::StrCat("spread: \"", fields[6],
                                "\" is not a number"));
    }
    row.data_digest = fields[7];
    row.spec_digest = fields[8];
    row.target = fields[9];
    if (!keys.insert(Name(row)).second) {
      return error(absl::StrCat(Name(row), " stands twice"));
    }
    run.rows_.push_back(row);
  }
  return run;
}

const Row* RecordedRun::Find(const Row& key) const {
  return FindIn(rows_, key);
}

std::optional<Row> RecordedRun::Beside(const Row& row,
                                       const Published& published) const {
  const Row* const number = row.scale_note.empty() ? nullptr : Find(row);
  if (number == nullptr || !SameSpec(*number, row)) return std::nullopt;
  Row beside = *number;
  published.Judge(&beside);
  beside.recorded = true;
  beside.scale_note = "recorded";
  return beside;
}

Comparison CompareWithRecorded(absl::Span<const Row> rows,
                               const RecordedRun& recorded) {
  Comparison out;
  for (const Row& row : rows) {
    if (!IsOfficial(row)) continue;
    ++out.numbers;
    const Row* const number = recorded.Find(row);
    const std::string difference =
        number == nullptr ? "not recorded" : Difference(*number, row);
    if (difference.empty()) {
      ++out.equal;
    } else {
      out.others.push_back(absl::StrCat(Name(row), ": ", difference));
    }
  }
  for (const Row& number : recorded.rows()) {
    const Row* const row = FindIn(rows, number);
    if (row == nullptr) {
      ++out.numbers;
      out.others.push_back(absl::StrCat(Name(number), ": not in this run, ",
                                        Shown(number), " recorded"));
    } else if (!IsOfficial(*row)) {
      ++(SameSpec(number, *row) ? out.beside : out.refused);
    }
  }
  return out;
}

Table MakeRecordedTable(const Comparison& comparison) {
  Table table;
  table.id = "recorded";
  table.title = "This run beside the recorded one, paper_tables/recorded.csv";
  table.header = {"numbers", ""};
  const auto line = [](int count, const std::string& what) {
    return std::vector<std::string>{absl::StrCat(count), what};
  };
  Table::Group group;
  group.rows.push_back(line(comparison.equal, "equal to the last digit"));
  group.rows.push_back(
      line(comparison.numbers - comparison.equal, "others, listed below"));
  if (comparison.beside > 0) {
    group.rows.push_back(
        line(comparison.beside, "recorded, shown beside a stand-in's"));
  }
  if (comparison.refused > 0) {
    group.rows.push_back(line(
        comparison.refused,
        "recorded, refused beside a stand-in's or a reduced run's: the spec is "
        "another"));
  }
  table.groups.push_back(group);
  const size_t listed = std::min(comparison.others.size(), kMostListed);
  table.notes.assign(comparison.others.begin(),
                     comparison.others.begin() + listed);
  if (listed < comparison.others.size()) {
    table.notes.push_back(
        absl::StrCat("and ", comparison.others.size() - listed, " more."));
  }
  table.notes.push_back(absl::StrCat(
      comparison.equal, " of ", comparison.numbers,
      " numbers equal the recorded run to the last digit."));
  return table;
}

absl::StatusOr<std::string> RenderRecorded(absl::Span<const Row> rows,
                                           const RecordedRun& previous) {
  std::string out = absl::StrCat(kHeader, "\n");
  std::set<std::string> keys;
  for (const Row& row : rows) {
    const Row* line = &row;
    if (!IsOfficial(row)) {
      // What stands in here may have been had where the last run was recorded.
      const Row* const number = row.recorded ? nullptr : previous.Find(row);
      if (number == nullptr || !SameSpec(*number, row)) continue;
      line = number;
    }
    if (!keys.insert(Name(*line)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat(Name(*line), ": stands twice"));
    }
    const std::string text = RenderLine(*line);
    // No field is quoted.
    if (std::count(text.begin(), text.end(), ',') + 1 != kFields) {
      return absl::InvalidArgumentError(
          absl::StrCat(Name(*line), ": has a comma in a field"));
    }
    out += text;
  }
  return out;
}

}  // namespace anisograd
