#include "data/token_file.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/memory.h"
#include "tools/base/sha256.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr char kMagic[8] = {'A', 'n', 'i', 's', 'o', 'T', 'K', '2'};
constexpr size_t kChecksumSize = 64;
constexpr uint32_t kStandIn = 1;
constexpr int32_t kMost16BitTokens = 1 << 16;

// Follows magic number and checksum.
struct Header {
  uint64_t tokens;
  uint64_t examples;
  uint32_t vocabulary_size;
  uint32_t end_of_text;
  uint32_t flags;
  uint32_t note_size;
  uint32_t sources_size;
  uint32_t name_size;
};
static_assert(sizeof(Header) == 40, "the file's layout must not change");

size_t TokenSize(uint32_t vocabulary_size) {
  return vocabulary_size <= kMost16BitTokens ? sizeof(uint16_t)
                                             : sizeof(uint32_t);
}

template <typename T>
absl::string_view Bytes(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()),
          values.size() * sizeof(T)};
}

// Appends tokens as the file has them.
void AppendTokens(absl::Span<const int32_t> tokens, int32_t vocabulary_size,
                  std::string* out) {
  if (TokenSize(static_cast<uint32_t>(vocabulary_size)) == sizeof(uint16_t)) {
    absl::StrAppend(out,
                    Bytes(std::vector<uint16_t>(tokens.begin(), tokens.end())));
  } else {
    out->append(reinterpret_cast<const char*>(tokens.data()),
                tokens.size() * sizeof(int32_t));
  }
}

using Sink = std::function<absl::Status(absl::string_view)>;

// Writes a file of all but the tokens of `tokens`, and of `count` tokens that
// `emit_tokens` hands out as the file has them, in any pieces. It is called
// twice, since the checksum stands in front of what it is of.
absl::Status WriteParts(
    const std::string& path, const TokenFileInfo& info,
    const InstructionTokens& tokens, uint64_t count,
    const std::function<absl::Status(const Sink&)>& emit_tokens) {
  Header header = {};
  header.tokens = count;
  header.examples = tokens.prompt_lengths.size();
  header.vocabulary_size = static_cast<uint32_t>(tokens.vocabulary_size);
  header.end_of_text = static_cast<uint32_t>(tokens.end_of_text);
  header.flags = info.stand_in ? kStandIn : 0;
  header.note_size = static_cast<uint32_t>(info.note.size());
  header.sources_size = static_cast<uint32_t>(info.sources.size());
  header.name_size = static_cast<uint32_t>(info.name.size());
  const auto emit = [&](const Sink& sink) -> absl::Status {
    RETURN_IF_ERROR(
        sink({reinterpret_cast<const char*>(&header), sizeof(header)}));
    RETURN_IF_ERROR(sink(Bytes(tokens.offsets)));
    RETURN_IF_ERROR(sink(Bytes(tokens.prompt_lengths)));
    RETURN_IF_ERROR(emit_tokens(sink));
    RETURN_IF_ERROR(sink(info.note));
    RETURN_IF_ERROR(sink(info.sources));
    return sink(info.name);
  };
  Sha256 checksum;
  RETURN_IF_ERROR(emit([&](absl::string_view piece) {
    checksum.Update(piece);
    return absl::OkStatus();
  }));
  ASSIGN_OR_RETURN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
  RETURN_IF_ERROR(writer.Append(absl::StrCat(
      absl::string_view(kMagic, sizeof(kMagic)), checksum.Hex())));
  RETURN_IF_ERROR(emit(
      [&](absl::string_view piece) { return writer.Append(piece); }));
  return writer.Commit();
}

// Takes `count` values of type T off the front of `rest`, which need not be
// aligned for them.
template <typename T>
std::vector<T> TakeValues(size_t count, absl::string_view* rest) {
  std::vector<T> values(count);
  if (count > 0) std::memcpy(values.data(), rest->data(), count * sizeof(T));
  rest->remove_prefix(count * sizeof(T));
  return values;
}

