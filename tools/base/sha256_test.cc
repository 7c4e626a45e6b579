#include "tools/base/sha256.h"

#include <string>
#include <utility>

#include "absl/strings/string_view.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"

namespace anisograd {
namespace {

// FIPS 180-2, appendix B.
constexpr char kOfAbc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr char kOfAMillionAs[] =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, PiecesAreTheWhole) {
  Sha256 hash;
  EXPECT_EQ(hash.Hex(), Sha256Hex(""));
  hash.Update("a");
  hash.Update("");
  EXPECT_EQ(hash.Hex(), Sha256Hex("a"));
  Sha256 moved = std::move(hash);
  moved.Update("bc");
  EXPECT_EQ(moved.Hex(), kOfAbc);
  // Asking changes nothing.
  EXPECT_EQ(moved.Hex(), kOfAbc);
}

TEST(Sha256, AMillion) {
  const std::string as(777, 'a');
  Sha256 hash;
  for (size_t left = 1000000; left > 0;) {
    const absl::string_view piece = absl::string_view(as).substr(0, left);
    hash.Update(piece);
    left -= piece.size();
  }
  EXPECT_EQ(hash.Hex(), kOfAMillionAs);
}

}  // namespace
}  // namespace anisograd
