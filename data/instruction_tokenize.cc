// Turns an instruction set into the token file that trainers read.
//
//   tokenize --instructions=alpaca_data.json --encoder=encoder.json
//       --merges=vocab.bpe --out=alpaca.tokens
//
// With --stand_in_instructions a synthetic instruction set stands in, with
// --stand_in_vocabulary the byte-level vocabulary; the token file says so.

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "data/alpaca.h"
#include "data/bpe.h"
#include "data/bpe_vocabulary.h"
#include "data/input_file.h"
#include "data/instruction_synthetic.h"
#include "data/instruction_tokens.h"
#include "data/token_file.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, instructions, "", "Alpaca's JSON");
ABSL_FLAG(std::string, encoder, "", "GPT-2's encoder.json");
ABSL_FLAG(std::string, merges, "", "GPT-2's vocab.bpe");
ABSL_FLAG(bool, stand_in_instructions, false,
          "a synthetic instruction set, since Alpaca could not be had");
ABSL_FLAG(bool, stand_in_vocabulary, false,
          "the byte-level vocabulary, since GPT-2's could not be had");
ABSL_FLAG(std::string, out, "", "where to write the token file");
ABSL_FLAG(bool, require_official, false, "refuse stand-ins");
ABSL_FLAG(int64_t, first_example, 0,
          "leave out so many examples at the beginning of the set");
ABSL_FLAG(int64_t, end_example, 0,
          "leave out the examples from this one on, from 0; 0 leaves out none");
ABSL_FLAG(int64_t, max_examples, 0,
          "keep only the first examples of these; 0 keeps all");
ABSL_FLAG(int, max_merges, -1,
          "keep only the first merges of the vocabulary; -1 keeps all");
ABSL_FLAG(int, max_length, 512, "tokens of an example beyond this are dropped");
ABSL_FLAG(bool, whole, false,
          "examples beyond --max_length are left out, not cut");
ABSL_FLAG(std::string, template_name, "stanford",
          "text around an example: stanford, lmflow or plain");
ABSL_FLAG(bool, joint, false, "encode prompt and response as one text");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Turns an instruction set into the token file that trainers read.",
    "--out=OUT.tokens [--instructions=F.json | --stand_in_instructions] "
    "[--encoder=F.json --merges=F.bpe | --stand_in_vocabulary] "
    "[--require_official] [--first_example=I] [--end_example=J] "
    "[--max_examples=N] [--max_merges=N] [--max_length=N] [--whole] "
    "[--template_name=stanford|lmflow|plain] [--joint]"};

// As many as Alpaca has.
constexpr int64_t kSyntheticExamples = 52002;
constexpr uint64_t kSyntheticSeed = 1;

// Collects what a token file says about its origin.
struct Origin {
  bool stand_in = false;
  std::vector<std::string> notes;
  std::string sources;

  void AddSource(const std::string& path, absl::string_view contents) {
    absl::StrAppend(&sources, path.substr(path.rfind('/') + 1), " ",
                    Sha256Hex(contents), "\n");
  }
  absl::Status AddStandIn(const std::string& note) {
    if (absl::GetFlag(FLAGS_require_official)) {
      return absl::FailedPreconditionError(absl::StrCat(
          note, ", and --//data:require_official refuses a stand-in"));
    }
    stand_in = true;
    notes.push_back(note);
    return absl::OkStatus();
  }
};

absl::StatusOr<BpeVocabulary> LoadVocabulary(Origin* origin) {
  BpeOptions options;
  options.encoder_file = absl::GetFlag(FLAGS_encoder);
  options.merges_file = absl::GetFlag(FLAGS_merges);
  if (absl::GetFlag(FLAGS_stand_in_vocabulary)) {
    RETURN_IF_ERROR(origin->AddStandIn(
        "byte-level vocabulary as stand-in: GPT-2's encoder.json and vocab.bpe "
        "could not be had"));
    return BpeVocabulary::ByteLevel();
  }
  const int max_merges = absl::GetFlag(FLAGS_max_merges);
  if (max_merges >= 0) {
    options.max_merges = max_merges;
    origin->notes.push_back(
        absl::StrCat("vocabulary cut to GPT-2's first ", max_merges,
                     " merges"));
  }
  ASSIGN_OR_RETURN(const std::string encoder,
                   ReadInputFile(options.encoder_file));
  ASSIGN_OR_RETURN(const std::string merges,
                   ReadInputFile(options.merges_file));
  origin->AddSource(options.encoder_file, encoder);
  origin->AddSource(options.merges_file, merges);
  return BpeVocabulary::FromGpt2Files(encoder, merges, options);
}

