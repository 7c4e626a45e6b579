#include "data/bzip2.h"

#include <algorithm>
#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "bzlib.h"

namespace anisograd {

absl::StatusOr<std::string> DecompressBzip2(absl::string_view compressed,
                                            const std::string& file) {
  constexpr size_t kChunk = 1 << 22;
  constexpr size_t kMostInput = 1 << 30;
  std::string out;
  std::string chunk(kChunk, '\0');
  while (!compressed.empty()) {
    bz_stream stream = {};
    if (BZ2_bzDecompressInit(&stream, 0, 0) != BZ_OK) {
      return absl::ResourceExhaustedError(
          absl::StrCat(file, ": cannot start decompressing"));
    }
    int result = BZ_OK;
    while (result == BZ_OK) {
      const size_t given = std::min(compressed.size(), kMostInput);
      stream.next_in = const_cast<char*>(compressed.data());
      stream.avail_in = static_cast<unsigned>(given);
      stream.next_out = &chunk[0];
      stream.avail_out = kChunk;
      result = BZ2_bzDecompress(&stream);
      compressed.remove_prefix(given - stream.avail_in);
      out.append(chunk, 0, kChunk - stream.avail_out);
      const bool stalled = stream.avail_out != 0 && compressed.empty();
      if (result == BZ_OK && stalled) break;
    }
    BZ2_bzDecompressEnd(&stream);
    if (result != BZ_STREAM_END) {
      return absl::DataLossError(absl::StrCat(
          file, result == BZ_OK ? ": truncated bzip2 file"
                                : ": not a valid bzip2 file"));
    }
  }
  return out;
}

}  // namespace anisograd
