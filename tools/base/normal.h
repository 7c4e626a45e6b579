#ifndef TOOLS_BASE_NORMAL_H_
#define TOOLS_BASE_NORMAL_H_

#include <cstdint>

#include "tools/base/random.h"

namespace anisograd {

// The x with P(N(0, 1) <= x) = p, for 0 < p < 1: algorithm AS 241 (PPND16) of
// Wichura, "The percentage points of the normal distribution" (Applied
// Statistics, 1988), accurate to about 1 part in 10^16. Built from correctly
// rounded operations and our own logarithm, so the bits are the same anywhere.
double InverseNormal(double p);

// The standard normal number at `position` of a stream; a pure function, so
// that tensors can be filled in any order.
double NormalAt(const RandomStream& stream, uint64_t position);

}  // namespace anisograd

#endif  // TOOLS_BASE_NORMAL_H_
