#ifndef DATA_JSON_SAX_H_
#define DATA_JSON_SAX_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Receives the parts of a JSON text in the order they stand there, so that a
// reader of large files keeps only what it needs. Whatever a handler does not
// override is refused: a handler is the grammar of what its file may hold.
class JsonHandler {
 public:
  virtual ~JsonHandler() = default;

  virtual absl::Status StartObject();
  virtual absl::Status Key(std::string key);
  virtual absl::Status EndObject();
  virtual absl::Status StartArray();
  virtual absl::Status EndArray();
  virtual absl::Status String(std::string value);
  virtual absl::Status Integer(int64_t value);

 protected:
  // What every part not overridden answers: InvalidArgument "WHAT does not
  // belong here". A handler overrides it to say where "here" is.
  virtual absl::Status Refuse(absl::string_view what);

  // null, true, false and numbers that are no int64 come here.
  friend class JsonSaxAdapter;
};

// Parses `text` strictly (RFC 8259, UTF-8 throughout, nothing after the value)
// and tells `handler`. InvalidArgument "FILE:LINE: reason" on the first error,
// the handler's own included; `file` is only named in the message. A byte order
// mark at the beginning is skipped. ResourceExhausted where memory does not hold
// what the handler keeps.
absl::Status ParseJson(absl::string_view text, const std::string& file,
                       JsonHandler* handler);

}  // namespace anisograd

#endif  // DATA_JSON_SAX_H_
