#ifndef DATA_TEXT_TOKENS_H_
#define DATA_TEXT_TOKENS_H_

#include "absl/status/status.h"
#include "data/bpe.h"
#include "data/text_documents.h"
#include "data/token_file.h"

namespace anisograd {

// Encodes each document of a text, ended by end-of-text, as one example without
// a prompt, whole whatever its length: GPT-2's own form of training text, of
// which Gpt2Protocol's BLOCKS cut sequences. Only one document is in memory at
// a time.
//
// InvalidArgument "PATH:LINE: reason" where a line is not UTF-8 or the text has
// no document; else errors of TextDocuments and TokenFileWriter.
absl::Status TokenizeText(TextDocuments* text, BpeEncoder* encoder,
                          TokenFileWriter* writer);

}  // namespace anisograd

#endif  // DATA_TEXT_TOKENS_H_
