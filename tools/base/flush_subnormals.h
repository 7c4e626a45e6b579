#ifndef TOOLS_BASE_FLUSH_SUBNORMALS_H_
#define TOOLS_BASE_FLUSH_SUBNORMALS_H_

#include <xmmintrin.h>

namespace anisograd {

// While one lives, its thread takes subnormal operands and results (below
// 2.3e-308, in single precision 1.2e-38) for zero. A product with one costs a
// processor many times one without.
class FlushSubnormals {
 public:
  FlushSubnormals() : old_(_mm_getcsr()) {
    constexpr unsigned kDenormalsAreZero = 1 << 6;
    _mm_setcsr(old_ | _MM_FLUSH_ZERO_ON | kDenormalsAreZero);
  }
  ~FlushSubnormals() { _mm_setcsr(old_); }
  FlushSubnormals(const FlushSubnormals&) = delete;
  FlushSubnormals& operator=(const FlushSubnormals&) = delete;

 private:
  const unsigned old_;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_FLUSH_SUBNORMALS_H_
