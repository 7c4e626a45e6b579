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

// How an example becomes text: what stands before the response.
enum class InstructionTemplate {
  // Stanford Alpaca's (Taori et al. 2023): one for an example with an input,
  // one for an example without.
  kStanford,
  // "Input: INSTRUCTION\nINPUT\nOutput: RESPONSE", as the examples of LMFlow's
  // documentation; its line ends are our reading.
  kLmflow,
  // "INSTRUCTION\nINPUT\nRESPONSE": no template, as text that a model is
  // pre-trained on.
  kPlain,
};

// "stanford", "lmflow", "plain".
absl::StatusOr<InstructionTemplate> ParseInstructionTemplate(
    const std::string& name);

// The two joined are the example's text, without end-of-text.
struct InstructionText {
  std::string prompt;
  std::string response;
};
InstructionText MakeInstructionText(const InstructionExample& example,
                                    InstructionTemplate how);

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
// GPT-2's vocabulary and the defaults below: 52,002 examples, 2,741,611 prompt
// and 3,039,629 response tokens, 5,781,240 in all; 68 examples exceed 512, and
// truncation to 512 leaves 5,772,844 tokens, 2,741,573 of them prompt. Joint:
// 5,779,625 in all.
struct InstructionTokenCounts {
  int64_t prompt = 0;
  // With end-of-text.
  int64_t response = 0;
  // Examples that exceed max_length.
  int64_t truncated_examples = 0;
  // Joint: examples whose tokens are not those of prompt and response apart,
  // since a token spans the border.
  int64_t joined_examples = 0;
};

struct InstructionTokensOptions {
  // An example's tokens beyond this are dropped, end-of-text among them, as
  // Hugging Face's truncation does.
  int32_t max_length = 512;
  InstructionTemplate how = InstructionTemplate::kStanford;
  // Prompt and response are encoded as one text, as Stanford Alpaca's script
  // does: a token may span the border, and the prompt has as many of the tokens
  // as it has when encoded alone (so a mask hides the spanning token). Else
  // apart: no token crosses, a mask of the prompt is exact, and generation starts
  // from the very tokens seen in training.
  bool joint = false;
  // Examples that exceed max_length are left out instead.
  bool whole = false;
  // Stops when so many are there; 0: never.
  int64_t max_examples = 0;
};

// Encodes each example as its prompt, then its response, then end-of-text.
//
// InvalidArgument where a text is not UTF-8, naming the example (from 1), and
// where `whole` leaves none. `counts`, of all examples looked at, may be null.
absl::StatusOr<InstructionTokens> TokenizeInstructions(
    absl::Span<const InstructionExample> examples, BpeEncoder* encoder,
    const InstructionTokensOptions& options = {},
    InstructionTokenCounts* counts = nullptr);

}  // namespace anisograd

#endif  // DATA_INSTRUCTION_TOKENS_H_
