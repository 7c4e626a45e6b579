#ifndef EXPERIMENTS_RESULT_FILE_H_
#define EXPERIMENTS_RESULT_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/result.pb.h"

namespace anisograd {

// OK for a result of one cell that has what everybody who reads results counts on:
// one method and batch size, the runs of every grid point one a seed, of each a
// loss and an epoch's mean loss for each further one, and a grid where a point of
// it was selected. Else DataLoss "FIELD: reason". A trainer writes no other; a
// damaged file can be one that Protocol Buffers can read.
absl::Status CheckResult(const ExperimentResult& result);

// Reads the result of one cell. NotFound, or DataLoss where the file is none;
// errors name the file.
absl::StatusOr<ExperimentResult> ReadResult(const std::string& path);

}  // namespace anisograd

#endif  // EXPERIMENTS_RESULT_FILE_H_
