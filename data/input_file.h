#ifndef DATA_INPUT_FILE_H_
#define DATA_INPUT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Text that users give. What it is, is told by its first bytes, never by its
// name.

// The text at `path`, read into memory, where nobody can cut it short: a file, a
// pipe or a device. bzip2 is decompressed. InvalidArgument "PATH: reason" where
// CheckIsText refuses what then stands there, ResourceExhausted where it is more
// than memory holds, else the errors of ReadFile and DecompressBzip2.
absl::StatusOr<std::string> ReadInputFile(const std::string& path);

// The same of bytes that have been read.
absl::StatusOr<std::string> DecodeInput(std::string bytes,
                                        const std::string& file);

// InvalidArgument "FILE: is gzip-compressed; decompress it first: ..." where
// `bytes` begin as compressed files do (gzip, xz, zstd, lz4, bzip2, zip, 7z), and
// likewise where they are UTF-16 or UTF-32 by their byte order mark or by a NUL
// among the first two.
absl::Status CheckIsText(absl::string_view bytes, absl::string_view file);

// `text` without the byte order mark of UTF-8 at its beginning.
absl::string_view WithoutByteOrderMark(absl::string_view text);

}  // namespace anisograd

#endif  // DATA_INPUT_FILE_H_
