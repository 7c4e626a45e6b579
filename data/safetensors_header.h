#ifndef DATA_SAFETENSORS_HEADER_H_
#define DATA_SAFETENSORS_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace anisograd {

// Safetensors, Hugging Face's format of named tensors
// (https://github.com/huggingface/safetensors#format):
//
//   bytes 0 to 7    n, the header's size, little-endian
//   n bytes         JSON: {"__metadata__": {"key": "value", ...},
//                   "NAME": {"dtype": "F32", "shape": [2, 3],
//                            "data_offsets": [begin, end]}, ...},
//                   filled up with spaces
//   the rest        the buffer that the offsets count from; little-endian,
//                   row-major, every byte in one tensor

enum class SafetensorsDtype {
  kF64, kF32, kF16, kBf16, kI64, kI32, kI16, kI8, kU8, kBool
};

// The format's name of a type, like "BF16".
absl::string_view SafetensorsDtypeName(SafetensorsDtype dtype);
// Bytes of one element.
int64_t SafetensorsDtypeSize(SafetensorsDtype dtype);

struct SafetensorsTensor {
  std::string name;
  SafetensorsDtype dtype = SafetensorsDtype::kF32;
  // Empty for a scalar.
  std::vector<int64_t> shape;
  // Product of the shape.
  int64_t size = 0;
  // data_offsets: where in the buffer.
  int64_t begin = 0;
  int64_t end = 0;
  // The elements, where a buffer is there. Need not be aligned: the format
  // allows any header size, and the official GPT-2's is odd.
  absl::string_view bytes;
};

// A shape in an error message, like "[2, 3]"; cut where it is very long.
std::string ShapeString(absl::Span<const int64_t> shape);

// `PATH: tensor "NAME": reason`, the one form of all errors about a tensor. Of
// a long name, or one with unprintable characters, an escaped part is shown.
std::string TensorMessage(absl::string_view path, absl::string_view name,
                          absl::string_view reason);

struct SafetensorsHeader {
  // In the order of their bytes. Without `bytes`.
  std::vector<SafetensorsTensor> tensors;
  // From names to places in `tensors`.
  absl::flat_hash_map<std::string, size_t> index;
  std::map<std::string, std::string> metadata;
};

// Parses the n bytes of JSON of a file whose buffer has `buffer_size` bytes.
// DataLoss "PATH: reason" unless all of this holds: at most 100 MB of UTF-8
// JSON that begins with '{' and has no field twice, none missing and none
// unknown; dtypes are those above; extents are not negative and no size
// overflows; a tensor has the bytes that its shape needs; and the tensors
// cover the buffer exactly, without overlap or hole.
absl::StatusOr<SafetensorsHeader> ParseSafetensorsHeader(
    absl::string_view json, int64_t buffer_size, const std::string& path);

}  // namespace anisograd

#endif  // DATA_SAFETENSORS_HEADER_H_
