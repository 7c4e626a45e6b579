#include "paper_tables/diff/run_diff.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr absl::string_view kColumns[] = {
    "table",         "dataset",    "method", "setting", "quantity",
    "published",     "published_std", "reproduced", "spread", "verdict",
    "scale_note",    "target"};
constexpr size_t kKeyColumns = 5;

// A record of a CSV file and the line on which it starts.
struct Record {
  std::vector<std::string> fields;
  int line = 1;
};

absl::StatusOr<std::vector<Record>> ParseCsv(absl::string_view text,
                                             const std::string& file) {
  std::vector<Record> records;
  int line = 1;
  size_t at = 0;
  while (at < text.size()) {
    Record record;
    record.line = line;
    bool more = true;
    while (more) {
      std::string field;
      if (at < text.size() && text[at] == '"') {
        ++at;
        for (;; ++at) {
          if (at >= text.size()) {
            return absl::InvalidArgumentError(absl::StrCat(
                file, ":", record.line, ": a quote is not closed"));
          }
          if (text[at] == '"') {
            if (at + 1 >= text.size() || text[at + 1] != '"') break;
            ++at;
          } else if (text[at] == '\n') {
            ++line;
          }
          field += text[at];
        }
        ++at;
      } else {
        while (at < text.size() && text[at] != ',' && text[at] != '\n') {
          field += text[at++];
        }
      }
      if (at < text.size() && text[at] == '\r') ++at;
      if (!field.empty() && field.back() == '\r') field.pop_back();
      record.fields.push_back(std::move(field));
      more = at < text.size() && text[at] == ',';
      if (more) ++at;
      if (!more && at < text.size() && text[at] != '\n') {
        return absl::InvalidArgumentError(absl::StrCat(
            file, ":", line, ": text after a closing quote"));
      }
    }
    ++at;
    ++line;
    records.push_back(std::move(record));
  }
  return records;
}

// NaN is equal to NaN: it says the same.
bool Same(const std::optional<double>& a, const std::optional<double>& b) {
  return a == b || (a && b && std::isnan(*a) && std::isnan(*b));
}

std::string Shown(const std::optional<double>& x) {
  return x.has_value() ? absl::StrFormat("%.6g", *x) : "none";
}

}  // namespace

absl::StatusOr<std::vector<CsvNumber>> ParseRun(absl::string_view text,
                                                const std::string& file) {
  ASSIGN_OR_RETURN(const std::vector<Record> records, ParseCsv(text, file));
  const std::string header = absl::StrJoin(kColumns, ",");
  if (records.empty() || absl::StrJoin(records[0].fields, ",") != header) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ":1: header: must be ", header));
  }
  std::vector<CsvNumber> numbers;
  std::set<std::string> keys;
  for (size_t i = 1; i < records.size(); ++i) {
    const std::vector<std::string>& fields = records[i].fields;
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ":", records[i].line, ": ", what));
    };
    if (fields.size() != std::size(kColumns)) {
      return error(absl::StrCat("has ", fields.size(), " fields, not ",
                                std::size(kColumns)));
    }
    CsvNumber number;
    std::vector<std::string> key;
    for (size_t c = 0; c < kKeyColumns; ++c) {
      if (!fields[c].empty()) key.push_back(fields[c]);
    }
    number.key = absl::StrJoin(key, "/");
    number.is_claim = fields[0] == "claims";
    number.verdict = fields[9];
    number.scale_note = fields[10];
    // A recorded number stands beside a stand-in's, under the same columns.
    if (number.scale_note == "recorded") number.key += " (recorded)";
    for (const auto& [c, x] :
         {std::pair<int, std::optional<double>*>{5, &number.published},
          {7, &number.reproduced},
          {8, &number.spread}}) {
      if (!fields[c].empty() && !absl::SimpleAtod(fields[c], &x->emplace())) {
        return error(absl::StrCat(kColumns[c], ": \"", fields[c],
                                  "\" is not a number"));
      }
    }
    if (!keys.insert(number.key).second) {
      return error(absl::StrCat(number.key, " stands twice"));
    }
    numbers.push_back(std::move(number));
  }
  return numbers;
}

