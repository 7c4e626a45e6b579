#include "paper_tables/published_file.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "paper_tables/published.pb.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// Reads `message` and where each element of its repeated field `field` stands.
absl::Status ReadWithLines(const std::string& path, const char* field,
                           google::protobuf::Message* message,
                           std::vector<std::string>* lines) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  RETURN_IF_ERROR(ParseTextProto(text, path, message));
  google::protobuf::TextFormat::ParseInfoTree tree;
  google::protobuf::TextFormat::Parser parser;
  parser.WriteLocationsTo(&tree);
  parser.ParseFromString(text, message);
  const auto* repeated = message->GetDescriptor()->FindFieldByName(field);
  const int size = message->GetReflection()->FieldSize(*message, repeated);
  for (int i = 0; i < size; ++i) {
    lines->push_back(
        absl::StrCat(path, ":", tree.GetLocation(repeated, i).line + 1));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Published> ReadPublished(const std::string& numbers_path,
                                        const std::string& tolerances_path) {
  PublishedNumbers numbers;
  Tolerances tolerances;
  Published::Lines lines;
  RETURN_IF_ERROR(
      ReadWithLines(numbers_path, "number", &numbers, &lines.numbers));
  RETURN_IF_ERROR(ReadWithLines(tolerances_path, "tolerance", &tolerances,
                                &lines.tolerances));
  return Published::Create(numbers, tolerances, lines);
}

}  // namespace anisograd
