// Turns a plain text into a token file that GPT-2 is pre-trained on.
//
//   text_tokenize --corpus=FILE --out=F.bin
//   set -o pipefail; xz -dc FILE.xz | text_tokenize --corpus=- --out=F.bin
//
// Documents are separated by lines <|endoftext|> (data/text_documents.h). The
// vocabulary is GPT-2's, as the build fetched it; --encoder and --merges name
// other files. The data set is called F, as specs have to name it. Prints how many documents and tokens it wrote.

#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/bpe.h"
#include "data/bpe_vocabulary.h"
#include "data/input_file.h"
#include "data/text_documents.h"
#include "data/text_tokens.h"
#include "data/token_file.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, corpus, "", "the text; - is the standard input");
ABSL_FLAG(std::string, encoder, "", "GPT-2's encoder.json");
ABSL_FLAG(std::string, merges, "", "GPT-2's vocab.bpe");
ABSL_FLAG(std::string, out, "", "where to write the token file");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Turns a plain text into a token file that GPT-2 is pre-trained on.",
    "--corpus=F --out=OUT.bin [--encoder=F.json] [--merges=F.bpe]"};

// As TokenFileInfo::sources has it. `name` is what the file is, wherever it
// lies: the token file is the same for the same contents.
std::string Source(const std::string& name, const std::string& sha256) {
  return absl::StrCat(name, " ", sha256, "\n");
}

// The flag's file, or the one among this program's runfiles.
std::string FileOf(const std::string& flag, absl::string_view runfile) {
  return flag.empty() ? Runfile(runfile) : flag;
}

absl::Status Run() {
  if (absl::GetFlag(FLAGS_encoder).empty() !=
      absl::GetFlag(FLAGS_merges).empty()) {
    return absl::InvalidArgumentError(
        "--encoder, --merges: give both or none of them");
  }
  BpeOptions options;
  options.encoder_file = FileOf(absl::GetFlag(FLAGS_encoder),
                                "data/official/encoder.json");
  options.merges_file = FileOf(absl::GetFlag(FLAGS_merges),
                               "data/official/vocab.bpe");
  ASSIGN_OR_RETURN(const std::string encoder_json,
                   ReadInputFile(options.encoder_file));
  ASSIGN_OR_RETURN(const std::string vocab_bpe,
                   ReadInputFile(options.merges_file));
  ASSIGN_OR_RETURN(
      const BpeVocabulary vocabulary,
      BpeVocabulary::FromGpt2Files(encoder_json, vocab_bpe, options));
  BpeEncoder encoder(&vocabulary);
  ASSIGN_OR_RETURN(TextDocuments text,
                   TextDocuments::Open(absl::GetFlag(FLAGS_corpus)));
  ASSIGN_OR_RETURN(TokenFileWriter writer,
                   TokenFileWriter::Open(absl::GetFlag(FLAGS_out),
                                         vocabulary.size(),
                                         vocabulary.end_of_text()));
  RETURN_IF_ERROR(TokenizeText(&text, &encoder, &writer));
  TokenFileInfo info;
  info.note = absl::StrFormat("plain text of %d documents", writer.examples());
  info.sources = absl::StrCat(
      Source("corpus", text.sha256()),
      Source("encoder.json", Sha256Hex(encoder_json)),
      Source("vocab.bpe", Sha256Hex(vocab_bpe)));
  info.name = TokenFileName(absl::GetFlag(FLAGS_out));
  RETURN_IF_ERROR(writer.Commit(info));
  absl::PrintF("%d documents, %d tokens\n", writer.examples(),
               writer.tokens());
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
