#ifndef DATA_SYNTHETIC_CATEGORICAL_H_
#define DATA_SYNTHETIC_CATEGORICAL_H_

#include "data/csr.h"
#include "data/dataset.pb.h"

namespace anisograd {

// The stand-in that CategoricalSpec describes; all values are 1. Row i is a
// function of the seed and i alone. `spec` must be valid (data/dataset_spec.h).
CsrMatrix GenerateCategorical(const DatasetSpec& spec);

}  // namespace anisograd

#endif  // DATA_SYNTHETIC_CATEGORICAL_H_
