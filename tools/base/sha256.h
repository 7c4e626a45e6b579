#ifndef TOOLS_BASE_SHA256_H_
#define TOOLS_BASE_SHA256_H_

#include <sys/types.h>

#include <sha2.h>

#include <string>

#include "absl/strings/string_view.h"

namespace anisograd {

// SHA-256 of bytes that come piece by piece: of their concatenation, however
// it is cut, and so what Sha256Hex (file.h) gives for the whole. Copies go on
// by themselves.
class Sha256 {
 public:
  Sha256();

  void Update(absl::string_view piece);
  // Lower-case hexadecimal, of all pieces so far; more may follow.
  std::string Hex() const;

 private:
  SHA2_CTX context_;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_SHA256_H_
