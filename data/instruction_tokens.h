#ifndef DATA_INSTRUCTION_TOKENS_H_
#define DATA_INSTRUCTION_TOKENS_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "data/bpe.h"
#include "data/instruction_example.h"

namespace anisograd {

// The prompt that Stanford Alpaca (Taori et al. 2023) puts before a response:
// one template for an example with an input, one for an example without.
std::string AlpacaPrompt(const InstructionExample& example);

// An instruction set as tokens: example i is
//   tokens[offsets[i] .. offsets[i + 1])
// whose first prompt_lengths[i] tokens are the prompt and the others the
// response with its end-of-text.
struct InstructionTokens {
  // Ids are below this.
  int32_t vocabulary_size = 0;
  int32_t end_of_text = 0;
  std::vector<int32_t> tokens;
  // Strictly increasing from 0; one more than there are examples.
  std::vector<int64_t> offsets = {0};
  std::vector<int32_t> prompt_lengths;

  int64_t examples() const {
    return static_cast<int64_t>(prompt_lengths.size());
  }
  absl::Span<const int32_t> Example(int64_t i) const {
    return absl::MakeConstSpan(tokens).subspan(
        static_cast<size_t>(offsets[i]),
        static_cast<size_t>(offsets[i + 1] - offsets[i]));
  }
};

// Tokens of whole examples, before truncation. On the official Alpaca with
// GPT-2's vocabulary: 52,002 examples, 2,741,611 prompt and 3,039,629 response
// tokens, 5,781,240 in all; 68 examples exceed 512, and truncation to 512
// leaves 5,772,844 tokens, 2,741,573 of them prompt.
struct InstructionTokenCounts {
  int64_t prompt = 0;
  // With end-of-text.
  int64_t response = 0;
  // Examples that exceed max_length.
  int64_t truncated_examples = 0;
};

struct InstructionTokensOptions {
  // An example's tokens beyond this are dropped, end-of-text among them, as
  // Hugging Face's truncation does.
  int32_t max_length = 512;
};

// Encodes each example as its prompt, then its output, then end-of-text. Prompt
// and output are encoded apart, so that no token crosses from one to the other:
// a mask of the prompt is exact, and generation starts from the very tokens
// seen in training. (Stanford's script encodes them joined; there, 1,677
// examples begin with a token that spans ':' and the output.)
//
// InvalidArgument where a text is not UTF-8, naming the example (from 1).
// `counts` may be null.
absl::StatusOr<InstructionTokens> TokenizeInstructions(
    absl::Span<const InstructionExample> examples, BpeEncoder* encoder,
    const InstructionTokensOptions& options = {},
    InstructionTokenCounts* counts = nullptr);

}  // namespace anisograd

#endif  // DATA_INSTRUCTION_TOKENS_H_
