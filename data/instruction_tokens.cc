#include "data/instruction_tokens.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"

namespace anisograd {

std::string AlpacaPrompt(const InstructionExample& example) {
  if (example.input.empty()) {
    return absl::StrCat(
        "Below is an instruction that describes a task. Write a response that "
        "appropriately completes the request.\n\n### Instruction:\n",
        example.instruction, "\n\n### Response:");
  }
  return absl::StrCat(
      "Below is an instruction that describes a task, paired with an input "
      "that provides further context. Write a response that appropriately "
      "completes the request.\n\n### Instruction:\n",
      example.instruction, "\n\n### Input:\n", example.input,
      "\n\n### Response:");
}

absl::StatusOr<InstructionTokens> TokenizeInstructions(
    absl::Span<const InstructionExample> examples, BpeEncoder* encoder,
    const InstructionTokensOptions& options, InstructionTokenCounts* counts) {
  if (options.max_length < 1) {
    return absl::InvalidArgumentError("max_length must be positive");
  }
  InstructionTokenCounts total;
  InstructionTokens out;
  out.vocabulary_size = encoder->vocabulary().size();
  out.end_of_text = encoder->vocabulary().end_of_text();
  for (const InstructionExample& example : examples) {
    const auto append = [&](const std::string& text) {
      const absl::Status status = encoder->Append(text, &out.tokens);
      return status.ok() ? status
                         : absl::InvalidArgumentError(
                               absl::StrCat("example ", out.examples() + 1,
                                            ": ", status.message()));
    };
    const int64_t begin = out.offsets.back();
    const int64_t limit = begin + options.max_length;
    RETURN_IF_ERROR(append(AlpacaPrompt(example)));
    const int64_t prompt_end = static_cast<int64_t>(out.tokens.size());
    RETURN_IF_ERROR(append(example.output));
    out.tokens.push_back(out.end_of_text);
    const int64_t end = static_cast<int64_t>(out.tokens.size());
    total.prompt += prompt_end - begin;
    total.response += end - prompt_end;
    total.truncated_examples += end > limit ? 1 : 0;
    out.tokens.resize(static_cast<size_t>(std::min(end, limit)));
    out.offsets.push_back(std::min(end, limit));
    out.prompt_lengths.push_back(
        static_cast<int32_t>(std::min(prompt_end, limit) - begin));
  }
  if (counts != nullptr) *counts = total;
  return out;
}

}  // namespace anisograd
