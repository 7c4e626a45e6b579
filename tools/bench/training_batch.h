#ifndef TOOLS_BENCH_TRAINING_BATCH_H_
#define TOOLS_BENCH_TRAINING_BATCH_H_

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/gpt2/net/config.pb.h"
#include "experiments/gpt2/train/sequences.h"

namespace anisograd {

// Batches for benchmarks of GPT-2. The same in every run.

// Lengths of examples like Alpaca's, as many as `tokens` tokens hold: again and
// again the 64 numbers that cut the official data's lengths (52,002 examples
// cut to 512 tokens: mean 111.0, median 96, 99 % below 323) into parts of equal
// count, at their middles, in an order that mixes short and long. Their mean is
// 110.6; a token's sequence has 137.9 tokens in the mean (139.9 in the data).
std::vector<int64_t> AlpacaLengths(int64_t tokens);

// Sequences of these lengths, each token's target the next one. Ids are drawn
// log-uniformly from [0, vocabulary), id v with probability about
// 1 / ((v + 1) log vocabulary): as skewed as words are, since the way back
// through the embedding depends on it.
SequenceBatch MakeUpBatch(absl::Span<const int64_t> lengths,
                          int32_t vocabulary);

// What a step at most `tokens` tokens large consists of.
enum class Sequences {
  // Examples of their own lengths, without padding: AlpacaLengths(), or where
  // the environment variable BENCH_TOKENS names a token file
  // (data/token_file.h;
  // //data:alpaca_tokens), its own examples in shuffled order.
  kAlpaca,
  // As many sequences of `longest` tokens as fit, at least one.
  kLongest,
};
// InvalidArgument where `tokens` do not hold one example, or a token file's
// vocabulary exceeds `vocabulary`; or the error of reading it.
absl::StatusOr<SequenceBatch> TrainingBatch(Sequences sequences, int64_t tokens,
                                            int64_t longest,
                                            int32_t vocabulary);

// Floating-point operations of forward and backward pass over a batch
// (experiments/gpt2/net/flops.h), from its sequences' own lengths.
double TrainingFlops(const Gpt2Config& config, const SequenceBatch& batch);

}  // namespace anisograd

#endif  // TOOLS_BENCH_TRAINING_BATCH_H_
