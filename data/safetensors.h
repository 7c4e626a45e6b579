#ifndef DATA_SAFETENSORS_H_
#define DATA_SAFETENSORS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "data/safetensors_header.h"

namespace anisograd {

// Hugging Face's format of named tensors; safetensors_header.h describes it.

// A validated file in memory, where nobody can cut it short. Movable; its tensors live as long as it does.
class SafetensorsFile {
 public:
  // DataLoss "PATH: reason" unless the header is whole and all holds that
  // ParseSafetensorsHeader demands; ResourceExhausted where memory does not hold
  // it; else ReadFile's errors. The values of elements are not looked at.
  static absl::StatusOr<SafetensorsFile> Open(const std::string& path);
  // The same for bytes in memory, which must outlive the result; `path` is
  // only named in messages.
  static absl::StatusOr<SafetensorsFile> Parse(absl::string_view bytes,
                                               const std::string& path);

  const std::string& path() const { return path_; }
  // The whole file.
  absl::string_view bytes() const { return bytes_; }
  // In the order of their bytes.
  absl::Span<const SafetensorsTensor> tensors() const {
    return header_.tensors;
  }
  // nullptr where no tensor has the name.
  const SafetensorsTensor* Find(absl::string_view name) const;
  const std::map<std::string, std::string>& metadata() const {
    return header_.metadata;
  }

 private:
  // On the heap, whose address a move does not change; nothing after Parse.
  std::unique_ptr<const std::string> contents_;
  absl::string_view bytes_;
  std::string path_;
  SafetensorsHeader header_;
};

// The elements of an F32, F16 or BF16 tensor as floats, all of them exact (a
// NaN stays a NaN). `values` has tensor.size elements. InvalidArgument with the
// reason alone for any other type.
absl::Status ReadFloats(const SafetensorsTensor& tensor,
                        absl::Span<float> values);

struct SafetensorsSource {
  std::string name;
  std::vector<int64_t> shape;
  // As many as the shape says.
  absl::Span<const float> values;
};

// Writes an F32 file, atomically and piece by piece: a function of its
// arguments, the tensors in the order given, the header padded so that the
// buffer starts at a multiple of 8. InvalidArgument for what Open would refuse
// (a name twice, text that is not UTF-8, a shape that is not the values'); else
// AtomicFileWriter's errors.
absl::Status WriteSafetensors(
    const std::string& path, const std::map<std::string, std::string>& metadata,
    absl::Span<const SafetensorsSource> tensors);

}  // namespace anisograd

#endif  // DATA_SAFETENSORS_H_
