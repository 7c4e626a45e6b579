#include "data/alpaca.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "data/json_sax.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

class AlpacaReader : public JsonHandler {
 public:
  std::vector<InstructionExample> examples;

  absl::Status StartArray() override {
    if (place_ != Place::kStart) return Refuse("an array");
    place_ = Place::kArray;
    return absl::OkStatus();
  }
  absl::Status EndArray() override {
    if (examples.empty()) {
      return absl::InvalidArgumentError("must hold at least one record");
    }
    return absl::OkStatus();
  }
  absl::Status StartObject() override {
    if (place_ != Place::kArray) return Refuse("an object");
    place_ = Place::kRecord;
    examples.emplace_back();
    seen_.fill(false);
    return absl::OkStatus();
  }
  absl::Status Key(std::string key) override {
    for (field_ = 0; field_ < kFields.size(); ++field_) {
      if (key == kFields[field_].name) break;
    }
    if (field_ == kFields.size()) {
      return InRecord(key.substr(0, 80), "unknown field");
    }
    if (std::exchange(seen_[field_], true)) {
      return InRecord(key, "appears twice");
    }
    place_ = Place::kField;
    return absl::OkStatus();
  }
  absl::Status String(std::string value) override {
    if (place_ != Place::kField) return Refuse("a string");
    examples.back().*kFields[field_].member = std::move(value);
    place_ = Place::kRecord;
    return absl::OkStatus();
  }
  absl::Status EndObject() override {
    for (size_t f = 0; f < kFields.size(); ++f) {
      if (!seen_[f]) return InRecord(kFields[f].name, "missing");
    }
    if (examples.back().instruction.empty()) {
      return InRecord("instruction", "must not be empty");
    }
    place_ = Place::kArray;
    return absl::OkStatus();
  }

 protected:
  absl::Status Refuse(absl::string_view what) override {
    switch (place_) {
      case Place::kStart:
        return absl::InvalidArgumentError(
            absl::StrCat("must be an array of records, not ", what));
      case Place::kArray:
        return absl::InvalidArgumentError(
            absl::StrCat("record ", examples.size() + 1,
                         ": must be an object, not ", what));
      default:
        return InRecord(kFields[field_].name,
                        absl::StrCat("must be a string, not ", what));
    }
  }

 private:
  // What is open, from the outside in: nothing, the array, a record of it, a
  // field of that.
  enum class Place { kStart, kArray, kRecord, kField };

  struct Field {
    absl::string_view name;
    std::string InstructionExample::* member;
  };
  static constexpr std::array<Field, 3> kFields = {{
      {"instruction", &InstructionExample::instruction},
      {"input", &InstructionExample::input},
      {"output", &InstructionExample::output},
  }};

  absl::Status InRecord(absl::string_view field, absl::string_view reason) {
    return absl::InvalidArgumentError(
        absl::StrCat("record ", examples.size(), ", field \"",
                     absl::Utf8SafeCEscape(field), "\": ", reason));
  }

  Place place_ = Place::kStart;
  size_t field_ = 0;
  std::array<bool, 3> seen_;
};

}  // namespace

absl::StatusOr<std::vector<InstructionExample>> ParseAlpaca(
    absl::string_view json, const std::string& file) {
  AlpacaReader reader;
  RETURN_IF_ERROR(ParseJson(json, file, &reader));
  return std::move(reader.examples);
}

}  // namespace anisograd
