#ifndef TOOLS_BASE_SHA256_H_
#define TOOLS_BASE_SHA256_H_

#include <memory>
#include <string>

#include "absl/strings/string_view.h"

namespace anisograd {

// SHA-256 of bytes that come piece by piece: of their concatenation, however
// it is cut, and so what Sha256Hex (file.h) gives for the whole. Movable.
class Sha256 {
 public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  void Update(absl::string_view piece);
  // Lower-case hexadecimal, of all pieces so far; more may follow.
  std::string Hex() const;

 private:
  // OpenSSL's, whose headers stay out of this one.
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_SHA256_H_
