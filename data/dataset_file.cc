#include "data/dataset_file.h"

#include <cmath>
#include <cstddef>
#include <cstring>
#include <functional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "tools/base/memory.h"
#include "tools/base/sha256.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr char kMagic[8] = {'A', 'n', 'i', 's', 'o', 'D', 'S', '2'};
// Rows, features and non-zeros are fewer.
constexpr uint64_t kMost = uint64_t{1} << 32;
constexpr absl::string_view kOneClass =
    "all rows are of one class, so there is nothing to learn";
constexpr uint32_t kStandIn = 1;
constexpr uint32_t kBinaryValues = 2;

constexpr size_t kChecksumSize = 64;
constexpr size_t kFront = sizeof(kMagic) + kChecksumSize;

// Follows magic number and checksum.
struct Header {
  uint64_t rows;
  uint64_t features;
  uint64_t nonzeros;
  uint32_t flags;
  uint32_t name_size;
  uint32_t note_size;
  uint32_t zero;
};
static_assert(sizeof(Header) == 40, "the file's layout must not change");

size_t Padded(size_t size) { return (size + 7) / 8 * 8; }

using Sink = std::function<absl::Status(absl::string_view)>;

// A section: the elements and zeros up to a multiple of 8 bytes.
template <typename Elements>
absl::Status EmitSection(const Elements& elements, const Sink& sink) {
  const size_t size = elements.size() * sizeof(*elements.data());
  RETURN_IF_ERROR(
      sink({reinterpret_cast<const char*>(elements.data()), size}));
  constexpr char kZeros[8] = {};
  return sink({kZeros, Padded(size) - size});
}

// Sections in the order they were appended.
class SectionReader {
 public:
  explicit SectionReader(absl::string_view payload) : rest_(payload) {}

  template <typename T>
  absl::Span<const T> Next(size_t count) {
    const T* data = reinterpret_cast<const T*>(rest_.data());
    rest_.remove_prefix(Padded(count * sizeof(T)));
    return absl::MakeConstSpan(data, count);
  }

 private:
  absl::string_view rest_;
};

