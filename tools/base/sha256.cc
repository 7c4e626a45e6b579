#include "tools/base/sha256.h"

#include <cstdio>
#include <cstdlib>

#include "absl/strings/escaping.h"
#include "openssl/evp.h"

namespace anisograd {
namespace {

// Nothing here can fail but for want of memory.
void Check(int result) {
  if (result == 1) return;
  std::fprintf(stderr, "Sha256: libcrypto failed\n");
  std::abort();
}

}  // namespace

struct Sha256::Context {
  Context() : evp(EVP_MD_CTX_new()) { Check(evp != nullptr ? 1 : 0); }
  ~Context() { EVP_MD_CTX_free(evp); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  EVP_MD_CTX* evp;
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {
  Check(EVP_DigestInit_ex(context_->evp, EVP_sha256(), nullptr));
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

void Sha256::Update(absl::string_view piece) {
  Check(EVP_DigestUpdate(context_->evp, piece.data(), piece.size()));
}

std::string Sha256::Hex() const {
  // Finishing spoils a context: a copy is finished.
  Context copy;
  Check(EVP_MD_CTX_copy_ex(copy.evp, context_->evp));
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  Check(EVP_DigestFinal_ex(copy.evp, digest, &size));
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<char*>(digest), size));
}

}  // namespace anisograd
