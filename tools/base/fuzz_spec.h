#ifndef TOOLS_BASE_FUZZ_SPEC_H_
#define TOOLS_BASE_FUZZ_SPEC_H_

#include <cstdlib>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/string_view.h"
#include "tools/base/fuzz_target.h"
#include "tools/base/textproto.h"

namespace anisograd {

// Reads a spec in text form as its readers do; aborts where an error does not
// name the file, or what is accepted is another spec once it has been written
// and read again.
template <typename Spec>
void FuzzSpec(const uint8_t* data, size_t size,
              absl::Status (*validate)(const Spec&)) {
  const absl::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = [validate](absl::string_view from, Spec* spec) {
    const absl::Status status = ParseTextProto(from, "input", spec);
    return status.ok() ? AtField(validate(*spec), from, "input") : status;
  };
  Spec spec;
  const absl::Status status = read(text, &spec);
  if (!status.ok()) {
    if (!absl::StartsWith(status.message(), "input:")) std::abort();
    return;
  }
  Spec again;
  if (!read(ToTextProto(spec), &again).ok() ||
      SerializeDeterministically(again) != SerializeDeterministically(spec)) {
    std::abort();
  }
}

}  // namespace anisograd

#endif  // TOOLS_BASE_FUZZ_SPEC_H_
