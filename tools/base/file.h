#ifndef TOOLS_BASE_FILE_H_
#define TOOLS_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Reads a whole file. NotFound when it does not exist, Unavailable with the
// system's reason for every other failure; the message names the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes a whole file atomically: a temporary file beside `path`, flushed to
// the device, then renamed. On any failure (a full disk, a missing folder) the
// temporary file is removed, an older file at `path` is left as it was, and the
// status names the path and the system's reason.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// A read-only memory map of a whole file. Movable; unmaps on destruction.
// An empty file maps to an empty view.
class MappedFile {
 public:
  static absl::StatusOr<MappedFile> Open(const std::string& path);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const char* data() const { return static_cast<const char*>(address_); }
  size_t size() const { return size_; }
  absl::string_view view() const { return {data(), size_}; }

 private:
  void* address_ = nullptr;
  size_t size_ = 0;
};

// Lower-case hexadecimal SHA-256 of `bytes`.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace anisograd

#endif  // TOOLS_BASE_FILE_H_
