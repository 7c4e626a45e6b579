#include "data/libsvm.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <limits>
#include <system_error>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

// Powers of ten that a double holds exactly.
constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,
                                   1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15};

bool IsBlank(char c) { return c == ' ' || c == '\t'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// A token as it is shown in an error: no control characters, not longer than a
// line of a terminal.
std::string Shown(absl::string_view token) {
  constexpr size_t kLongest = 40;
  const std::string cut = token.size() > kLongest ? "..." : "";
  return absl::StrCat(
      "\"", absl::CHexEscape(token.substr(0, std::min(kLongest, token.size()))),
      cut, "\"");
}

class Parser {
 public:
  Parser(absl::string_view text, const LibsvmOptions& options)
      : options_(options),
        cursor_(text.data()),
        end_(text.data() + text.size()) {
    // A non-zero takes at least the 4 bytes of " 1:1", so nothing is ever moved;
    // memory that is not written to costs nothing.
    matrix_.index.reserve(text.size() / 4 + 1);
    matrix_.value.reserve(text.size() / 4 + 1);
  }

  absl::StatusOr<CsrMatrix> Parse() {
    matrix_.features = options_.features;
    matrix_.row_start.push_back(0);
    while (cursor_ < end_) {
      line_end_ = static_cast<const char*>(
          std::memchr(cursor_, '\n', static_cast<size_t>(end_ - cursor_)));
      const char* next = line_end_ == nullptr ? end_ : line_end_ + 1;
      if (line_end_ == nullptr) line_end_ = end_;
      if (line_end_ > cursor_ && line_end_[-1] == '\r') --line_end_;
      ++line_;
      absl::Status status = ParseRow();
      if (!status.ok()) return status;
      cursor_ = next;
    }
    const int64_t rows = static_cast<int64_t>(matrix_.label.size());
    if (rows == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.file, ": holds no rows"));
    }
    if (options_.rows >= 0 && rows != options_.rows) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.file, ": holds ", rows, " rows, but ",
                       options_.rows, " are declared"));
    }
    return std::move(matrix_);
  }

 private:
  absl::Status Error(absl::string_view reason) const {
    return absl::InvalidArgumentError(
        absl::StrCat(options_.file, ":", line_, ": ", reason));
  }

  void SkipBlanks() {
    while (cursor_ < line_end_ && IsBlank(*cursor_)) ++cursor_;
  }

  // The token that starts at the cursor, up to the next blank.
  absl::string_view Token() const {
    const char* p = cursor_;
    while (p < line_end_ && !IsBlank(*p)) ++p;
    return {cursor_, static_cast<size_t>(p - cursor_)};
  }

  absl::Status ParseRow() {
    SkipBlanks();
    if (cursor_ == line_end_) {
      if (blank_line_ == 0) blank_line_ = line_;
      return absl::OkStatus();
    }
    if (blank_line_ != 0) {
      line_ = blank_line_;
      return Error("a blank line before the last row");
    }
    const absl::string_view label = Token();
    const auto holds = [&](const std::vector<std::string>& labels) {
      return std::find_if(labels.begin(), labels.end(), [&](const auto& l) {
               return label == l;
             }) != labels.end();
    };
    if (holds(options_.positive_labels)) {
      matrix_.label.push_back(1);
    } else if (holds(options_.negative_labels)) {
      matrix_.label.push_back(-1);
    } else {
      return Error(absl::StrCat("label ", Shown(label),
                                " is not in the declared set"));
    }
    cursor_ += label.size();
    int64_t previous = 0;
    for (SkipBlanks(); cursor_ < line_end_; SkipBlanks()) {
      absl::Status status = ParseNonZero(&previous);
      if (!status.ok()) return status;
    }
    if (matrix_.index.size() > std::numeric_limits<uint32_t>::max()) {
      return Error("more than 2^32 non-zeros");
    }
    matrix_.row_start.push_back(static_cast<uint32_t>(matrix_.index.size()));
    return absl::OkStatus();
  }

  absl::Status ParseNonZero(int64_t* previous) {
    const char* start = cursor_;
    int64_t index = 0;
    const char* p = start;
    while (p < line_end_ && IsDigit(*p) && index <= options_.features) {
      index = index * 10 + (*p++ - '0');
    }
    if (ABSL_PREDICT_FALSE(p == start || p == line_end_ || *p != ':' ||
                           index <= *previous || index > options_.features)) {
      return IndexError(start, p, index, *previous);
    }
    *previous = index;
    cursor_ = p + 1;
    double value;
    if (ABSL_PREDICT_FALSE(!ParseValue(&value))) {
      cursor_ = start;
      return Error(
          absl::StrCat(Shown(Token()), ": the value is not a finite number"));
    }
    matrix_.index.push_back(static_cast<uint32_t>(index - 1));
    matrix_.value.push_back(value);
    return absl::OkStatus();
  }

  // Why the non-zero that starts at the cursor, whose index ends at `end`, is
  // refused.
  absl::Status IndexError(const char* start, const char* end, int64_t index,
                          int64_t previous) const {
    const std::string token = Shown(Token());
    // The index stops being read once it is above the features.
    if (end > start && index > options_.features) {
      return Error(absl::StrCat(token, ": index above the ", options_.features,
                                " declared features"));
    }
    if (end == start || end == line_end_ || *end != ':') {
      return Error(absl::StrCat(token, " is not index:value"));
    }
    if (index == 0) {
      return Error(absl::StrCat(token, ": indices count from 1"));
    }
    return Error(absl::StrCat(
        token, index == previous ? ": repeated" : ": decreasing",
        " index; the one before is ", previous));
  }

  // Digits with at most 15 of them after leading zeros and a small power of ten
  // are m / 10^k with both exact, so one division rounds correctly. Everything
  // else goes to the library.
  bool ParseValue(double* value) {
    const char* p = cursor_;
    // Indicators: most values of most sets are a single digit.
    if (p < line_end_ && IsDigit(*p) &&
        (p + 1 == line_end_ || IsBlank(p[1]))) {
      *value = *p - '0';
      cursor_ = p + 1;
      return true;
    }
    const bool negative = p < line_end_ && *p == '-';
    if (p < line_end_ && (*p == '-' || *p == '+')) ++p;
    const char* digits = p;
    uint64_t mantissa = 0;
    int count = 0;
    int fraction = 0;
    while (p < line_end_ && IsDigit(*p)) {
      mantissa = mantissa * 10 + static_cast<uint64_t>(*p++ - '0');
      ++count;
    }
    if (p < line_end_ && *p == '.') {
      ++p;
      while (p < line_end_ && IsDigit(*p)) {
        mantissa = mantissa * 10 + static_cast<uint64_t>(*p++ - '0');
        ++count;
        ++fraction;
      }
    }
    if (count > 0 && count <= 15 && (p == line_end_ || IsBlank(*p))) {
      const double magnitude =
          static_cast<double>(mantissa) / kPowersOfTen[fraction];
      *value = negative ? -magnitude : magnitude;
      cursor_ = p;
      return true;
    }
    // from_chars takes neither '+' nor, here, names like "inf".
    if (digits == line_end_ || !(IsDigit(*digits) || *digits == '.')) {
      return false;
    }
    const auto [rest, error] = std::from_chars(digits, line_end_, *value);
    if (error != std::errc() || (rest != line_end_ && !IsBlank(*rest)) ||
        !std::isfinite(*value)) {
      return false;
    }
    if (negative) *value = -*value;
    cursor_ = rest;
    return true;
  }

  const LibsvmOptions& options_;
  const char* cursor_;
  const char* end_;
  const char* line_end_ = nullptr;
  int64_t line_ = 0;
  int64_t blank_line_ = 0;
  CsrMatrix matrix_;
};

}  // namespace

absl::StatusOr<CsrMatrix> ParseLibsvm(absl::string_view text,
                                      const LibsvmOptions& options) {
  if (options.features <= 0 ||
      options.features >= std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.file, ": the declared number of features must be positive"));
  }
  return Parser(text, options).Parse();
}

}  // namespace anisograd
