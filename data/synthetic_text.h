#ifndef DATA_SYNTHETIC_TEXT_H_
#define DATA_SYNTHETIC_TEXT_H_

#include "data/csr.h"
#include "data/dataset.pb.h"

namespace anisograd {

// The stand-in that TextSpec describes. `spec` must be valid
// (data/dataset_spec.h). Takes 16 bytes x topics x features beside the result.
CsrMatrix GenerateText(const DatasetSpec& spec);

}  // namespace anisograd

#endif  // DATA_SYNTHETIC_TEXT_H_
