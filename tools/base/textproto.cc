#include "tools/base/textproto.h"

#include <algorithm>
#include <cstddef>
#include <limits>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"
#include "google/protobuf/text_format.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Keeps the first error with its position.
class FirstError : public google::protobuf::io::ErrorCollector {
 public:
  explicit FirstError(const std::string& file) : file_(file) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!message_.empty()) return;
    message_ = line < 0 ? absl::StrCat(file_, ": ", message)
                        : absl::StrCat(file_, ":", line + 1, ":", column + 1,
                                       ": ", message);
  }

  const std::string& message() const { return message_; }

 private:
  std::string file_;
  std::string message_;
};

// Where the field `name` stands first, at or behind `from`; npos where it does not.
size_t FindField(absl::string_view text, absl::string_view name, size_t from) {
  for (size_t at = text.find(name, from); at != absl::string_view::npos;
       at = text.find(name, at + 1)) {
    const absl::string_view before = text.substr(0, at);
    const absl::string_view line = before.substr(before.rfind('\n') + 1);
    const absl::string_view rest =
        absl::StripLeadingAsciiWhitespace(text.substr(at + name.size()));
    const bool starts = line.empty() || !(absl::ascii_isalnum(line.back()) ||
                                          line.back() == '_');
    if (starts && line.find('#') == absl::string_view::npos && !rest.empty() &&
        (rest[0] == ':' || rest[0] == '{')) {
      return at;
    }
  }
  return absl::string_view::npos;
}

// Whether what stands at `at` is `name: [...]`, all elements at once.
bool IsList(absl::string_view text, absl::string_view name, size_t at) {
  absl::string_view rest =
      absl::StripLeadingAsciiWhitespace(text.substr(at + name.size()));
  return absl::ConsumePrefix(&rest, ":") &&
         absl::StartsWith(absl::StripLeadingAsciiWhitespace(rest), "[");
}

// "FILE:LINE" of `field`, as AtField says.
std::string LocateField(absl::string_view text, const std::string& file,
                        absl::string_view field) {
  size_t found = absl::string_view::npos;
  for (absl::string_view part : absl::StrSplit(field, '.')) {
    const absl::string_view name = part.substr(0, part.find('['));
    int index = 0;
    if (absl::ConsumePrefix(&part, absl::StrCat(name, "[")) &&
        absl::ConsumeSuffix(&part, "]") && !absl::SimpleAtoi(part, &index)) {
      break;
    }
    size_t at =
        FindField(text, name, found == absl::string_view::npos ? 0 : found + 1);
    for (; index > 0 && at != absl::string_view::npos && !IsList(text, name, at);
         --index) {
      at = FindField(text, name, at + 1);
    }
    if (at == absl::string_view::npos) break;
    found = at;
  }
  if (found == absl::string_view::npos) return file;
  return absl::StrCat(
      file, ":", 1 + std::count(text.begin(), text.begin() + found, '\n'));
}

}  // namespace

absl::Status ParseTextProto(absl::string_view text, const std::string& file,
                            google::protobuf::Message* message) {
  // The parser counts bytes in an int.
  if (text.size() > std::numeric_limits<int>::max()) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": not a textproto: ", text.size(), " bytes long"));
  }
  FirstError errors(file);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  google::protobuf::io::ArrayInputStream input(text.data(),
                                               static_cast<int>(text.size()));
  if (!parser.Parse(&input, message)) {
    return absl::InvalidArgumentError(
        errors.message().empty() ? absl::StrCat(file, ": not a textproto")
                                 : errors.message());
  }
  return absl::OkStatus();
}

absl::Status ReadTextProto(const std::string& path,
                           google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  return ParseTextProto(text, path, message);
}

absl::Status ReadBinaryProto(const std::string& path,
                             google::protobuf::Message* message) {
  ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
  if (!message->ParseFromString(bytes)) {
    return absl::DataLossError(absl::StrCat(
        path, ": not a binary ", message->GetDescriptor()->full_name()));
  }
  return absl::OkStatus();
}

std::string SerializeDeterministically(
    const google::protobuf::Message& message) {
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    message.SerializeToCodedStream(&coded);
  }
  return bytes;
}

std::string ToTextProto(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return text;
}

absl::Status AtField(const absl::Status& status, absl::string_view text,
                     const std::string& file) {
  if (status.ok()) return status;
  const absl::string_view message = status.message();
  return absl::Status(
      status.code(),
      absl::StrCat(LocateField(text, file, message.substr(0, message.find(':'))),
                   ": ", message));
}

absl::Status InFile(const absl::Status& status, absl::string_view file) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(file, ": ", status.message()));
}

}  // namespace anisograd