RunDiff DiffRuns(absl::Span<const CsvNumber> before,
                 absl::Span<const CsvNumber> after) {
  RunDiff diff;
  std::map<std::string, const CsvNumber*> old;
  for (const CsvNumber& number : before) old[number.key] = &number;
  std::vector<RunDiff::Change> judged;
  std::vector<std::pair<double, RunDiff::Change>> moved;
  for (const CsvNumber& b : after) {
    const auto at = old.find(b.key);
    if (at == old.end()) {
      diff.lines.push_back(
          {b.key, b.is_claim ? "new: " + b.verdict
                             : absl::StrCat("new: ", Shown(b.reproduced), ", ",
                                            b.verdict)});
      continue;
    }
    const CsvNumber& a = *at->second;
    old.erase(at);
    const double spread = std::max(a.spread.value_or(0), b.spread.value_or(0));
    const bool same_published = Same(a.published, b.published);
    const std::string from_to = absl::StrCat(
        Shown(a.reproduced), " -> ", Shown(b.reproduced),
        same_published ? ""
                       : absl::StrCat("; published ", Shown(a.published), " -> ",
                                      Shown(b.published)));
    if (a.verdict != b.verdict) {
      const std::string verdicts = absl::StrCat(a.verdict, " -> ", b.verdict);
      if (b.is_claim) {
        diff.verdicts.push_back(
            {b.key, absl::StrCat(verdicts, ": ", b.scale_note)});
      } else {
        judged.push_back({b.key, absl::StrCat(verdicts, ": ", from_to)});
      }
      continue;
    }
    // A claim's evidence is made of numbers that stand in lines of their own.
    const bool same_kind = same_published && a.scale_note == b.scale_note;
    if (b.is_claim || (Same(a.reproduced, b.reproduced) && same_kind)) {
      ++diff.equal;
      continue;
    }
    double size = std::numeric_limits<double>::infinity();
    if (a.reproduced && b.reproduced && same_kind) {
      const double change = std::fabs(*b.reproduced - *a.reproduced);
      if (change <= spread) {
        ++diff.within;
        continue;
      }
      // Where there is no spread, relative to the number itself.
      const double ratio =
          change / (spread > 0 ? spread : std::fabs(*a.reproduced));
      // Of one that is not finite there is none to sort by.
      if (!std::isnan(ratio)) size = ratio;
    }
    std::string what = from_to;
    if (spread > 0) absl::StrAppendFormat(&what, " (spread %.2g)", spread);
    if (a.scale_note != b.scale_note) {
      absl::StrAppend(&what, "; ",
                      a.scale_note.empty() ? "full scale" : a.scale_note,
                      " -> ",
                      b.scale_note.empty() ? "full scale" : b.scale_note);
    }
    moved.push_back({size, {b.key, what}});
  }
  for (const CsvNumber& a : before) {
    if (old.count(a.key) > 0) {
      diff.lines.push_back({a.key, absl::StrCat("gone: ", Shown(a.reproduced),
                                                ", ", a.verdict)});
    }
  }
  diff.verdicts.insert(diff.verdicts.end(), judged.begin(), judged.end());
  std::stable_sort(moved.begin(), moved.end(), [](const auto& a, const auto& b) {
    return a.first > b.first;
  });
  for (auto& [size, change] : moved) diff.numbers.push_back(std::move(change));
  return diff;
}

std::string RenderDiff(const RunDiff& diff, bool markdown) {
  std::string text;
  const auto list = [&](absl::string_view title,
                        const std::vector<RunDiff::Change>& changes) {
    if (changes.empty()) return;
    const std::string heading = absl::StrCat(title, ": ", changes.size());
    if (markdown) {
      absl::StrAppend(&text, "### ", heading,
                      "\n\n| what | change |\n| :-- | :-- |\n");
    } else {
      absl::StrAppend(&text, heading, "\n");
    }
    for (const RunDiff::Change& change : changes) {
      if (markdown) {
        absl::StrAppend(
            &text, "| `", change.key, "` | ",
            absl::StrReplaceAll(change.what, {{"|", "\\|"}, {"->", "→"}}),
            " |\n");
      } else {
        absl::StrAppend(&text, "  ", change.key, ": ", change.what, "\n");
      }
    }
    text += "\n";
  };
  list("Verdicts and claims that changed", diff.verdicts);
  list("Numbers that changed beyond their spread", diff.numbers);
  list("Lines of one run alone", diff.lines);
  absl::StrAppend(&text, diff.within, " numbers changed within their spread, ",
                  diff.equal, " are equal.\n");
  return text;
}

}  // namespace anisograd
