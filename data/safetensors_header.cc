#include "data/safetensors_header.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/json_sax.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr size_t kMostHeaderBytes = 100'000'000;

struct DtypeInfo {
  SafetensorsDtype dtype;
  absl::string_view name;
  int64_t size;
};

// In the order of the enum.
constexpr DtypeInfo kDtypes[] = {
    {SafetensorsDtype::kF64, "F64", 8}, {SafetensorsDtype::kF32, "F32", 4},
    {SafetensorsDtype::kF16, "F16", 2}, {SafetensorsDtype::kBf16, "BF16", 2},
    {SafetensorsDtype::kI64, "I64", 8}, {SafetensorsDtype::kI32, "I32", 4},
    {SafetensorsDtype::kI16, "I16", 2}, {SafetensorsDtype::kI8, "I8", 1},
    {SafetensorsDtype::kU8, "U8", 1},   {SafetensorsDtype::kBool, "BOOL", 1},
};

const DtypeInfo& Info(SafetensorsDtype dtype) {
  return kDtypes[static_cast<size_t>(dtype)];
}

// At most a line's worth of text out of a file, printable.
std::string Excerpt(absl::string_view text) {
  constexpr size_t kMost = 80;
  return absl::StrCat("\"", absl::CHexEscape(text.substr(0, kMost)), "\"",
                      text.size() > kMost ? "..." : "");
}

// Takes the header in. The first error, other than malformed JSON, is in
// error().
class HeaderHandler : public JsonHandler {
 public:
  HeaderHandler(const std::string& path, SafetensorsHeader* header)
      : path_(path), header_(header) {}

  const absl::Status& error() const { return error_; }

  absl::Status StartObject() override {
    switch (place_) {
      case Place::kTop: place_ = Place::kNames; return absl::OkStatus();
      case Place::kName: place_ = Place::kFields; return absl::OkStatus();
      case Place::kMetadata: place_ = Place::kKeys; return absl::OkStatus();
      default: return Refuse("an object");
    }
  }

  // The parser lets keys and ends stand only inside an object.
  absl::Status Key(std::string key) override {
    if (place_ == Place::kNames) {
      if (key == "__metadata__") {
        if (has_metadata_) return Fail("has __metadata__ twice");
        has_metadata_ = true;
        place_ = Place::kMetadata;
        return absl::OkStatus();
      }
      header_->tensors.emplace_back();
      header_->tensors.back().name = std::move(key);
      has_dtype_ = has_shape_ = has_offsets_ = false;
      place_ = Place::kName;
      return absl::OkStatus();
    }
    if (place_ == Place::kKeys) {
      if (header_->metadata.count(key) > 0) {
        return Fail(
            absl::StrCat("__metadata__: has ", Excerpt(key), " twice"));
      }
      key_ = std::move(key);
      place_ = Place::kValue;
      return absl::OkStatus();
    }
    bool* has = nullptr;
    if (key == "dtype") {
      has = &has_dtype_;
      place_ = Place::kDtype;
    } else if (key == "shape") {
      has = &has_shape_;
      place_ = Place::kShape;
    } else if (key == "data_offsets") {
      has = &has_offsets_;
      place_ = Place::kOffsets;
    } else {
      return FailTensor(absl::StrCat("has an unknown field ", Excerpt(key)));
    }
    if (*has) return FailTensor(absl::StrCat("has ", key, " twice"));
    *has = true;
    return absl::OkStatus();
  }

  absl::Status EndObject() override {
    if (place_ == Place::kFields) {
      RETURN_IF_ERROR(CheckTensor());
      place_ = Place::kNames;
    } else if (place_ == Place::kKeys) {
      place_ = Place::kNames;
    }
    return absl::OkStatus();
  }

  absl::Status StartArray() override {
    if (place_ == Place::kShape) {
      place_ = Place::kExtents;
    } else if (place_ == Place::kOffsets) {
      place_ = Place::kBegin;
    } else {
      return Refuse("an array");
    }
    return absl::OkStatus();
  }

