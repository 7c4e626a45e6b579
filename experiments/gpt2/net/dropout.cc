#include "experiments/gpt2/net/dropout.h"

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

// x[i] *= scale or 0 for i in [0, n), by the words of 2 kGroups vectors.
template <int kGroups>
HWY_INLINE void Multiply(const hn::Vec<PhiloxWords>* words, uint32_t threshold,
                         float scale, int64_t n, float* x) {
  const Tag<float> d;
  const auto least = hn::Set(PhiloxWords(), threshold);
#pragma GCC unroll 4
  for (int v = 0; v < 2 * kGroups; ++v) {
    // word >= threshold
    const auto kept =
        hn::RebindMask(d, hn::Eq(hn::Max(words[v], least), words[v]));
    const auto factor = hn::IfThenElseZero(kept, hn::Set(d, scale));
    const int64_t first = v * kLanes<float>;
    const auto multiply = [&](const auto& at) HWY_ATTR {
      at.Store(hn::Mul(at.Load(x), factor), x);
    };
    if (first + kLanes<float> <= n) {
      multiply(Whole<float>{first});
    } else if (first < n) {
      multiply(Part<float>(first, n - first));
    }
  }
}
template <int kGroups>
HWY_INLINE void Multiply(const hn::Vec<PhiloxWords>* words, uint32_t threshold,
                         double scale, int64_t n, double* x) {
  HWY_ALIGN uint32_t one[kPhiloxWords<kGroups>];
#pragma GCC unroll 4
  for (int v = 0; v < 2 * kGroups; ++v) {
    hn::Store(words[v], PhiloxWords(), one + v * kLanes<uint32_t>);
  }
  for (int64_t i = 0; i < n; ++i) x[i] *= one[i] >= threshold ? scale : 0.0;
}

// Dropout::Apply, with the counter's halves as there.
template <typename T>
void MultiplyRow(uint64_t seed, uint64_t high, uint64_t low, uint32_t threshold,
                 T scale, uint64_t first, int64_t n, T* x) {
  constexpr int64_t kOne = kPhiloxWords<1>, kTwo = kPhiloxWords<2>;
  hn::Vec<PhiloxWords> words[4];
  const auto draw_from = [&](int64_t i) HWY_ATTR {
    return low | ((first + static_cast<uint64_t>(i)) / 4);
  };
  int64_t i = 0;
  const int64_t within = static_cast<int64_t>(first % 4);
  if (within != 0) {
    // To the end of the block that the first element is in.
    T block[4] = {};
    i = 4 - within < n ? 4 - within : n;
    for (int64_t j = 0; j < i; ++j) block[within + j] = x[j];
    PhiloxVectors<1>(seed, high, draw_from(0), words);
    Multiply<1>(words, threshold, scale, 4, block);
    for (int64_t j = 0; j < i; ++j) x[j] = block[within + j];
  }
  for (; i + kOne < n; i += kTwo) {
    PhiloxVectors<2>(seed, high, draw_from(i), words);
    Multiply<2>(words, threshold, scale, kTwo < n - i ? kTwo : n - i, x + i);
  }
  if (i < n) {
    PhiloxVectors<1>(seed, high, draw_from(i), words);
    Multiply<1>(words, threshold, scale, n - i, x + i);
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
