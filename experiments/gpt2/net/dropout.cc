#include "experiments/gpt2/net/dropout.h"

#include <algorithm>

#include "tools/base/random_vector.h"

namespace anisograd {

template <typename T>
void Dropout::Apply(uint64_t first, int64_t n, T* x) const {
  if (!enabled()) return;
  const T scale = static_cast<T>(scale_);
  const uint64_t end = first + static_cast<uint64_t>(n);
  uint32_t words[32];
  uint64_t e = first / 4 * 4;
  while (e < end) {
    T* const from = x + (e - first);
    if (e >= first && e + 32 <= end) {
      Philox4x32Groups<2>(seed_, high_, low_ | (e / 4), words);
      for (int i = 0; i < 32; ++i) {
        from[i] *= words[i] >= threshold_ ? scale : T{0};
      }
      e += 32;
      continue;
    }
    Philox4x32Groups<1>(seed_, high_, low_ | (e / 4), words);
    T factors[16];
    for (int i = 0; i < 16; ++i) {
      factors[i] = words[i] >= threshold_ ? scale : T{0};
    }
    const uint64_t stop = std::min<uint64_t>(end - e, 16);
    for (uint64_t i = e < first ? first - e : 0; i < stop; ++i) {
      from[i] *= factors[i];
    }
    e += 16;
  }
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