  absl::Status EndArray() override {
    if (place_ == Place::kBegin || place_ == Place::kEnd) {
      return FailTensor("data_offsets: must be two numbers");
    }
    place_ = Place::kFields;
    return absl::OkStatus();
  }

  absl::Status String(std::string value) override {
    if (place_ == Place::kValue) {
      header_->metadata.emplace(std::move(key_), std::move(value));
      place_ = Place::kKeys;
      return absl::OkStatus();
    }
    if (place_ != Place::kDtype) return Refuse("a string");
    for (const DtypeInfo& info : kDtypes) {
      if (value != info.name) continue;
      header_->tensors.back().dtype = info.dtype;
      place_ = Place::kFields;
      return absl::OkStatus();
    }
    return FailTensor(absl::StrCat("dtype: unknown ", Excerpt(value)));
  }

  absl::Status Integer(int64_t value) override {
    std::vector<SafetensorsTensor>& tensors = header_->tensors;
    switch (place_) {
      case Place::kExtents:
        if (value < 0) return FailTensor("shape: has a negative extent");
        tensors.back().shape.push_back(value);
        return absl::OkStatus();
      case Place::kBegin:
        if (value < 0) return FailTensor("data_offsets: negative");
        tensors.back().begin = value;
        place_ = Place::kEnd;
        return absl::OkStatus();
      case Place::kEnd:
        tensors.back().end = value;
        place_ = Place::kAfterEnd;
        return absl::OkStatus();
      case Place::kAfterEnd:
        return FailTensor("data_offsets: must be two numbers");
      default:
        return Refuse("a number");
    }
  }

 protected:
  absl::Status Refuse(absl::string_view what) override {
    const auto in_tensor = [&](absl::string_view field) {
      return FailTensor(absl::StrCat(field, what, " does not belong here"));
    };
    switch (place_) {
      case Place::kMetadata:
      case Place::kKeys:
      case Place::kValue:
        return Fail(absl::StrCat("__metadata__: ", what,
                                 " does not belong here"));
      case Place::kName:
      case Place::kFields:
        return in_tensor("");
      case Place::kDtype:
        return in_tensor("dtype: ");
      case Place::kShape:
      case Place::kExtents:
        return in_tensor("shape: ");
      case Place::kOffsets:
      case Place::kBegin:
      case Place::kEnd:
      case Place::kAfterEnd:
        return in_tensor("data_offsets: ");
      default:
        return Fail(absl::StrCat(what, " in place of the header's object"));
    }
  }

 private:
  enum class Place {
    kTop,
    kNames,  // in the header's object
    kMetadata, kKeys, kValue,
    kName, kFields,  // after a tensor's name, in its object
    kDtype,
    kShape, kExtents,
    kOffsets, kBegin, kEnd, kAfterEnd,
  };

  absl::Status Fail(absl::string_view reason) {
    error_ = absl::DataLossError(absl::StrCat(path_, ": ", reason));
    return error_;
  }
  absl::Status FailTensor(absl::string_view reason) {
    error_ = absl::DataLossError(
        TensorMessage(path_, header_->tensors.back().name, reason));
    return error_;
  }

  absl::Status CheckTensor() {
    if (!has_dtype_) return FailTensor("has no dtype");
    if (!has_shape_) return FailTensor("has no shape");
    if (!has_offsets_) return FailTensor("has no data_offsets");
    SafetensorsTensor& tensor = header_->tensors.back();
    int64_t bytes = 0;
    tensor.size = 1;
    for (const int64_t extent : tensor.shape) {
      if (__builtin_mul_overflow(tensor.size, extent, &tensor.size)) {
        return FailTensor("shape: the product overflows");
      }
    }
    if (__builtin_mul_overflow(tensor.size, Info(tensor.dtype).size, &bytes)) {
      return FailTensor("shape: the product overflows");
    }
    if (tensor.end < tensor.begin) {
      return FailTensor(absl::StrCat("data_offsets: end ", tensor.end,
                                     " before begin ", tensor.begin));
    }
    if (tensor.end - tensor.begin != bytes) {
      return FailTensor(absl::StrCat(
          "data_offsets: ", tensor.end - tensor.begin, " bytes, but ",
          Info(tensor.dtype).name, " ", ShapeString(tensor.shape), " needs ",
          bytes));
    }
    return absl::OkStatus();
  }

