#include "data/json_sax.h"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "nlohmann/json.hpp"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Walks the text and reports how far it came, which the parser does not tell
// the receiver of its events.
class TrackingIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackingIterator(const char* at, const char** reached)
      : at_(at), reached_(reached) {}

  reference operator*() const { return *at_; }
  TrackingIterator& operator++() {
    *reached_ = ++at_;
    return *this;
  }
  bool operator==(const TrackingIterator& other) const {
    return at_ == other.at_;
  }
  bool operator!=(const TrackingIterator& other) const {
    return at_ != other.at_;
  }

 private:
  const char* at_;
  const char** reached_;
};

// The library's "[json.exception...] parse error at line 1, column 2: reason;
// last read: 'text'" without the wrapping; the text may be long or not UTF-8.
std::string Reason(const std::exception& error) {
  absl::string_view what = error.what();
  const size_t column = what.find(", column ");
  if (column != absl::string_view::npos) {
    what.remove_prefix(what.find(": ", column) + 2);
  } else if (what.find("] ") != absl::string_view::npos) {
    what.remove_prefix(what.find("] ") + 2);
  }
  return absl::StrCat("malformed JSON: ", what.substr(0, what.find("; last")));
}

}  // namespace

// The events of nlohmann's parser as those of a JsonHandler.
class JsonSaxAdapter : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit JsonSaxAdapter(JsonHandler* handler) : handler_(handler) {}

  const absl::Status& status() const { return status_; }

  bool null() override { return Done(handler_->Refuse("null")); }
  bool boolean(bool value) override {
    return Done(handler_->Refuse(value ? "true" : "false"));
  }
  bool number_integer(number_integer_t value) override {
    return Done(handler_->Integer(value));
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      return Done(handler_->Refuse("a number above 2^63 - 1"));
    }
    return Done(handler_->Integer(static_cast<int64_t>(value)));
  }
  bool number_float(number_float_t, const string_t&) override {
    return Done(handler_->Refuse("a fraction"));
  }
  bool string(string_t& value) override {
    return Done(handler_->String(std::move(value)));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Done(handler_->StartObject()); }
  bool key(string_t& value) override {
    return Done(handler_->Key(std::move(value)));
  }
  bool end_object() override { return Done(handler_->EndObject()); }
  bool start_array(size_t) override { return Done(handler_->StartArray()); }
  bool end_array() override { return Done(handler_->EndArray()); }
  bool parse_error(size_t, const std::string&,
                   const nlohmann::json::exception& error) override {
    return Done(absl::InvalidArgumentError(Reason(error)));
  }

 private:
  bool Done(absl::Status status) {
    status_ = std::move(status);
    return status_.ok();
  }

  JsonHandler* handler_;
  absl::Status status_;
};

absl::Status JsonHandler::StartObject() { return Refuse("an object"); }
absl::Status JsonHandler::Key(std::string) { return Refuse("a field"); }
absl::Status JsonHandler::EndObject() { return Refuse("an object's end"); }
absl::Status JsonHandler::StartArray() { return Refuse("an array"); }
absl::Status JsonHandler::EndArray() { return Refuse("an array's end"); }
absl::Status JsonHandler::String(std::string) { return Refuse("a string"); }
absl::Status JsonHandler::Integer(int64_t) { return Refuse("a number"); }
absl::Status JsonHandler::Refuse(absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat(what, " does not belong here"));
}

absl::Status ParseJson(absl::string_view text, const std::string& file,
                       JsonHandler* handler) {
  JsonSaxAdapter adapter(handler);
  const char* const begin = text.data();
  const char* const end = begin + text.size();
  const char* reached = begin;
  const auto bad = [&](const char* at, absl::string_view reason) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ":", 1 + std::count(begin, at, '\n'), ": ", reason));
  };
  RETURN_IF_ERROR(WithinMemory(file, [&] {
    nlohmann::json::sax_parse(TrackingIterator(begin, &reached),
                              TrackingIterator(end, &reached), &adapter);
    return absl::OkStatus();
  }));
  if (adapter.status().ok()) {
    // The parser takes a NUL between tokens for the end of the text.
    const size_t nul = text.find('\0');
    if (nul == absl::string_view::npos) return absl::OkStatus();
    return bad(begin + nul, "malformed JSON: a NUL byte");
  }
  // The last character read is the end of the offending part, or one beyond it
  // (a number ends where something else begins), which may be its line's end.
  const char* const last = reached > begin ? reached - 1 : begin;
  return bad(last, adapter.status().message());
}

}  // namespace anisograd