absl::Status CheckTokens(const InstructionTokens& t) {
  const auto bad = [](absl::string_view what, size_t i,
                      absl::string_view reason) {
    return absl::DataLossError(absl::StrCat(what, " ", i, " ", reason));
  };
  if (t.end_of_text < 0 || t.end_of_text >= t.vocabulary_size) {
    return absl::DataLossError("end-of-text lies outside the vocabulary");
  }
  if (t.prompt_lengths.empty()) return absl::DataLossError("has no examples");
  if (t.offsets.front() != 0 ||
      t.offsets.back() != static_cast<int64_t>(t.tokens.size())) {
    return absl::DataLossError("offsets do not span the tokens");
  }
  for (size_t i = 0; i < t.prompt_lengths.size(); ++i) {
    if (t.offsets[i + 1] == t.offsets[i]) return bad("example", i, "is empty");
    if (t.offsets[i + 1] < t.offsets[i]) {
      return bad("example", i, "ends before it begins");
    }
    if (t.prompt_lengths[i] < 0 ||
        t.prompt_lengths[i] > t.offsets[i + 1] - t.offsets[i]) {
      return bad("example", i, "has a prompt longer than itself");
    }
  }
  for (size_t k = 0; k < t.tokens.size(); ++k) {
    if (t.tokens[k] < 0 || t.tokens[k] >= t.vocabulary_size) {
      return bad("token", k,
                 absl::StrCat("has the id ", t.tokens[k],
                              " in a vocabulary of ", t.vocabulary_size));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string TokenFileName(const std::string& path) {
  const std::string file = path.substr(path.find_last_of('/') + 1);
  return file.substr(0, file.find_last_of('.'));
}

absl::Status WriteTokenFile(const std::string& path, const TokenFileInfo& info,
                            const InstructionTokens& tokens) {
  return WriteParts(
      path, info, tokens, tokens.tokens.size(), [&](const Sink& sink) {
        std::string bytes;
        AppendTokens(tokens.tokens, tokens.vocabulary_size, &bytes);
        return sink(bytes);
      });
}

absl::StatusOr<TokenFileWriter> TokenFileWriter::Open(const std::string& path,
                                                      int32_t vocabulary_size,
                                                      int32_t end_of_text) {
  ASSIGN_OR_RETURN(UnnamedFile waiting, UnnamedFile::Open(path));
  TokenFileWriter writer(path, std::move(waiting));
  writer.tokens_.vocabulary_size = vocabulary_size;
  writer.tokens_.end_of_text = end_of_text;
  return writer;
}

absl::Status TokenFileWriter::Append(absl::Span<const int32_t> tokens,
                                     int32_t prompt_length) {
  AppendTokens(tokens, tokens_.vocabulary_size, &buffer_);
  tokens_.offsets.push_back(tokens_.offsets.back() +
                            static_cast<int64_t>(tokens.size()));
  tokens_.prompt_lengths.push_back(prompt_length);
  constexpr size_t kEnough = size_t{1} << 20;
  return buffer_.size() < kEnough ? absl::OkStatus() : Flush();
}

absl::Status TokenFileWriter::Flush() {
  RETURN_IF_ERROR(waiting_.Append(buffer_));
  buffer_.clear();
  return absl::OkStatus();
}

absl::Status TokenFileWriter::Commit(const TokenFileInfo& info) {
  RETURN_IF_ERROR(Flush());
  ASSIGN_OR_RETURN(const MappedFile mapped, waiting_.Map());
  return WriteParts(path_, info, tokens_, static_cast<uint64_t>(tokens()),
                    [&](const Sink& sink) { return sink(mapped.view()); });
}

absl::StatusOr<TokenFile> ReadTokenFile(const std::string& path) {
  ASSIGN_OR_RETURN(const MappedFile mapped, MappedFile::Open(path));
  return WithinMemory(path,
                      [&] { return ParseTokenFile(mapped.view(), path); });
}

absl::StatusOr<TokenFile> ParseTokenFile(absl::string_view rest,
                                         const std::string& path) {
  const auto bad = [&](absl::string_view reason) {
    return absl::DataLossError(absl::StrCat(path, ": ", reason));
  };
  if (rest.size() < sizeof(kMagic) + kChecksumSize + sizeof(Header)) {
    return bad("too short for a token file");
  }
  if (std::memcmp(rest.data(), kMagic, sizeof(kMagic)) != 0) {
    return bad("not a token file, or of another version");
  }
  rest.remove_prefix(sizeof(kMagic));
  const absl::string_view checksum = rest.substr(0, kChecksumSize);
  rest.remove_prefix(kChecksumSize);

  const absl::string_view payload = rest;
  const Header header = TakeValues<Header>(1, &rest).front();
  // Guards the arithmetic below.
  constexpr uint64_t kMost = uint64_t{1} << 40;
  if (header.tokens >= kMost || header.examples >= kMost ||
      header.vocabulary_size > INT32_MAX) {
    return bad("declares an impossible size");
  }
  const size_t token_size = TokenSize(header.vocabulary_size);
  const uint64_t expected =
      (header.examples + 1) * sizeof(int64_t) +
      header.examples * sizeof(int32_t) + header.tokens * token_size +
      header.note_size + header.sources_size + header.name_size;
  if (rest.size() != expected) {
    return bad(absl::StrCat("has ", rest.size(), " bytes after its header, "
                            "which declares ", expected, "; truncated?"));
  }
  TokenFile file;
  file.digest = Sha256Hex(payload);
  if (file.digest != checksum) return bad("wrong checksum");

  InstructionTokens& tokens = file.tokens;
  tokens.vocabulary_size = static_cast<int32_t>(header.vocabulary_size);
  tokens.end_of_text = static_cast<int32_t>(header.end_of_text);
  tokens.offsets = TakeValues<int64_t>(header.examples + 1, &rest);
  tokens.prompt_lengths = TakeValues<int32_t>(header.examples, &rest);
  if (token_size == sizeof(uint16_t)) {
    const auto narrow = TakeValues<uint16_t>(header.tokens, &rest);
    tokens.tokens.assign(narrow.begin(), narrow.end());
  } else {
    tokens.tokens = TakeValues<int32_t>(header.tokens, &rest);
  }
  file.info.stand_in = (header.flags & kStandIn) != 0;
  file.info.note = std::string(rest.substr(0, header.note_size));
  file.info.sources =
      std::string(rest.substr(header.note_size, header.sources_size));
  file.info.name = std::string(rest.substr(rest.size() - header.name_size));
  const absl::Status status = CheckTokens(tokens);
  if (!status.ok()) return bad(status.message());
  return file;
}

}  // namespace anisograd
