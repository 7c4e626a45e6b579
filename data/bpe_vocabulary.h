#ifndef DATA_BPE_VOCABULARY_H_
#define DATA_BPE_VOCABULARY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"

namespace anisograd {

struct BpeOptions {
  // Keeps only the first merges, for models whose vocabulary must be small.
  int max_merges = std::numeric_limits<int>::max();
  // Named in errors.
  std::string encoder_file = "encoder.json";
  std::string merges_file = "vocab.bpe";
};

// A byte-level byte-pair vocabulary as GPT-2's: with K merges,
//
//   ids 0 .. 255           one byte each, in the order of encoder.json,
//   ids 256 .. 255 + K     the merges' results, in the order of vocab.bpe,
//   id  256 + K            <|endoftext|>, which no text encodes to.
//
// So GPT-2's own ids are the case K = 50,000, and the vocabulary cut to its
// first K merges agrees with it on every id below 256 + K.
//
// Immutable; safe to share between threads.
class BpeVocabulary {
 public:
  static constexpr int32_t kBytes = 256;

  // From the contents of the official encoder.json and vocab.bpe. Both are
  // checked whole, whatever max_merges: well formed, ids without gaps or
  // repetitions and laid out as above, every merge of two earlier tokens. Both
  // may begin with a byte order mark, and lines may end with CRLF.
  // InvalidArgument "FILE:LINE: reason" where they are not.
  static absl::StatusOr<BpeVocabulary> FromGpt2Files(
      absl::string_view encoder_json, absl::string_view vocab_bpe,
      const BpeOptions& options = {});

  // The same without files and without merges (K = 0): the stand-in where the
  // official files cannot be had.
  static BpeVocabulary ByteLevel();

  int32_t size() const { return end_of_text() + 1; }
  int32_t merges() const { return end_of_text() - kBytes; }
  int32_t end_of_text() const {
    return static_cast<int32_t>(token_start_.size()) - 1;
  }

  int32_t ByteToken(uint8_t byte) const { return byte_token_[byte]; }

  // The token that `left` followed by `right` merges into, or kNoMerge. A merge
  // that comes earlier in vocab.bpe has the smaller result.
  static constexpr int32_t kNoMerge = std::numeric_limits<int32_t>::max();
  int32_t Merge(int32_t left, int32_t right) const {
    const auto it = merge_.find(PairKey(left, right));
    return it == merge_.end() ? kNoMerge : it->second;
  }

  // The bytes of a token in [0, end_of_text()).
  absl::string_view TokenBytes(int32_t token) const {
    const size_t begin = token_start_[token];
    return absl::string_view(bytes_).substr(begin,
                                            token_start_[token + 1] - begin);
  }

  // The concatenated bytes, end-of-text spelled out; not necessarily UTF-8,
  // since a token may hold part of a character. OutOfRange for an id that is
  // none.
  absl::StatusOr<std::string> Decode(absl::Span<const int32_t> tokens) const;

 private:
  BpeVocabulary() = default;

  static uint64_t PairKey(int32_t left, int32_t right) {
    return (uint64_t{static_cast<uint32_t>(left)} << 32) |
           static_cast<uint32_t>(right);
  }
  void AppendToken(absl::string_view bytes);

  std::array<int32_t, kBytes> byte_token_;
  absl::flat_hash_map<uint64_t, int32_t> merge_;
  // The bytes of all tokens, end to end; token t begins at token_start_[t].
  std::string bytes_;
  std::vector<uint32_t> token_start_ = {0};
};

}  // namespace anisograd

#endif  // DATA_BPE_VOCABULARY_H_