absl::Status CheckMatrix(const CsrView& view) {
  if (view.rows == 0) return absl::DataLossError("holds no rows");
  if (view.row_start[0] != 0 ||
      view.row_start[view.rows] != view.index.size()) {
    return absl::DataLossError("row starts do not span the non-zeros");
  }
  for (int64_t i = 0; i < view.rows; ++i) {
    const uint32_t begin = view.row_start[i];
    const uint32_t end = view.row_start[i + 1];
    if (begin > end || end > view.index.size()) {
      return absl::DataLossError(absl::StrCat("row ", i, " has a bad start"));
    }
    for (uint32_t k = begin; k < end; ++k) {
      if (view.index[k] >= view.features ||
          (k > begin && view.index[k] <= view.index[k - 1])) {
        return absl::DataLossError(absl::StrCat("row ", i, " has a bad index"));
      }
      if (!std::isfinite(view.value[k])) {
        return absl::DataLossError(absl::StrCat("row ", i, " has a bad value"));
      }
    }
    if (view.label[i] != 1 && view.label[i] != -1) {
      return absl::DataLossError(absl::StrCat("row ", i, " has a bad label"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status WriteDataset(const std::string& path, const DatasetInfo& info,
                          const CsrView& matrix) {
  if (matrix.rows >= kMost || matrix.features >= kMost ||
      matrix.index.size() >= kMost) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": rows, features and non-zeros must be below 2^32, are ",
        matrix.rows, ", ", matrix.features, " and ", matrix.index.size()));
  }
  if (!HasBothClasses(matrix)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", kOneClass));
  }
  const bool binary = HasBinaryValues(matrix);
  Header header = {};
  header.rows = static_cast<uint64_t>(matrix.rows);
  header.features = static_cast<uint64_t>(matrix.features);
  header.nonzeros = matrix.index.size();
  header.flags = (info.stand_in ? kStandIn : 0) | (binary ? kBinaryValues : 0);
  header.name_size = static_cast<uint32_t>(info.name.size());
  header.note_size = static_cast<uint32_t>(info.note.size());
  const auto emit = [&](const Sink& sink) -> absl::Status {
    RETURN_IF_ERROR(
        sink({reinterpret_cast<const char*>(&header), sizeof(header)}));
    RETURN_IF_ERROR(EmitSection(info.name, sink));
    RETURN_IF_ERROR(EmitSection(info.note, sink));
    RETURN_IF_ERROR(EmitSection(matrix.row_start, sink));
    RETURN_IF_ERROR(EmitSection(matrix.index, sink));
    RETURN_IF_ERROR(EmitSection(matrix.label, sink));
    return binary ? absl::OkStatus() : EmitSection(matrix.value, sink);
  };
  // Twice, since the checksum stands in front of what it is of: a copy of all
  // would take as much memory again.
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

absl::StatusOr<Dataset> Dataset::Open(const std::string& path) {
  ASSIGN_OR_RETURN(MappedFile file, MappedFile::Open(path));
  ASSIGN_OR_RETURN(Dataset dataset, WithinMemory(path, [&] {
                     return Parse(file.view(), path);
                   }));
  dataset.file_ = std::move(file);
  return dataset;
}

absl::StatusOr<Dataset> Dataset::Parse(absl::string_view contents,
                                       const std::string& path) {
  const auto bad = [&](absl::string_view reason) {
    return absl::DataLossError(absl::StrCat(path, ": ", reason));
  };
  Dataset dataset;
  Header header;
  if (contents.size() < kFront + sizeof(header)) {
    return bad("too short for a data set in binary form");
  }
  if (std::memcmp(contents.data(), kMagic, sizeof(kMagic)) != 0) {
    return bad("not a data set in binary form, or of another version");
  }
  std::memcpy(&header, contents.data() + kFront, sizeof(header));
  // Guards the arithmetic below.
  if (header.rows >= kMost || header.features >= kMost ||
      header.nonzeros >= kMost) {
    return bad("declares an impossible size");
  }
  const bool binary = (header.flags & kBinaryValues) != 0;
  const size_t expected =
      kFront + sizeof(header) + Padded(header.name_size) + Padded(header.note_size) +
      Padded((header.rows + 1) * 4) + Padded(header.nonzeros * 4) +
      Padded(header.rows) + (binary ? 0 : header.nonzeros * 8);
  if (contents.size() != expected) {
    return bad(absl::StrCat("has ", contents.size(), " bytes where its header "
                            "declares ", expected, "; truncated?"));
  }
  dataset.digest_ = Sha256Hex(contents.substr(kFront));
  if (dataset.digest_ != contents.substr(sizeof(kMagic), kChecksumSize)) {
    return bad("wrong checksum");
  }
  SectionReader sections(contents.substr(kFront + sizeof(header)));
  const auto name = sections.Next<char>(header.name_size);
  const auto note = sections.Next<char>(header.note_size);
  dataset.info_.name.assign(name.begin(), name.end());
  dataset.info_.note.assign(note.begin(), note.end());
  dataset.info_.stand_in = (header.flags & kStandIn) != 0;
  dataset.view_.rows = static_cast<int64_t>(header.rows);
  dataset.view_.features = static_cast<int64_t>(header.features);
  dataset.view_.row_start = sections.Next<uint32_t>(header.rows + 1);
  dataset.view_.index = sections.Next<uint32_t>(header.nonzeros);
  dataset.view_.label = sections.Next<int8_t>(header.rows);
  if (binary) {
    dataset.ones_.assign(header.nonzeros, 1.0);
    dataset.view_.value = dataset.ones_;
  } else {
    dataset.view_.value = sections.Next<double>(header.nonzeros);
  }
  const absl::Status status = CheckMatrix(dataset.view_);
  if (!status.ok()) return bad(status.message());
  if (!HasBothClasses(dataset.view_)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": ", kOneClass));
  }
  return dataset;
}

}  // namespace anisograd
