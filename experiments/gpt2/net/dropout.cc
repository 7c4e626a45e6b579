#include "experiments/gpt2/net/dropout.h"

#include <algorithm>

#include "tools/base/random_vector.h"

namespace anisograd {

template <typename T>
void Dropout::Apply(uint64_t first, int64_t n, T* x) const {
  if (!enabled()) return;
  const T scale = static_cast<T>(scale_);
  const uint64_t end = first + static_cast<uint64_t>(n);
  uint64_t block = first / 4;
  while (block * 4 < end) {
    if (block * 4 >= first && block * 4 + 16 <= end) {
      uint32_t words[16];
      Philox4x32Four(seed_, high_, low_ | block, words);
      T* const four = x + (block * 4 - first);
      for (int i = 0; i < 16; ++i) {
        four[i] *= words[i] >= threshold_ ? scale : T{0};
      }
      block += 4;
      continue;
    }
    uint32_t words[4];
    Words(block, words);
    const uint64_t from = std::max(first, block * 4);
    const uint64_t to = std::min(end, block * 4 + 4);
    for (uint64_t e = from; e < to; ++e) {
      x[e - first] *= Keeps(words[e % 4]) ? scale : T{0};
    }
    ++block;
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

#define ANISOGRAD_INSTANTIATE(T)                                  \
  template void Dropout::Apply<T>(uint64_t, int64_t, T*) const;   \
  template void ApplyDropout<T>(ThreadPool*, const Dropout&, int64_t, \
                                MatrixView<T>)
ANISOGRAD_INSTANTIATE(float);
ANISOGRAD_INSTANTIATE(double);
#undef ANISOGRAD_INSTANTIATE

}  // namespace anisograd
