#include "paper_tables/row.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/string_view.h"

namespace anisograd {
namespace {

std::string Quoted(const std::string& field) {
  if (field.find_first_of(",\"\r\n") == std::string::npos) return field;
  return absl::StrCat("\"", absl::StrReplaceAll(field, {{"\"", "\"\""}}), "\"");
}

std::string Number(const std::optional<double>& x) {
  return x.has_value() ? absl::StrFormat("%.6g", *x) : "";
}

const Tolerance* FindTolerance(const Tolerances& tolerances,
                               const std::string& quantity) {
  for (const Tolerance& tolerance : tolerances.tolerance()) {
    if (tolerance.quantity() == quantity) return &tolerance;
  }
  return nullptr;
}

// Where element `i` of `field` stands: "FILE:LINE", with the field behind
// `separator` where one is given, or "number[3]".
std::string Place(const std::vector<std::string>& lines, const char* field,
                  int i, const char* separator = nullptr) {
  if (lines.empty()) return absl::StrCat(field, "[", i, "]");
  if (separator == nullptr) return lines[i];
  return absl::StrCat(lines[i], separator, field);
}

}  // namespace

std::string VerdictName(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatch: return "MATCH";
    case Verdict::kClose: return "CLOSE";
    case Verdict::kDiffers: return "DIFFERS";
    case Verdict::kNotComparable: return "NOT_COMPARABLE";
    case Verdict::kNotPublished: return "NOT_PUBLISHED";
  }
  return "";
}

std::string VerdictMark(Verdict verdict) {
  switch (verdict) {
    case Verdict::kMatch: return "=";
    case Verdict::kClose: return "~";
    case Verdict::kDiffers: return "≠";
    case Verdict::kNotComparable: return "*";
    case Verdict::kNotPublished: return " ";
  }
  return "";
}

absl::StatusOr<Published> Published::Create(const PublishedNumbers& numbers,
                                            const Tolerances& tolerances,
                                            const Lines& lines) {
  Published published;
  published.numbers_ = numbers;
  published.tolerances_ = tolerances;
  std::map<std::string, int> of_quantity;
  for (int i = 0; i < tolerances.tolerance_size(); ++i) {
    const Tolerance& tolerance = tolerances.tolerance(i);
    const auto error = [&](absl::string_view what) {
      return absl::InvalidArgumentError(
          absl::StrCat(Place(lines.tolerances, "tolerance", i, ": "), ".", what));
    };
    const auto [first, is_new] = of_quantity.emplace(tolerance.quantity(), i);
    if (!is_new) {
      return error(absl::StrCat(
          "quantity: \"", tolerance.quantity(), "\" stands on ",
          Place(lines.tolerances, "tolerance", first->second), " too"));
    }
    if (!(tolerance.match() >= 0.0 && tolerance.match() <= tolerance.close())) {
      return error(absl::StrCat("match: of ", tolerance.quantity(),
                                " must be between 0 and close"));
    }
    if (tolerance.reason().empty()) {
      return error(absl::StrCat("reason: of ", tolerance.quantity(),
                                " must be given"));
    }
  }
  std::map<std::vector<std::string>, int> of_key;
  for (int i = 0; i < numbers.number_size(); ++i) {
    const PublishedNumber& number = numbers.number(i);
    const std::string place = Place(lines.numbers, "number", i, ": ");
    if (of_quantity.count(number.quantity()) == 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          place, ".quantity: \"", number.quantity(), "\" has no tolerance"));
    }
    const auto [first, is_new] =
        of_key.insert({{number.table(), number.dataset(), number.method(),
                        number.setting(), number.quantity()},
                       i});
    if (!is_new) {
      return absl::InvalidArgumentError(
          absl::StrCat(place, ": the same as ",
                       Place(lines.numbers, "number", first->second)));
    }
  }
  return published;
}

const PublishedNumber* Published::Find(const Row& row) const {
  for (const PublishedNumber& number : numbers_.number()) {
    if (number.table() == row.table && number.dataset() == row.dataset &&
        number.method() == row.method && number.setting() == row.setting &&
        number.quantity() == row.quantity) {
      return &number;
    }
  }
  return nullptr;
}

bool Published::HasDataset(const std::string& dataset) const {
  return std::any_of(numbers_.number().begin(), numbers_.number().end(),
                     [&](const PublishedNumber& number) {
                       return number.dataset() == dataset;
                     });
}

void Published::Judge(Row* row) const {
  const PublishedNumber* number = Find(*row);
  if (number != nullptr) {
    row->published = number->value();
    if (number->has_std()) row->published_std = number->std();
  }
  if (!row->scale_note.empty()) {
    row->verdict = Verdict::kNotComparable;
    return;
  }
  if (number == nullptr) {
    row->verdict = Verdict::kNotPublished;
    return;
  }
  const Tolerance* tolerance = FindTolerance(tolerances_, row->quantity);
  if (tolerance == nullptr || !row->reproduced.has_value()) {
    row->verdict = Verdict::kDiffers;
    return;
  }
  // A relative rounding error, so that equality at the edge is inclusive.
  const double error = std::fabs(*row->reproduced - number->value());
  const double slack = 1e-9 * std::fabs(number->value());
  const auto within = [&](double relative) {
    return error <= slack + std::max({relative * std::fabs(number->value()),
                                      number->std(),
                                      0.5 * number->resolution()});
  };
  row->verdict = within(tolerance->match())   ? Verdict::kMatch
                 : within(tolerance->close()) ? Verdict::kClose
                                              : Verdict::kDiffers;
}

std::string RenderCsv(absl::Span<const Row> rows) {
  std::string out =
      "table,dataset,method,setting,quantity,published,published_std,"
      "reproduced,spread,verdict,scale_note,target\n";
  for (const Row& row : rows) {
    absl::StrAppend(
        &out,
        absl::StrJoin({Quoted(row.table), Quoted(row.dataset),
                       Quoted(row.method), Quoted(row.setting),
                       Quoted(row.quantity), Number(row.published),
                       Number(row.published_std), Number(row.reproduced),
                       Number(row.spread), VerdictName(row.verdict),
                       Quoted(row.scale_note), Quoted(row.target)},
                      ","),
        "\n");
  }
  return out;
}

}  // namespace anisograd
