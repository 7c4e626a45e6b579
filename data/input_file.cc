#include "data/input_file.h"

#include <cstddef>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/bzip2.h"
#include "tools/base/file.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// A literal with the NULs within it.
template <size_t kSize>
constexpr absl::string_view Bytes(const char (&literal)[kSize]) {
  return {literal, kSize - 1};
}

struct Compression {
  absl::string_view magic;
  absl::string_view name;
  // Writes what FILE holds to the standard output.
  absl::string_view command;
};

constexpr Compression kCompressions[] = {
    {Bytes("\x1F\x8B"), "gzip", "gzip -dc"},
    {Bytes("\xFD"
           "7zXZ\0"),
     "xz", "xz -dc"},
    {Bytes("\x28\xB5\x2F\xFD"), "zstd", "zstd -dc"},
    {Bytes("\x04\x22\x4D\x18"), "lz4", "lz4 -dc"},
    {Bytes("PK\x03\x04"), "zip", "unzip -p"},
    {Bytes("7z\xBC\xAF\x27\x1C"), "7z", "7z x -so"},
};

// "BZh", the size of blocks, then the first block's magic number, or that of the
// end where there is none: no text has it.
bool IsBzip2(absl::string_view bytes) {
  if (bytes.size() < 10 || bytes.substr(0, 3) != Bytes("BZh") || bytes[3] < '1' ||
      bytes[3] > '9') {
    return false;
  }
  const absl::string_view magic = bytes.substr(4, 6);
  return magic == Bytes("1AY&SY") || magic == Bytes("\x17\x72\x45\x38\x50\x90");
}

}  // namespace

absl::Status CheckIsText(absl::string_view bytes, absl::string_view file) {
  const auto compressed = [&](absl::string_view name,
                              absl::string_view command) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": is ", name, "-compressed; decompress it first: ", command));
  };
  if (IsBzip2(bytes)) return compressed("bzip2", "bzip2 -dc");
  for (const Compression& c : kCompressions) {
    if (absl::StartsWith(bytes, c.magic)) return compressed(c.name, c.command);
  }
  const absl::string_view first = bytes.substr(0, 2);
  const bool wide = absl::StartsWith(bytes, Bytes("\xFF\xFE\0\0")) ||
                    absl::StartsWith(bytes, Bytes("\0\0\xFE\xFF"));
  if (wide || first == Bytes("\xFF\xFE") || first == Bytes("\xFE\xFF") ||
      first.find('\0') != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        file, ": is no UTF-8 text but ", wide ? "UTF-32" : "UTF-16",
        " or binary; convert it first: iconv -f ", wide ? "UTF-32" : "UTF-16",
        " -t UTF-8"));
  }
  return absl::OkStatus();
}

absl::string_view WithoutByteOrderMark(absl::string_view text) {
  return absl::StripPrefix(text, "\xEF\xBB\xBF");
}

absl::StatusOr<std::string> DecodeInput(std::string bytes,
                                        const std::string& file) {
  if (IsBzip2(bytes)) {
    ASSIGN_OR_RETURN(bytes, DecompressBzip2(bytes, file));
  }
  RETURN_IF_ERROR(CheckIsText(bytes, file));
  return bytes;
}

absl::StatusOr<std::string> ReadInputFile(const std::string& path) {
  return WithinMemory(path, [&]() -> absl::StatusOr<std::string> {
    ASSIGN_OR_RETURN(std::string bytes, ReadFile(path));
    return DecodeInput(std::move(bytes), path);
  });
}

}  // namespace anisograd
