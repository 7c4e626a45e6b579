#ifndef DATA_BPE_H_
#define DATA_BPE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "data/bpe_pretokenizer.h"
#include "data/bpe_vocabulary.h"

namespace anisograd {

// GPT-2's byte-level byte-pair encoding (Sennrich et al. 2016; Radford et al.
// 2019): the text is split into pieces (data/bpe_pretokenizer.h); within each,
// starting from single bytes, the adjacent pair whose merge comes first in the
// vocabulary is merged, leftmost first, until none is left. The same ids as
// OpenAI's encoder.py and tiktoken's "gpt2". "<|endoftext|>" in a text is text.
//
// A piece of n bytes costs O(n log n); pieces seen before cost a look-up.
// One per thread: the object keeps the pieces it has seen.
class BpeEncoder {
 public:
  // `vocabulary` must outlive the encoder.
  explicit BpeEncoder(const BpeVocabulary* vocabulary)
      : vocabulary_(vocabulary) {}

  const BpeVocabulary& vocabulary() const { return *vocabulary_; }

  // Appends the tokens of `text`. InvalidArgument, with nothing appended, where
  // `text` is not UTF-8.
  absl::Status Append(absl::string_view text, std::vector<int32_t>* tokens);

  absl::StatusOr<std::vector<int32_t>> Encode(absl::string_view text);

 private:
  struct Cached {
    uint32_t begin;
    uint32_t count;
  };

  void AppendPiece(absl::string_view piece, std::vector<int32_t>* tokens);
  // The merges themselves, for one piece.
  void AppendMerged(absl::string_view piece, std::vector<int32_t>* tokens);

  const BpeVocabulary* vocabulary_;
  BpePretokenizer pretokenizer_;
  // Tokens of each known piece: cached_tokens_[begin .. begin + count).
  absl::flat_hash_map<std::string, Cached> cache_;
  std::vector<int32_t> cached_tokens_;
  // Scratch of Append and AppendMerged.
  std::vector<absl::string_view> pieces_;
  struct Symbol {
    int32_t token;
    // What this symbol and the next merge into.
    int32_t merged;
    uint32_t previous;
    uint32_t next;
  };
  std::vector<Symbol> symbols_;
  std::vector<uint64_t> heap_;
};

}  // namespace anisograd

#endif  // DATA_BPE_H_
