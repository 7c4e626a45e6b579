#include "tools/bench/training_batch.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdlib>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/net/flops.h"
#include "experiments/gpt2/net/token_batch.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr int64_t kQuantiles = 64;
// Quantile (i + 1/2) / 64 of the lengths.
constexpr int64_t kLengths[kQuantiles] = {
    43,  47,  50,  52,  54,  56,  58,  60,  61,  63,  64,  66,  67,
    68,  69,  71,  72,  73,  74,  75,  76,  78,  79,  81,  82,  84,
    85,  87,  89,  91,  93,  95,  97,  100, 102, 104, 107, 109, 111,
    114, 116, 119, 121, 124, 126, 129, 132, 135, 138, 141, 144, 148,
    151, 156, 160, 165, 171, 177, 185, 195, 208, 228, 264, 340};
// Odd, so that its multiples run through all 64 places.
constexpr int64_t kStep = 27;

// Examples of a token file, shuffled, as long as they fit.
absl::StatusOr<SequenceBatch> BatchFromFile(const char* path, int64_t tokens,
                                            int32_t vocabulary) {
  ASSIGN_OR_RETURN(const TokenFile file, ReadTokenFile(path));
  if (file.tokens.vocabulary_size > vocabulary) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": has a vocabulary of ",
                     file.tokens.vocabulary_size, ", the model ", vocabulary));
  }
  Gpt2Protocol protocol;
  protocol.set_sequence_mode(Gpt2Protocol::PACKED);
  protocol.set_sequence_length(512);
  ASSIGN_OR_RETURN(const SequenceSet set,
                   SequenceSet::Create(file.tokens, protocol));
  SequenceOrder order(set.size(), 1, 42, LogisticProtocol::KEEP);
  SequenceBatch batch;
  for (int64_t i = 0; i < set.size(); ++i) {
    const int64_t next = order.Step(i).front();
    if (batch.starts.back() + set.length(next) > tokens) break;
    set.Append(next, &batch);
  }
  if (batch.sequences() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": its first example is longer than ", tokens, " tokens"));
  }
  return batch;
}

}  // namespace

std::vector<int64_t> AlpacaLengths(int64_t tokens) {
  std::vector<int64_t> lengths;
  int64_t used = 0;
  for (int64_t i = 0;; ++i) {
    const int64_t length = kLengths[(i + 1) * kStep % kQuantiles];
    used += length;
    if (used > tokens) return lengths;
    lengths.push_back(length);
  }
}

SequenceBatch MakeUpBatch(absl::Span<const int64_t> lengths,
                          int32_t vocabulary) {
  RandomStream random(1, RandomPurpose::kSyntheticData);
  SequenceBatch batch;
  for (const int64_t length : lengths) {
    for (int64_t i = 0; i < length; ++i) {
      const double id = std::pow(vocabulary, random.NextUniform()) - 1.0;
      batch.tokens.push_back(
          std::min(static_cast<int32_t>(id), vocabulary - 1));
    }
    batch.targets.insert(batch.targets.end(), batch.tokens.end() - length + 1,
                         batch.tokens.end());
    batch.targets.push_back(kNoTarget);
    batch.starts.push_back(static_cast<int64_t>(batch.tokens.size()));
  }
  batch.real_tokens = batch.starts.back();
  return batch;
}

absl::StatusOr<SequenceBatch> TrainingBatch(Sequences sequences, int64_t tokens,
                                            int64_t longest,
                                            int32_t vocabulary) {
  if (sequences == Sequences::kLongest) {
    const auto count =
        static_cast<size_t>(std::max<int64_t>(1, tokens / longest));
    return MakeUpBatch(std::vector<int64_t>(count, longest), vocabulary);
  }
  const char* const path = std::getenv("BENCH_TOKENS");
  if (path != nullptr) return BatchFromFile(path, tokens, vocabulary);
  const std::vector<int64_t> lengths = AlpacaLengths(tokens);
  if (lengths.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("the first sequence is longer than ", tokens, " tokens"));
  }
  return MakeUpBatch(lengths, vocabulary);
}

double TrainingFlops(const Gpt2Config& config, const SequenceBatch& batch) {
  const double tokens = static_cast<double>(batch.starts.back());
  // The length T at which tokens (T + 1) / 2 is the number of pairs of a token
  // and one that it attends to.
  double squares = 0.0;
  for (size_t s = 0; s + 1 < batch.starts.size(); ++s) {
    const double length =
        static_cast<double>(batch.starts[s + 1] - batch.starts[s]);
    squares += length * length;
  }
  return tokens * Gpt2TrainingFlopsPerToken(
                      config, squares / tokens,
                      static_cast<double>(batch.counted_tokens()) / tokens);
}

}  // namespace anisograd
