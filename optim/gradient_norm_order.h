#ifndef OPTIM_GRADIENT_NORM_ORDER_H_
#define OPTIM_GRADIENT_NORM_ORDER_H_

#include <cstdint>

namespace anisograd {

// The order in which every device sums the squares of a gradient, in double, so
// that norms have the same bits: pieces of kNormPiece elements; in each,
// kNormChains interleaved sums, element i in sum i % kNormChains, that are added
// as a tree (s[i] += s[i + half], half = 8, 4, 2, 1); then the pieces one after
// the other.
constexpr int64_t kNormPiece = 1 << 16;
constexpr int kNormChains = 16;

}  // namespace anisograd

#endif  // OPTIM_GRADIENT_NORM_ORDER_H_