  const std::string& path_;
  SafetensorsHeader* header_;
  Place place_ = Place::kTop;
  bool has_metadata_ = false;
  bool has_dtype_ = false;
  bool has_shape_ = false;
  bool has_offsets_ = false;
  std::string key_;
  absl::Status error_;
};

// By place in the buffer; empty tensors first, so that they may stand between
// others, and in the header's order where that leaves a choice.
void SortByPlace(std::vector<SafetensorsTensor>* tensors) {
  std::stable_sort(tensors->begin(), tensors->end(),
                   [](const SafetensorsTensor& a, const SafetensorsTensor& b) {
                     return std::make_pair(a.begin, a.end) <
                            std::make_pair(b.begin, b.end);
                   });
}

// The sorted tensors must follow one another from 0 to the buffer's end.
absl::Status CheckCover(absl::Span<const SafetensorsTensor> tensors,
                        int64_t buffer_size, const std::string& path) {
  int64_t covered = 0;
  for (const SafetensorsTensor& t : tensors) {
    const auto bad = [&](absl::string_view reason) {
      return absl::DataLossError(TensorMessage(
          path, t.name, absl::StrCat("data_offsets: ", reason)));
    };
    if (t.end > buffer_size) {
      return bad(absl::StrCat("end ", t.end, " beyond the buffer's ",
                              buffer_size, " bytes; truncated?"));
    }
    if (t.begin < covered) return bad("overlap the tensor before");
    if (t.begin > covered) {
      return bad(absl::StrCat("leave a hole of ", t.begin - covered,
                              " bytes before the tensor"));
    }
    covered = t.end;
  }
  if (covered == buffer_size) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(path, ": ", buffer_size - covered,
                                          " bytes after the last tensor"));
}

}  // namespace

absl::string_view SafetensorsDtypeName(SafetensorsDtype dtype) {
  return Info(dtype).name;
}

int64_t SafetensorsDtypeSize(SafetensorsDtype dtype) {
  return Info(dtype).size;
}

std::string ShapeString(absl::Span<const int64_t> shape) {
  constexpr size_t kMost = 8;
  return absl::StrCat("[", absl::StrJoin(shape.subspan(0, kMost), ", "),
                      shape.size() > kMost ? ", ...]" : "]");
}

std::string TensorMessage(absl::string_view path, absl::string_view name,
                          absl::string_view reason) {
  return absl::StrCat(path, ": tensor ", Excerpt(name), ": ", reason);
}

absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view json, int64_t buffer_size, const std::string& path) {
  if (json.size() > kMostHeaderBytes) {
    return absl::DataLossError(absl::StrCat(
        path, ": a header of ", json.size(), " bytes; the format's limit is ",
        kMostHeaderBytes));
  }
  if (json.empty() || json.front() != '{') {
    return absl::DataLossError(
        absl::StrCat(path, ": the header does not begin with '{'"));
  }
  SafetensorsHeader header;
  HeaderHandler handler(path, &header);
  const absl::Status status =
      ParseJson(json, absl::StrCat(path, ": header"), &handler);
  RETURN_IF_ERROR(handler.error());
  if (!status.ok()) return absl::DataLossError(status.message());
  SortByPlace(&header.tensors);
  for (size_t i = 0; i < header.tensors.size(); ++i) {
    const std::string& name = header.tensors[i].name;
    if (!header.index.emplace(name, i).second) {
      return absl::DataLossError(
          TensorMessage(path, name, "stands twice in the header"));
    }
  }
  RETURN_IF_ERROR(CheckCover(header.tensors, buffer_size, path));
  return header;
}

}  // namespace anisograd
