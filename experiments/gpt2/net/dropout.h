#ifndef EXPERIMENTS_GPT2_NET_DROPOUT_H_
#define EXPERIMENTS_GPT2_NET_DROPOUT_H_

#include <cstdint>

#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/host_device.h"
#include "tools/base/random.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// Which random numbers a training step drops by.
struct DropoutKey {
  uint64_t seed = 0;
  uint32_t step = 0;
};

// Where in a block dropout stands.
enum class DropoutSite : uint32_t {
  kEmbedding = 0,            // in layer 0: element = token * C + column
  kAttention = 1,            // element = (token * heads + head) * context + key
  kAttentionResidual = 2,    // element = token * C + column
  kFeedForwardResidual = 3,  // element = token * C + column
};

// Inverted dropout at one site of one layer in one step: element e is zeroed
// with probability p, else multiplied by 1 / (1 - p). Whether it is zeroed is a
// pure function of (seed, step, layer, site, e), and tokens are numbered within
// the whole step, so that neither threads, nor micro-batches, nor packing, nor
// the device show in it. Nothing is stored: the way back draws the same numbers.
//
// e < 2^46 has word e % 4 of the Philox block with the key `seed`, the high
// counter (kDropout, step), the low counter (layer, site, e / 4) in bits
// (63..48, 47..44, 43..0), and is zeroed where the word is below p 2^32.
class Dropout {
 public:
  // p in [0, 1).
  ANISOGRAD_HOST_DEVICE Dropout(const DropoutKey& key, int layer,
                                DropoutSite site, double p)
      : seed_(key.seed),
        high_((uint64_t{static_cast<uint32_t>(RandomPurpose::kDropout)} << 32) |
              key.step),
        low_((static_cast<uint64_t>(layer) << 48) |
             (static_cast<uint64_t>(site) << 44)),
        threshold_(static_cast<uint32_t>(p * 4294967296.0)),
        scale_(1.0 / (1.0 - p)) {}
  // No dropout.
  Dropout() = default;

  bool enabled() const { return threshold_ != 0; }
  double scale() const { return scale_; }

  // The four words of elements 4 block .. 4 block + 3.
  ANISOGRAD_HOST_DEVICE void Words(uint64_t block, uint32_t words[4]) const {
    Philox4x32(seed_, high_, low_ | block, words);
  }
  ANISOGRAD_HOST_DEVICE bool Keeps(uint32_t word) const {
    return word >= threshold_;
  }

  // x[i] *= factor of element first + i, for i in [0, n).
  template <typename T>
  void Apply(uint64_t first, int64_t n, T* x) const;

 private:
  uint64_t seed_ = 0;
  uint64_t high_ = 0;
  uint64_t low_ = 0;
  uint32_t threshold_ = 0;
  double scale_ = 1.0;
};

// x *= factors, where row i holds the elements from (first_row + i) * columns.
template <typename T>
void ApplyDropout(ThreadPool* pool, const Dropout& dropout, int64_t first_row,
                  MatrixView<T> x);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_DROPOUT_H_
