#include "data/bzip2.h"

#include <cstdint>
#include <string>

#include "bzlib.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

std::string Compress(std::string text) {
  std::string out(text.size() + 1000, '\0');
  unsigned size = static_cast<unsigned>(out.size());
  EXPECT_EQ(BZ2_bzBuffToBuffCompress(&out[0], &size, &text[0],
                                     static_cast<unsigned>(text.size()), 9, 0,
                                     0),
            BZ_OK);
  out.resize(size);
  return out;
}

TEST(DecompressBzip2, RoundTripsSeveralStreams) {
  std::string text;
  for (int64_t i = 0; i < 300000; ++i) text += std::to_string(i * 7919);
  ASSERT_OK_AND_ASSIGN(
      const std::string out,
      DecompressBzip2(Compress(text) + Compress("tail"), "f"));
  EXPECT_TRUE(out == text + "tail");
}

TEST(DecompressBzip2, RefusesDamage) {
  const std::string good = Compress("some text to compress");
  EXPECT_EQ(DecompressBzip2(good.substr(0, good.size() - 3), "f")
                .status()
                .message(),
            "f: truncated bzip2 file");
  EXPECT_EQ(DecompressBzip2("plain text", "f").status().message(),
            "f: not a valid bzip2 file");
}

}  // namespace
}  // namespace anisograd
