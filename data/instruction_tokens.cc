#include "data/instruction_tokens.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/status_macros.h"

namespace anisograd {

namespace {

constexpr char kTask[] = "Below is an instruction that describes a task";

std::string StanfordPrompt(const InstructionExample& example) {
  if (example.input.empty()) {
    return absl::StrCat(kTask,
                        ". Write a response that appropriately completes the "
                        "request.\n\n### Instruction:\n",
                        example.instruction, "\n\n### Response:");
  }
  return absl::StrCat(kTask,
                      ", paired with an input that provides further context. "
                      "Write a response that appropriately completes the "
                      "request.\n\n### Instruction:\n",
                      example.instruction, "\n\n### Input:\n", example.input,
                      "\n\n### Response:");
}

}  // namespace

absl::StatusOr<InstructionTemplate> ParseInstructionTemplate(
    const std::string& name) {
  if (name == "stanford") return InstructionTemplate::kStanford;
  if (name == "lmflow") return InstructionTemplate::kLmflow;
  if (name == "plain") return InstructionTemplate::kPlain;
  return absl::InvalidArgumentError(absl::StrCat(
      "template: \"", name, "\" is none of stanford, lmflow, plain"));
}

InstructionText MakeInstructionText(const InstructionExample& example,
                                    InstructionTemplate how) {
  if (how == InstructionTemplate::kStanford) {
    return {StanfordPrompt(example), example.output};
  }
  const std::string task = absl::StrCat(
      example.instruction, example.input.empty() ? "" : "\n", example.input);
  if (how == InstructionTemplate::kPlain) {
    return {absl::StrCat(task, "\n"), example.output};
  }
  // The blank belongs to the response's first word, as in GPT-2's tokens.
  return {absl::StrCat("Input: ", task, "\nOutput:"),
          absl::StrCat(" ", example.output)};
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
  // Of the example at hand.
  std::vector<int32_t> apart;
  std::vector<int32_t> joint;
  int64_t number = 0;
  for (const InstructionExample& example : examples) {
    ++number;
    const auto append = [&](const std::string& text,
                            std::vector<int32_t>* tokens) {
      const absl::Status status = encoder->Append(text, tokens);
      return status.ok()
                 ? status
                 : absl::InvalidArgumentError(absl::StrCat(
                       "example ", number, ": ", status.message()));
    };
    const InstructionText text = MakeInstructionText(example, options.how);
    apart.clear();
    RETURN_IF_ERROR(append(text.prompt, &apart));
    const int64_t prompt = static_cast<int64_t>(apart.size());
    RETURN_IF_ERROR(append(text.response, &apart));
    if (options.joint) {
      joint.clear();
      RETURN_IF_ERROR(append(absl::StrCat(text.prompt, text.response), &joint));
      total.joined_examples += joint == apart ? 0 : 1;
    }
    std::vector<int32_t>& tokens = options.joint ? joint : apart;
    tokens.push_back(out.end_of_text);
    const int64_t length = static_cast<int64_t>(tokens.size());
    const int64_t kept = std::min<int64_t>(length, options.max_length);
    total.prompt += prompt;
    total.response += length - prompt;
    total.truncated_examples += kept < length ? 1 : 0;
    if (options.whole && kept < length) continue;
    out.tokens.insert(out.tokens.end(), tokens.begin(), tokens.begin() + kept);
    out.offsets.push_back(static_cast<int64_t>(out.tokens.size()));
    out.prompt_lengths.push_back(
        static_cast<int32_t>(std::min(prompt, kept)));
    if (out.examples() == options.max_examples) break;
  }
  if (out.examples() == 0 && options.whole) {
    return absl::InvalidArgumentError(absl::StrCat(
        "none of ", examples.size(), " examples has at most ",
        options.max_length, " tokens"));
  }
  if (counts != nullptr) *counts = total;
  return out;
}

}  // namespace anisograd
