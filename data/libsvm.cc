#include "data/libsvm.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <optional>
#include <system_error>
#include <tuple>
#include <utility>

#include "absl/base/optimization.h"
#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "data/decimal.h"
#include "data/input_file.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

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

// How often `c` occurs. Blocks short enough to be counted in bytes, which the
// compiler does 32 at a time: a small part of what parsing takes.
size_t Count(absl::string_view text, char c) {
  constexpr size_t kBlock = 224;
  size_t total = 0;
  for (; text.size() >= kBlock; text.remove_prefix(kBlock)) {
    uint8_t count = 0;
    for (size_t i = 0; i < kBlock; ++i) count += text[i] == c;
    total += count;
  }
  return total + static_cast<size_t>(std::count(text.begin(), text.end(), c));
}

// What the labels of a file stand for.
class Labels {
 public:
  struct Entry {
    std::string text;
    std::optional<double> number;
    int8_t y = 0;

    bool Matches(absl::string_view label, std::optional<double> value) const {
      return label == text || (number.has_value() && number == value);
    }
  };

  static absl::StatusOr<Labels> Create(const LibsvmOptions& options) {
    if (options.positive_labels.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(options.positive_field, ": give at least one label"));
    }
    Labels labels;
    labels.one_negative_ = options.negative_labels.empty();
    const std::vector<std::string> either = {"-1", "0"};
    const auto& negative = labels.one_negative_ ? either
                                                : options.negative_labels;
    for (const auto& [texts, field, y] :
         {std::make_tuple(&options.positive_labels, options.positive_field, 1),
          std::make_tuple(&negative, options.negative_field, -1)}) {
      for (const std::string& text : *texts) {
        if (text.empty()) {
          return absl::InvalidArgumentError(
              absl::StrCat(field, ": a label must not be empty"));
        }
        const Entry* const other = labels.Find(text);
        if (other != nullptr && other->y != y) {
          // A label of the default gives way.
          if (labels.one_negative_) continue;
          return absl::InvalidArgumentError(absl::StrCat(
              field, ": \"", text, "\" is declared in ",
              options.positive_field, " too"));
        }
        labels.entries_.push_back({text, NumberOfLabel(text),
                                   static_cast<int8_t>(y)});
      }
    }
    labels.declared_ = absl::StrCat(
        options.positive_field, " (", absl::StrJoin(options.positive_labels, ","),
        ") nor in ", options.negative_field, " (",
        absl::StrJoin(negative, labels.one_negative_ ? " or " : ","), ")");
    return labels;
  }

  // nullptr where the label is not declared.
  const Entry* Find(absl::string_view label) const {
    for (const Entry& entry : entries_) {
      if (label == entry.text) return &entry;
    }
    const std::optional<double> number = NumberOfLabel(label);
    for (const Entry& entry : entries_) {
      if (entry.Matches(label, number)) return &entry;
    }
    return nullptr;
  }

  // True when all labels of y = -1 must be the same.
  bool one_negative() const { return one_negative_; }
  // "--positive_labels (1) nor in --negative_labels (-1 or 0)"
  const std::string& declared() const { return declared_; }

 private:
  std::vector<Entry> entries_;
  bool one_negative_ = false;
  std::string declared_;
};

class Parser {
 public:
  Parser(absl::string_view text, const LibsvmOptions& options,
         const Labels& labels)
      : options_(options),
        most_features_(static_cast<uint64_t>(options.features)),
        labels_(labels),
        text_(text) {}

