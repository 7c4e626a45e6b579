#include "tools/base/sha256.h"

#include <cstdint>

#include "absl/strings/escaping.h"

namespace anisograd {

Sha256::Sha256() { SHA256Init(&context_); }

void Sha256::Update(absl::string_view piece) {
  SHA256Update(&context_, reinterpret_cast<const uint8_t*>(piece.data()),
               piece.size());
}

std::string Sha256::Hex() const {
  // Finishing spoils a context: a copy is finished.
  SHA2_CTX copy = context_;
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256Final(digest, &copy);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<char*>(digest), sizeof(digest)));
}

}  // namespace anisograd
