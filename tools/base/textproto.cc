#include "tools/base/textproto.h"

#include <cstddef>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
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

}  // namespace

absl::Status ParseTextProto(absl::string_view text, const std::string& file,
                            google::protobuf::Message* message) {
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

std::string LocateField(absl::string_view text, const std::string& file,
                        absl::string_view field) {
  absl::string_view name = field;
  const size_t dot = name.rfind('.');
  if (dot != absl::string_view::npos) name.remove_prefix(dot + 1);
  const size_t bracket = name.find('[');
  if (bracket != absl::string_view::npos) name = name.substr(0, bracket);
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    absl::string_view line = lines[i].substr(0, lines[i].find('#'));
    for (size_t at = line.find(name); at != absl::string_view::npos;
         at = line.find(name, at + 1)) {
      const bool starts =
          at == 0 || !(absl::ascii_isalnum(line[at - 1]) || line[at - 1] == '_');
      absl::string_view rest =
          absl::StripLeadingAsciiWhitespace(line.substr(at + name.size()));
      if (starts && !rest.empty() && (rest[0] == ':' || rest[0] == '{')) {
        return absl::StrCat(file, ":", i + 1);
      }
    }
  }
  return file;
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

}  // namespace anisograd
