#ifndef TOOLS_CUDA_GROWTH_H_
#define TOOLS_CUDA_GROWTH_H_

#include <cstdint>

namespace anisograd {
namespace cuda {

// How much a buffer of `had` elements takes that has to hold `size`: what it
// needs at first, an eighth more when it grows, since batches that differ a
// little would else make it grow again and again, and the device wait each time.
inline int64_t GrownSize(int64_t had, int64_t size) {
  return had == 0 ? size : size + size / 8;
}

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_GROWTH_H_
