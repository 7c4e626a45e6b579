#ifndef DATA_BZIP2_H_
#define DATA_BZIP2_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Decompresses a whole .bz2 file held in memory (several streams in a row are
// one file). DataLoss "FILE: reason" for anything else, a truncated file
// included.
absl::StatusOr<std::string> DecompressBzip2(absl::string_view compressed,
                                            const std::string& file);

}  // namespace anisograd

#endif  // DATA_BZIP2_H_
