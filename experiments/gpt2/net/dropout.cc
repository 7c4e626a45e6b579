#include "experiments/gpt2/net/dropout.h"

#include <algorithm>

#include "tools/base/isa.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "experiments/gpt2/net/dropout.cc"
#include "hwy/foreach_target.h"
#include "experiments/gpt2/net/vector_loops.h"
#include "tools/base/random_vector.h"

HWY_BEFORE_NAMESPACE();
namespace anisograd {
namespace HWY_NAMESPACE {
namespace {

// x[i] *= scale or 0 for i in [0, n), where each x has its word.
template <typename T>
HWY_INLINE void MultiplyOneByOne(const uint32_t* words, uint32_t threshold,
                                 T scale, int64_t n, T* x) {
  for (int64_t i = 0; i < n; ++i) {
    x[i] *= words[i] >= threshold ? scale : T{0};
  }
}

// The same for the elements that have the words of 2 kGroups vectors.
template <int kGroups>
HWY_INLINE void Multiply(const hn::Vec<PhiloxWords>* words, uint32_t threshold,
                         float scale, float* x) {
  const Tag<float> d;
  const PhiloxWords d32;
  const auto least = hn::Set(d32, threshold);
#pragma GCC unroll 4
  for (int v = 0; v < 2 * kGroups; ++v, x += kLanes<float>) {
    // word >= threshold
    const auto kept =
        hn::RebindMask(d, hn::Eq(hn::Max(words[v], least), words[v]));
    hn::StoreU(hn::Mul(hn::LoadU(d, x),
                       hn::IfThenElseZero(kept, hn::Set(d, scale))),
               d, x);
  }
}
template <int kGroups>
HWY_INLINE void Multiply(const hn::Vec<PhiloxWords>* words, uint32_t threshold,
                         double scale, double* x) {
  HWY_ALIGN uint32_t one[kPhiloxWords<kGroups>];
#pragma GCC unroll 4
  for (int v = 0; v < 2 * kGroups; ++v) {
    hn::Store(words[v], PhiloxWords(), one + v * kLanes<uint32_t>);
  }
  MultiplyOneByOne(one, threshold, scale, kPhiloxWords<kGroups>, x);
}

// Dropout::Apply, with the counter's halves as there.
template <typename T>
void MultiplyRow(uint64_t seed, uint64_t high, uint64_t low, uint32_t threshold,
                 T scale, uint64_t first, int64_t n, T* x) {
  constexpr int64_t kOne = kPhiloxWords<1>, kTwo = kPhiloxWords<2>;
  hn::Vec<PhiloxWords> words[4];
  // Within the block of the first element.
  const int64_t before = static_cast<int64_t>(first % 4);
  int64_t i = -before;
  const auto draw = [&]() HWY_ATTR {
    return low | ((first + static_cast<uint64_t>(i)) / 4);
  };
  if (before == 0) {
    for (; i + kTwo <= n; i += kTwo) {
      PhiloxVectors<2>(seed, high, draw(), words);
      Multiply<2>(words, threshold, scale, x + i);
    }
    for (; i + kOne <= n; i += kOne) {
      PhiloxVectors<1>(seed, high, draw(), words);
      Multiply<1>(words, threshold, scale, x + i);
    }
  }
  // What does not fill a group, on a copy.
  while (i < n) {
    HWY_ALIGN T part[kOne];
    const int64_t begin = i < 0 ? 0 : i;
    const int64_t end = i + kOne < n ? i + kOne : n;
    for (int64_t j = begin; j < end; ++j) part[j - i] = x[j];
    PhiloxVectors<1>(seed, high, draw(), words);
    Multiply<1>(words, threshold, scale, part);
    for (int64_t j = begin; j < end; ++j) x[j] = part[j - i];
    i += kOne;
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace anisograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace anisograd {

template <typename T>
void Dropout::Apply(uint64_t first, int64_t n, T* x) const {
  if (!enabled()) return;
  ANISOGRAD_FOR_ISA(MultiplyRow<T>)(seed_, high_, low_, threshold_,
                                    static_cast<T>(scale_), first, n, x);
}

template <typename T>
void ApplyDropout(ThreadPool* pool, const Dropout& dropout, int64_t first_row,
                  MatrixView<T> x) {
  if (!dropout.enabled()) return;
  constexpr int64_t kRows = 8;
  pool->ParallelRanges(x.rows, kRows, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      dropout.Apply(static_cast<uint64_t>((first_row + i) * x.columns),
                    x.columns, x.row(i));
    }
  });
}

#define ANISOGRAD_INSTANTIATE(T)                                      \
  template void Dropout::Apply<T>(uint64_t, int64_t, T*) const;       \
  template void ApplyDropout<T>(ThreadPool*, const Dropout&, int64_t, \
                                MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
#endif  // HWY_ONCE
