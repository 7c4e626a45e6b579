#ifndef DATA_DATASET_FILE_H_
#define DATA_DATASET_FILE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/csr.h"
#include "tools/base/file.h"

namespace anisograd {

// What a data set is, beside its rows.
struct DatasetInfo {
  std::string name;
  // True when the official file could not be had.
  bool stand_in = false;
  // Says what stood in, in one line; empty for official data.
  std::string note;
};

// The binary form of a data set: magic number with version, SHA-256 of all that
// follows, a header of sizes and flags, then name, note, row starts, indices,
// labels and values, each section aligned to 8 bytes, little-endian, so that a
// memory map of the file is the matrix.
// Values are left out when all are 1. InvalidArgument for what Open would refuse,
// else the errors of AtomicFileWriter.
absl::Status WriteDataset(const std::string& path, const DatasetInfo& info,
                          const CsrView& matrix);

// A data set in binary form, mapped.
class Dataset {
 public:
  // Maps and checks the file: sizes, checksum, and that it holds a valid
  // matrix. DataLoss "PATH: reason" when it does not; InvalidArgument where all
  // rows are of one class, so that there is nothing to learn.
  static absl::StatusOr<Dataset> Open(const std::string& path);
  // The same for bytes in memory, aligned to 8, which must outlive the result;
  // `path` is only named in messages.
  static absl::StatusOr<Dataset> Parse(absl::string_view bytes,
                                       const std::string& path);

  Dataset(Dataset&&) = default;
  Dataset& operator=(Dataset&&) = default;

  const DatasetInfo& info() const { return info_; }
  // Lower-case hexadecimal SHA-256 of all that follows it in the file.
  const std::string& digest() const { return digest_; }
  // Valid while the data set lives; moving keeps it.
  const CsrView& view() const { return view_; }

 private:
  Dataset() = default;

  MappedFile file_;
  DatasetInfo info_;
  std::string digest_;
  // The ones that the file leaves out.
  std::vector<double> ones_;
  CsrView view_;
};

}  // namespace anisograd

#endif  // DATA_DATASET_FILE_H_
