#include "experiments/gpt2/net/flops.h"

namespace anisograd {

double Gpt2TrainingFlopsPerToken(const Gpt2Config& config,
                                 double sequence_length,
                                 double counted_share) {
  const double width = config.width();
  const double blocks = 12.0 * config.layers() * width * width;
  const double head = config.vocabulary() * width * counted_share;
  // Scores and weighted values, each a multiply-add per column and key.
  const double attention =
      2.0 * config.layers() * width * (sequence_length + 1.0) / 2.0;
  return 6.0 * (blocks + head + attention);
}

}  // namespace anisograd
