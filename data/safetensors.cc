#include "data/safetensors.h"

#include <cstddef>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "tools/base/file.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "tensors are copied as they stand in the file");

constexpr size_t kSizeBytes = 8;
constexpr size_t kBufferAlignment = 8;

std::string JsonString(absl::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", c);
    } else {
      json += c;
    }
  }
  return json + "\"";
}

float FloatFromBits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// IEEE 754 binary16: (-1)^s 2^(e - 15) (1 + m / 1024), subnormal for e = 0,
// infinite or NaN for e = 31.
float FloatFromHalf(uint16_t half) {
  const uint32_t sign = uint32_t{half & 0x8000u} << 16;
  const uint32_t exponent = (half >> 10) & 31;
  const uint32_t mantissa = half & 1023;
  if (exponent == 0) {
    const float magnitude = static_cast<float>(mantissa) * 0x1p-24f;
    return sign != 0 ? -magnitude : magnitude;
  }
  const uint32_t wide = exponent == 31 ? 255 : exponent + 112;
  return FloatFromBits(sign | (wide << 23) | (mantissa << 13));
}

}  // namespace

absl::StatusOr<SafetensorsFile> SafetensorsFile::Open(const std::string& path) {
  return WithinMemory(path, [&]() -> absl::StatusOr<SafetensorsFile> {
    ASSIGN_OR_RETURN(std::string read, ReadFile(path));
    auto contents = std::make_unique<const std::string>(std::move(read));
    ASSIGN_OR_RETURN(SafetensorsFile file, Parse(*contents, path));
    file.contents_ = std::move(contents);
    return file;
  });
}

absl::StatusOr<SafetensorsFile> SafetensorsFile::Parse(
    absl::string_view bytes, const std::string& path) {
  const auto bad = [&](const auto&... reason) {
    return absl::DataLossError(absl::StrCat(path, ": ", reason...));
  };
  if (bytes.size() < kSizeBytes) {
    return bad("too short for a safetensors file");
  }
  SafetensorsFile file;
  file.bytes_ = bytes;
  uint64_t header_size;
  std::memcpy(&header_size, bytes.data(), sizeof(header_size));
  bytes.remove_prefix(kSizeBytes);
  if (header_size > bytes.size()) {
    return bad("declares a header of ", header_size, " bytes, but only ",
               bytes.size(), " follow; truncated, or no safetensors file?");
  }
  const absl::string_view buffer = bytes.substr(header_size);
  file.path_ = path;
  ASSIGN_OR_RETURN(file.header_,
                   ParseSafetensorsHeader(bytes.substr(0, header_size),
                                          static_cast<int64_t>(buffer.size()),
                                          path));
  for (SafetensorsTensor& tensor : file.header_.tensors) {
    tensor.bytes =
        buffer.substr(static_cast<size_t>(tensor.begin),
                      static_cast<size_t>(tensor.end - tensor.begin));
  }
  return file;
}

const SafetensorsTensor* SafetensorsFile::Find(absl::string_view name) const {
  const auto it = header_.index.find(name);
  return it == header_.index.end() ? nullptr : &header_.tensors[it->second];
}

absl::Status ReadFloats(const SafetensorsTensor& tensor,
                        absl::Span<float> values) {
  const char* const bytes = tensor.bytes.data();
  const auto half_word = [bytes](size_t i) {
    uint16_t word;
    std::memcpy(&word, bytes + i * sizeof(word), sizeof(word));
    return word;
  };
  switch (tensor.dtype) {
    case SafetensorsDtype::kF32:
      if (!values.empty()) {
        std::memcpy(values.data(), bytes, tensor.bytes.size());
      }
      return absl::OkStatus();
    case SafetensorsDtype::kF16:
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = FloatFromHalf(half_word(i));
      }
      return absl::OkStatus();
    case SafetensorsDtype::kBf16:
      for (size_t i = 0; i < values.size(); ++i) {
        values[i] = FloatFromBits(uint32_t{half_word(i)} << 16);
      }
      return absl::OkStatus();
    default:
      return absl::InvalidArgumentError(
          absl::StrCat("dtype: ", SafetensorsDtypeName(tensor.dtype),
                       " is none of F32, F16 and BF16"));
  }
}

absl::Status WriteSafetensors(
    const std::string& path, const std::map<std::string, std::string>& metadata,
    absl::Span<const SafetensorsSource> tensors) {
  std::vector<std::string> entries;
  if (!metadata.empty()) {
    std::vector<std::string> pairs;
    for (const auto& [key, value] : metadata) {
      pairs.push_back(absl::StrCat(JsonString(key), ":", JsonString(value)));
    }
    entries.push_back(absl::StrCat("\"__metadata__\":{",
                                   absl::StrJoin(pairs, ","), "}"));
  }
  int64_t offset = 0;
  for (const SafetensorsSource& source : tensors) {
    const int64_t begin = offset;
    offset += static_cast<int64_t>(source.values.size() * sizeof(float));
    entries.push_back(absl::StrCat(
        JsonString(source.name), ":{\"dtype\":\"F32\",\"shape\":[",
        absl::StrJoin(source.shape, ","), "],\"data_offsets\":[", begin, ",",
        offset, "]}"));
  }
  std::string json = absl::StrCat("{", absl::StrJoin(entries, ","), "}");
  json.resize((json.size() + kBufferAlignment - 1) / kBufferAlignment *
                  kBufferAlignment,
              ' ');
  // What a reader would refuse is never written.
  const absl::Status status =
      ParseSafetensorsHeader(json, offset, path).status();
  if (!status.ok()) return absl::InvalidArgumentError(status.message());

  ASSIGN_OR_RETURN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
  const uint64_t header_size = json.size();
  json.insert(0, reinterpret_cast<const char*>(&header_size), kSizeBytes);
  RETURN_IF_ERROR(writer.Append(json));
  for (const SafetensorsSource& source : tensors) {
    RETURN_IF_ERROR(writer.Append(
        {reinterpret_cast<const char*>(source.values.data()),
         source.values.size() * sizeof(float)}));
  }
  return writer.Commit();
}

}  // namespace anisograd
