#include "data/text_documents.h"

#include <cerrno>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/input_file.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr size_t kBlock = size_t{1} << 20;
constexpr absl::string_view kSeparator = "<|endoftext|>";

}  // namespace

TextDocuments::TextDocuments(std::string name, std::FILE* file,
                             size_t most_bytes)
    : name_(std::move(name)), file_(file), most_bytes_(most_bytes) {
  // Kept on the heap, whose address a move does not change.
  block_.resize(kBlock);
}

absl::StatusOr<TextDocuments> TextDocuments::Open(const std::string& path,
                                                  size_t most_bytes) {
  if (path == "-") return TextDocuments("standard input", stdin, most_bytes);
  std::FILE* const file = std::fopen(path.c_str(), "rbe");
  if (file == nullptr) return SystemError("cannot open", path, errno);
  return TextDocuments(path, file, most_bytes);
}

absl::Status TextDocuments::FillBlock() {
  const size_t n = std::fread(&block_[0], 1, block_.size(), file_.get());
  if (n < block_.size()) {
    if (std::ferror(file_.get()) != 0) {
      return SystemError("cannot read", name_, errno);
    }
    at_end_ = true;
  }
  rest_ = absl::string_view(block_).substr(0, n);
  if (std::exchange(at_beginning_, false)) {
    RETURN_IF_ERROR(CheckIsText(rest_, name_));
  }
  sha256_.Update(rest_);
  return absl::OkStatus();
}

absl::StatusOr<bool> TextDocuments::AppendLine(std::string* document) {
  const size_t begin = document->size();
  bool any = false;
  while (true) {
    if (rest_.empty()) {
      if (at_end_) break;
      RETURN_IF_ERROR(FillBlock());
      continue;
    }
    any = true;
    const size_t end = rest_.find('\n');
    const absl::string_view piece = rest_.substr(0, end);
    document->append(piece.data(), piece.size());
    if (document->size() > most_bytes_) {
      return absl::InvalidArgumentError(absl::StrCat(
          name_, ":", first_line_, ": the document that begins here exceeds ",
          most_bytes_, " bytes; is a line ", kSeparator, " missing?"));
    }
    rest_.remove_prefix(piece.size());
    if (end == absl::string_view::npos) continue;
    rest_.remove_prefix(1);
    ++line_;
    break;
  }
  if (document->size() > begin && document->back() == '\r') {
    document->pop_back();
  }
  return any;
}

absl::StatusOr<bool> TextDocuments::Next(std::string* document) {
  document->clear();
  first_line_ = line_;
  while (true) {
    const size_t begin = document->size();
    ASSIGN_OR_RETURN(const bool line, AppendLine(document));
    const bool separator =
        absl::string_view(*document).substr(begin) == kSeparator;
    if (line && !separator) {
      document->push_back('\n');
      continue;
    }
    document->resize(begin);
    // The end of the last line.
    if (begin > 0) document->pop_back();
    document->erase(
        0, document->size() - WithoutByteOrderMark(*document).size());
    if (!document->empty()) return true;
    if (!line) return false;
    first_line_ = line_;
  }
}

}  // namespace anisograd
