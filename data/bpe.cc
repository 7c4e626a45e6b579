#include "data/bpe.h"

#include <algorithm>
#include <functional>
#include <limits>

#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Bounds the cache on texts without end or with endless words: natural text has
// few pieces beyond these.
constexpr size_t kLongestCachedPiece = 64;
constexpr size_t kMostCachedPieces = size_t{1} << 19;

constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
constexpr int32_t kNoMerge = BpeVocabulary::kNoMerge;

}  // namespace

absl::Status BpeEncoder::Append(absl::string_view text,
                                std::vector<int32_t>* tokens) {
  // Positions in a text are kept in 32 bits.
  if (text.size() >= kNone) {
    return absl::InvalidArgumentError("a text of 4 GiB or more");
  }
  RETURN_IF_ERROR(pretokenizer_.Split(text, &pieces_));
  for (const absl::string_view piece : pieces_) AppendPiece(piece, tokens);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<int32_t>> BpeEncoder::Encode(
    absl::string_view text) {
  std::vector<int32_t> tokens;
  RETURN_IF_ERROR(Append(text, &tokens));
  return tokens;
}

void BpeEncoder::AppendPiece(absl::string_view piece,
                             std::vector<int32_t>* tokens) {
  if (piece.size() > kLongestCachedPiece) return AppendMerged(piece, tokens);
  auto it = cache_.find(piece);
  if (it == cache_.end()) {
    if (cache_.size() >= kMostCachedPieces) return AppendMerged(piece, tokens);
    const size_t begin = cached_tokens_.size();
    AppendMerged(piece, &cached_tokens_);
    it = cache_
             .emplace(std::string(piece),
                      Cached{static_cast<uint32_t>(begin),
                             static_cast<uint32_t>(cached_tokens_.size() -
                                                   begin)})
             .first;
  }
  const auto first = cached_tokens_.begin() + it->second.begin;
  tokens->insert(tokens->end(), first, first + it->second.count);
}

// The symbols form a doubly linked list; a heap holds, for each adjacent pair
// that merges, (result, position), smallest result first, which is the order of
// the merges, and leftmost first among equals. An entry whose pair has changed
// since is recognised by its result. A new pair always merges later than the
// merge that made it (BpeVocabulary checks the order), so this equals merging
// all occurrences of one pair at a time.
void BpeEncoder::AppendMerged(absl::string_view piece,
                              std::vector<int32_t>* tokens) {
  const uint32_t size = static_cast<uint32_t>(piece.size());
  symbols_.resize(size);
  heap_.clear();
  const auto set_merge = [&](uint32_t at) {
    Symbol& symbol = symbols_[at];
    symbol.merged = symbol.next == kNone
                        ? kNoMerge
                        : vocabulary_->Merge(symbol.token,
                                             symbols_[symbol.next].token);
    if (symbol.merged == kNoMerge) return;
    heap_.push_back((uint64_t{static_cast<uint32_t>(symbol.merged)} << 32) |
                    at);
    std::push_heap(heap_.begin(), heap_.end(), std::greater<>());
  };
  for (uint32_t i = 0; i < size; ++i) {
    symbols_[i].token =
        vocabulary_->ByteToken(static_cast<uint8_t>(piece[i]));
    symbols_[i].previous = i == 0 ? kNone : i - 1;
    symbols_[i].next = i + 1 == size ? kNone : i + 1;
  }
  for (uint32_t i = 0; i < size; ++i) set_merge(i);
  while (!heap_.empty()) {
    std::pop_heap(heap_.begin(), heap_.end(), std::greater<>());
    const uint32_t at = static_cast<uint32_t>(heap_.back());
    const int32_t merged = static_cast<int32_t>(heap_.back() >> 32);
    heap_.pop_back();
    Symbol& symbol = symbols_[at];
    if (symbol.merged != merged) continue;
    Symbol& eaten = symbols_[symbol.next];
    // Its own entry, and the entry at `at`, are stale from here on.
    eaten.merged = kNoMerge;
    symbol.token = merged;
    symbol.next = eaten.next;
    if (symbol.next != kNone) symbols_[symbol.next].previous = at;
    set_merge(at);
    if (symbol.previous != kNone) set_merge(symbol.previous);
  }
  for (uint32_t i = 0; i != kNone; i = symbols_[i].next) {
    tokens->push_back(symbols_[i].token);
  }
}

}  // namespace anisograd
