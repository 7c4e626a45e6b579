#ifndef TOOLS_BASE_TEXTPROTO_H_
#define TOOLS_BASE_TEXTPROTO_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "google/protobuf/message.h"

namespace anisograd {

// Parses `text` into `message`. Unknown fields, repeated scalar fields and
// malformed values are refused with InvalidArgument
// "FILE:LINE:COLUMN: reason"; `file` is only named in the message.
absl::Status ParseTextProto(absl::string_view text, const std::string& file,
                            google::protobuf::Message* message);

// Reads and parses the file at `path`.
absl::Status ReadTextProto(const std::string& path,
                           google::protobuf::Message* message);

// Reads a message in binary form. DataLoss when the bytes are not one.
absl::Status ReadBinaryProto(const std::string& path,
                             google::protobuf::Message* message);

// The same bytes for the same message, within one version of Protocol Buffers.
std::string SerializeDeterministically(
    const google::protobuf::Message& message);

// Text form, stable, two-space indentation, one field a line.
std::string ToTextProto(const google::protobuf::Message& message);

// `status` of validating a message parsed from `text`, its message
// "FIELD: reason", FIELD like "grid.schedule[1].kind", preceded by
// "FILE:LINE: ": where FIELD stands, or else the last part of it that does; by
// the file alone where none does. OK stays OK.
absl::Status AtField(const absl::Status& status, absl::string_view text,
                     const std::string& file);

// `status` of what `file` asks for, its message preceded by "FILE: ". OK stays OK.
absl::Status InFile(const absl::Status& status, absl::string_view file);

}  // namespace anisograd

#endif  // TOOLS_BASE_TEXTPROTO_H_
