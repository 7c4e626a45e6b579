#ifndef EXPERIMENTS_LOGISTIC_PROBLEM_DATASET_RECORD_H_
#define EXPERIMENTS_LOGISTIC_PROBLEM_DATASET_RECORD_H_

#include "data/dataset_file.h"
#include "experiments/result.pb.h"

namespace anisograd {

// What a result says of the data it was computed from.
inline DatasetRecord MakeDatasetRecord(const Dataset& dataset) {
  DatasetRecord record;
  record.set_name(dataset.info().name);
  record.set_digest(dataset.digest());
  record.set_rows(dataset.view().rows);
  record.set_features(dataset.view().features);
  record.set_nonzeros(static_cast<int64_t>(dataset.view().index.size()));
  record.set_stand_in(dataset.info().stand_in);
  record.set_note(dataset.info().note);
  return record;
}

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_PROBLEM_DATASET_RECORD_H_
