#include "experiments/gpt2/net/arena.h"

#include <vector>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(Arena, HandsOutAlignedPieces) {
  Arena counting(nullptr, 256);
  EXPECT_EQ(nullptr, counting.Take<char>(1));
  EXPECT_EQ(nullptr, counting.Take<double>(33));
  EXPECT_EQ(256 + 512, counting.used());
  std::vector<char> memory(1024);
  Arena arena(memory.data(), 256);
  EXPECT_EQ(&memory[0], arena.Take<char>(257));
  const MatrixView<float> m = arena.Take<float>(2, 3, 4);
  EXPECT_EQ(&memory[512], reinterpret_cast<char*>(m.data));
  EXPECT_EQ(2, m.rows);
  EXPECT_EQ(3, m.columns);
  EXPECT_EQ(4, m.stride);
  EXPECT_EQ(&memory[768], reinterpret_cast<char*>(arena.Take<float>(1)));
}

}  // namespace
}  // namespace anisograd
