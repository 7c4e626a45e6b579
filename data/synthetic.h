#ifndef DATA_SYNTHETIC_H_
#define DATA_SYNTHETIC_H_

#include <cstdint>

#include "data/csr.h"
#include "data/dataset.pb.h"

namespace anisograd {

// The stand-in of a data set: `spec.rows()` rows in `spec.features()` features,
// drawn as its SyntheticSpec says, in one of the three kinds; the same bytes on
// every machine. `spec` must be valid (data/dataset_spec.h) and have a
// `synthetic` part.
CsrMatrix GenerateStandIn(const DatasetSpec& spec);

// Data with the exponential tail of Assumption B.2 (Appendix B):
// x_ij = +-exp(-tau j / 2), j = 1 .. features, with random signs, so that
// (1/n) sum_i x_ij^2 = exp(-tau j); labels are the sign of the row's first
// coordinate, flipped for one row in ten.
CsrMatrix GenerateExponentialTail(int64_t rows, int64_t features, double tau,
                                  uint64_t seed);

}  // namespace anisograd

#endif  // DATA_SYNTHETIC_H_
