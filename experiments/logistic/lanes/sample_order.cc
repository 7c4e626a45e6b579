#include "experiments/logistic/lanes/sample_order.h"

#include <numeric>

#include "tools/base/random.h"
#include "tools/base/random_buffer.h"

namespace anisograd {

std::vector<double> InitialWeights(uint64_t seed, double radius,
                                   int64_t dimension) {
  RandomStream stream(seed, RandomPurpose::kInitialWeights);
  std::vector<double> weights(dimension);
  for (double& w : weights) w = stream.NextUniform(-radius, radius);
  return weights;
}

int64_t SamplesPerEpoch(const GridTrainerOptions& options, int64_t rows) {
  if (options.protocol.last_batch() == LogisticProtocol::DROP &&
      rows >= options.batch_size) {
    return rows - rows % options.batch_size;
  }
  return rows;
}

void DrawSampleOrder(const GridTrainerOptions& options, int64_t rows,
                     uint32_t epoch, std::vector<uint32_t>* order) {
  order->resize(rows);
  if (options.protocol.sampling() == LogisticProtocol::WITH_REPLACEMENT) {
    BufferedRandomStream stream(options.seed, RandomPurpose::kSampling, epoch);
    for (uint32_t& i : *order) {
      i = static_cast<uint32_t>(stream.NextBelow(rows));
    }
  } else {
    std::iota(order->begin(), order->end(), 0);
    Shuffle(BufferedRandomStream(options.seed, RandomPurpose::kShuffle, epoch),
            order->data(), order->size());
  }
  order->resize(SamplesPerEpoch(options, rows));
}

}  // namespace anisograd