  absl::StatusOr<CsrMatrix> Parse() {
    // Every non-zero has a colon and every row but the last a line's end, so
    // nothing is ever moved.
    const size_t nonzeros = Count(text_, ':');
    const size_t rows_at_most = Count(text_, '\n') + 1;
    RETURN_IF_ERROR(CheckMemory(
        static_cast<int64_t>(
            nonzeros * (sizeof(uint32_t) + sizeof(double)) +
            rows_at_most * (sizeof(uint32_t) + sizeof(int8_t))),
        absl::StrCat(options_.file, ": ", nonzeros, " non-zeros")));
    matrix_.index.reserve(nonzeros);
    matrix_.value.reserve(nonzeros);
    matrix_.label.reserve(rows_at_most);
    matrix_.row_start.reserve(rows_at_most + 1);
    matrix_.features = options_.features;
    matrix_.row_start.push_back(0);
    // A last line that has no end gets one, in a copy.
    const size_t ended = text_.rfind('\n') + 1;
    RETURN_IF_ERROR(ParseLines(text_.substr(0, ended)));
    if (ended < text_.size()) {
      RETURN_IF_ERROR(ParseLines(absl::StrCat(text_.substr(ended), "\n")));
    }
    const int64_t rows = static_cast<int64_t>(matrix_.label.size());
    if (rows == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.file, ": holds no rows"));
    }
    if (options_.rows >= 0 && rows != options_.rows) {
      return absl::InvalidArgumentError(
          absl::StrCat(options_.file, ": holds ", rows, " rows, but ",
                       options_.rows, " are declared",
                       rows < options_.rows ? "; cut short?" : ""));
    }
    return std::move(matrix_);
  }

 private:
  // Of lines that all end.
  absl::Status ParseLines(absl::string_view lines) {
    cursor_ = lines.data();
    const char* const end = lines.data() + lines.size();
    while (cursor_ < end) {
      line_end_ = static_cast<const char*>(
          std::memchr(cursor_, '\n', static_cast<size_t>(end - cursor_)));
      const char* const next = line_end_ + 1;
      if (line_end_ > cursor_ && line_end_[-1] == '\r') --line_end_;
      ++line_;
      RETURN_IF_ERROR(ParseRow());
      cursor_ = next;
    }
    return absl::OkStatus();
  }

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
    if (cursor_ < line_end_ && *cursor_ == '#') return absl::OkStatus();
    if (cursor_ == line_end_) {
      if (blank_line_ == 0) blank_line_ = line_;
      return absl::OkStatus();
    }
    if (blank_line_ != 0) {
      line_ = blank_line_;
      return Error("a blank line before the last row");
    }
    RETURN_IF_ERROR(ParseLabel());
    RETURN_IF_ERROR(ParseNonZeros());
    if (static_cast<int64_t>(matrix_.index.size()) > options_.most_nonzeros) {
      return Error(absl::StrCat("the file has more than ",
                                options_.most_nonzeros, " non-zeros"));
    }
    matrix_.row_start.push_back(static_cast<uint32_t>(matrix_.index.size()));
    return absl::OkStatus();
  }

  absl::Status ParseLabel() {
    absl::string_view label = Token();
    // Rows of a class are often together.
    if (entry_ == nullptr || label != entry_->text) {
      const Labels::Entry* entry = labels_.Find(label);
      if (entry == nullptr && CutComment()) {
        label = Token();
        entry = labels_.Find(label);
      }
      if (entry == nullptr) {
        return Error(absl::StrCat("label ", Shown(label),
                                  " is declared neither in ",
                                  labels_.declared()));
      }
      if (entry->y < 0 && labels_.one_negative()) {
        if (negative_ != nullptr && negative_ != entry) {
          return Error(absl::StrCat(
              "label ", Shown(label), ", but line ", negative_line_, " has ",
              negative_->text, ": more than two classes; ",
              options_.negative_field, " says which are y = -1"));
        }
        if (negative_ == nullptr) negative_line_ = line_;
        negative_ = entry;
      }
      entry_ = entry;
    }
    matrix_.label.push_back(entry_->y);
    cursor_ += label.size();
    return absl::OkStatus();
  }

  // Ends the line before the comment that begins in the token at the cursor;
  // false where there is none.
  bool CutComment() {
    const size_t at = Token().find('#');
    if (at == absl::string_view::npos) return false;
    line_end_ = cursor_ + at;
    return true;
  }

  absl::Status ParseNonZeros() {
    // Handed over in batches: cheaper than to let vectors grow one by one.
    constexpr size_t kBatch = 64;
    uint32_t indices[kBatch];
    double values[kBatch];
    size_t count = 0;
    const auto hand_over = [&] {
      matrix_.index.insert(matrix_.index.end(), indices, indices + count);
      matrix_.value.insert(matrix_.value.end(), values, values + count);
      count = 0;
    };
    uint64_t index = 0;
    const char* p = cursor_;
    while (true) {
      while (IsBlank(*p)) ++p;
      if (p == line_end_) break;
      const uint64_t previous = index;
      if (ABSL_PREDICT_FALSE(
              !ReadNonZero(previous, &p, &index, &values[count]))) {
        cursor_ = p;
        if (!CutComment()) return NonZeroError(previous);
        index = previous;
        continue;
      }
      indices[count] = static_cast<uint32_t>(index - 1);
      if (++count == kBatch) hand_over();
    }
    hand_over();
    return absl::OkStatus();
  }

  // Reads the non-zero at *text, whose index must be above `previous`, and moves
  // *text behind it. False, and *text stays, where it is to be refused.
  bool ReadNonZero(uint64_t previous, const char** text, uint64_t* index,
                   double* value) const {
    const char* p = ReadIndex(*text, index);
    if (*p != ':' || *index <= previous || *index > most_features_) return false;
    ++p;
    // Indicators: most values of most sets are a single digit.
    if (IsDigit(p[0]) && p[1] == ' ') {
      *value = *p++ - '0';
    } else if (ReadDecimal(p, line_end_, value, &p) != DecimalError::kNone ||
               !IsTokenEnd(p)) {
      return false;
    }
    *text = p;
    return true;
  }

  // Reads the digits at `text`; above the number of features, *index is just any
  // number that is. Returns where they end.
  const char* ReadIndex(const char* text, uint64_t* index) const {
    *index = 0;
    const char* const end = ReadDigits(text, index);
    constexpr int kNeverOverflow = 19;
    if (ABSL_PREDICT_FALSE(end - text > kNeverOverflow)) {
      *index = 0;
      for (; text < end && *index <= most_features_; ++text) {
        *index = *index * 10 + static_cast<uint64_t>(*text - '0');
      }
    }
    return end;
  }

  bool IsTokenEnd(const char* p) const { return p == line_end_ || IsBlank(*p); }

  // Why the non-zero at the cursor is refused.
  absl::Status NonZeroError(uint64_t previous) const {
    const std::string token = Shown(Token());
    uint64_t index;
    const char* p = ReadIndex(cursor_, &index);
    if (p > cursor_ && index > most_features_) {
      return Error(absl::StrCat(token, ": index above the ", options_.features,
                                " declared features"));
    }
    if (p == cursor_ || *p != ':') {
      return Error(absl::StrCat(token, " is not index:value"));
    }
    if (index == 0) {
      return Error(absl::StrCat(token, ": indices count from 1"));
    }
    if (index <= previous) {
      return Error(absl::StrCat(
          token, index == previous ? ": repeated" : ": decreasing",
          " index; the one before is ", previous));
    }
    double value;
    const bool too_large = ReadDecimal(p + 1, line_end_, &value, &p) ==
                               DecimalError::kTooLarge &&
                           IsTokenEnd(p);
    return Error(absl::StrCat(
        token, too_large ? ": the value is too large for a double"
                         : ": the value is not a finite number"));
  }

  const LibsvmOptions& options_;
  const uint64_t most_features_;
  const Labels& labels_;
  absl::string_view text_;
  const char* cursor_ = nullptr;
  const char* line_end_ = nullptr;
  int64_t line_ = 0;
  int64_t blank_line_ = 0;
  // That of the last row.
  const Labels::Entry* entry_ = nullptr;
  // The one label of y = -1, where there is to be but one, and its first line.
  const Labels::Entry* negative_ = nullptr;
  int64_t negative_line_ = 0;
  CsrMatrix matrix_;
};

}  // namespace

std::optional<double> NumberOfLabel(absl::string_view label) {
  if (!label.empty() && label[0] == '+') {
    label.remove_prefix(1);
    // from_chars takes a minus.
    if (!label.empty() && label[0] == '-') return {};
  }
  double number;
  const char* const end = label.data() + label.size();
  const auto [rest, error] = std::from_chars(label.data(), end, number);
  if (error != std::errc() || rest != end || !std::isfinite(number)) return {};
  return number;
}

absl::StatusOr<CsrMatrix> ParseLibsvm(absl::string_view text,
                                      const LibsvmOptions& options) {
  if (options.features <= 0 ||
      options.features >= std::numeric_limits<uint32_t>::max()) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.file, ": the declared number of features must be in 1 .. ",
        std::numeric_limits<uint32_t>::max() - 1, ", got ", options.features));
  }
  ASSIGN_OR_RETURN(const Labels labels, Labels::Create(options));
  RETURN_IF_ERROR(CheckIsText(text, options.file));
  return WithinMemory(options.file, [&] {
    return Parser(WithoutByteOrderMark(text), options, labels).Parse();
  });
}

}  // namespace anisograd
