#ifndef DATA_BPE_PRETOKENIZER_H_
#define DATA_BPE_PRETOKENIZER_H_

#include <memory>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Splits text into the pieces that GPT-2's byte-pair merges never cross
// (Radford et al. 2019, encoder.py):
//
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// The classes are Unicode's: general categories L and N and the property
// White_Space, by the tables of the machine's PCRE2 (docs/determinism.md); a letter
// that a later Unicode adds is punctuation here. The pieces cover the text without
// gaps.
//
// One per thread: Split() uses scratch memory of the object.
class BpePretokenizer {
 public:
  BpePretokenizer();
  BpePretokenizer(BpePretokenizer&&) noexcept;
  BpePretokenizer& operator=(BpePretokenizer&&) noexcept;
  ~BpePretokenizer();

  // Replaces `*pieces` by views into `text`. InvalidArgument where `text` is
  // not UTF-8, with the offset of the first bad byte.
  absl::Status Split(absl::string_view text,
                     std::vector<absl::string_view>* pieces) const;

 private:
  struct Regex;
  std::unique_ptr<Regex> regex_;
};

}  // namespace anisograd

#endif  // DATA_BPE_PRETOKENIZER_H_