absl::StatusOr<std::vector<InstructionExample>> LoadExamples(Origin* origin) {
  const std::string path = absl::GetFlag(FLAGS_instructions);
  std::vector<InstructionExample> examples;
  if (absl::GetFlag(FLAGS_stand_in_instructions)) {
    RETURN_IF_ERROR(origin->AddStandIn(
        "synthetic instruction set as stand-in: Alpaca could not be had"));
    examples = GenerateInstructions(kSyntheticExamples, kSyntheticSeed);
  } else {
    ASSIGN_OR_RETURN(const std::string json, ReadInputFile(path));
    origin->AddSource(path, json);
    ASSIGN_OR_RETURN(examples, ParseAlpaca(json, path));
  }
  const int64_t all = static_cast<int64_t>(examples.size());
  const int64_t first = absl::GetFlag(FLAGS_first_example);
  const int64_t end_flag = absl::GetFlag(FLAGS_end_example);
  const int64_t end = end_flag == 0 ? all : end_flag;
  if (first < 0 || first >= end || end > all) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--first_example, --end_example: [", first, ", ", end,
        ") is no part of ", all, " examples"));
  }
  if (first > 0 || end < all) {
    origin->notes.push_back(absl::StrCat("examples ", first + 1, " to ", end,
                                         " of ", all));
    examples.resize(static_cast<size_t>(end));
    examples.erase(examples.begin(), examples.begin() + first);
  }
  return examples;
}

absl::StatusOr<InstructionTokensOptions> OptionsOfFlags() {
  InstructionTokensOptions options;
  options.max_length = absl::GetFlag(FLAGS_max_length);
  options.whole = absl::GetFlag(FLAGS_whole);
  options.joint = absl::GetFlag(FLAGS_joint);
  options.max_examples = absl::GetFlag(FLAGS_max_examples);
  if (options.max_examples < 0) {
    return absl::InvalidArgumentError("--max_examples must not be negative");
  }
  const absl::StatusOr<InstructionTemplate> how =
      ParseInstructionTemplate(absl::GetFlag(FLAGS_template_name));
  if (!how.ok()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--template_name: ", how.status().message()));
  }
  options.how = *how;
  return options;
}

// What of the examples is not there, or is not as Stanford's script has it.
void AddNotes(const InstructionTokensOptions& options,
              const InstructionTokens& tokens, int64_t of, Origin* origin) {
  if (options.how != InstructionTemplate::kStanford) {
    origin->notes.push_back(
        absl::StrCat(absl::GetFlag(FLAGS_template_name), " template"));
  }
  if (tokens.examples() == of) return;
  origin->notes.push_back(absl::StrCat(
      "first ", tokens.examples(), " of ", of, " examples",
      options.whole ? absl::StrCat(" that have at most ", options.max_length,
                                   " tokens")
                    : ""));
}

// Either an official file or its stand-in, by a flag of its own.
absl::Status CheckFlags() {
  const bool instructions = !absl::GetFlag(FLAGS_instructions).empty();
  if (instructions == absl::GetFlag(FLAGS_stand_in_instructions)) {
    return absl::InvalidArgumentError(
        "--instructions, --stand_in_instructions: give one of them");
  }
  const bool encoder = !absl::GetFlag(FLAGS_encoder).empty();
  const bool merges = !absl::GetFlag(FLAGS_merges).empty();
  if (encoder != merges) {
    return absl::InvalidArgumentError(
        absl::StrCat(encoder ? "--merges" : "--encoder", " is required with ",
                     encoder ? "--encoder" : "--merges"));
  }
  if (encoder == absl::GetFlag(FLAGS_stand_in_vocabulary)) {
    return absl::InvalidArgumentError(
        "--encoder and --merges, --stand_in_vocabulary: give one of them");
  }
  if (absl::GetFlag(FLAGS_max_merges) < -1) {
    return absl::InvalidArgumentError(
        absl::StrCat("--max_merges: must be at least -1, got ",
                     absl::GetFlag(FLAGS_max_merges)));
  }
  if (absl::GetFlag(FLAGS_stand_in_vocabulary)) {
    return RefuseFlags({"max_merges"}, "--stand_in_vocabulary, which has none");
  }
  return absl::OkStatus();
}

absl::Status Run() {
  RETURN_IF_ERROR(CheckFlags());
  Origin origin;
  ASSIGN_OR_RETURN(const std::vector<InstructionExample> examples,
                   LoadExamples(&origin));
  ASSIGN_OR_RETURN(const BpeVocabulary vocabulary, LoadVocabulary(&origin));
  BpeEncoder encoder(&vocabulary);
  ASSIGN_OR_RETURN(const InstructionTokensOptions options, OptionsOfFlags());
  ASSIGN_OR_RETURN(const InstructionTokens tokens,
                   TokenizeInstructions(examples, &encoder, options));
  AddNotes(options, tokens, static_cast<int64_t>(examples.size()), &origin);
  return WriteTokenFile(
      absl::GetFlag(FLAGS_out),
      {origin.stand_in, absl::StrJoin(origin.notes, "; "), origin.sources,
       TokenFileName(absl::GetFlag(FLAGS_out))},
      tokens);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
