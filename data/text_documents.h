#ifndef DATA_TEXT_DOCUMENTS_H_
#define DATA_TEXT_DOCUMENTS_H_

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "tools/base/sha256.h"

namespace anisograd {

// Reads a plain text, document by document:
//
//   Once upon a time
//   there was a text.
//   <|endoftext|>
//   Another one.
//
// A line that is exactly <|endoftext|> ends a document and is not part of it,
// nor is the end of the line before; it may be missing at the end. Elsewhere in
// a line it is text. Lines end with LF or CR LF and are given with LF. A byte
// order mark at a document's beginning is left out, and so are documents
// without text. Bytes are not looked at otherwise: whoever reads says whether
// they are UTF-8.
//
// Memory: the longest document, bounded by `most_bytes`, and a block of 1 MiB.
class TextDocuments {
 public:
  // More is taken for a forgotten separator.
  static constexpr size_t kMostBytes = size_t{1} << 26;

  // "-" is the standard input, which is not closed. NotFound or Unavailable
  // "PATH: reason".
  static absl::StatusOr<TextDocuments> Open(const std::string& path,
                                            size_t most_bytes = kMostBytes);

  // The next document; false, and an empty one, at the end. InvalidArgument
  // "PATH:LINE: reason" where it is too long or, at the first, where CheckIsText
  // (input_file.h) says that this is no text; Unavailable "PATH: reason" where
  // reading fails.
  absl::StatusOr<bool> Next(std::string* document);

  // In which line, from 1, the document that Next gave begins.
  int64_t first_line() const { return first_line_; }
  // As errors and records name it: the path, or "standard input".
  const std::string& name() const { return name_; }
  // SHA-256 of what has been read, the whole text when Next has said false.
  std::string sha256() const { return sha256_.Hex(); }

 private:
  struct Close {
    void operator()(std::FILE* file) const {
      if (file != stdin) std::fclose(file);
    }
  };
  TextDocuments(std::string name, std::FILE* file, size_t most_bytes);

  // Appends the rest of the current line, without its end, to `document`;
  // false where there is none.
  absl::StatusOr<bool> AppendLine(std::string* document);
  absl::Status FillBlock();

  std::string name_;
  std::unique_ptr<std::FILE, Close> file_;
  size_t most_bytes_;
  Sha256 sha256_;
  std::string block_;
  // Not read yet; points into block_.
  absl::string_view rest_;
  bool at_beginning_ = true;
  bool at_end_ = false;
  // The line that comes next.
  int64_t line_ = 1;
  int64_t first_line_ = 1;
};

}  // namespace anisograd

#endif  // DATA_TEXT_DOCUMENTS_H_
