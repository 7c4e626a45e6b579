#include "tools/bench/cuda/gpu_peaks.h"

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(PeaksOf, TellsKindsOfOneNameApart) {
  EXPECT_EQ(PeaksOf("NVIDIA H100 80GB HBM3")->bf16, 989e12);
  EXPECT_EQ(PeaksOf("NVIDIA H100 PCIe")->bf16, 756e12);
  EXPECT_EQ(PeaksOf("NVIDIA H100 NVL")->bf16, 835e12);
  EXPECT_EQ(PeaksOf("NVIDIA H200")->bf16, 989e12);
  EXPECT_EQ(PeaksOf("NVIDIA A100-SXM4-80GB")->bf16, 312e12);
}

TEST(PeaksOf, KnowsNothingOfOthers) {
  EXPECT_FALSE(PeaksOf("NVIDIA GeForce RTX 4090").has_value());
  EXPECT_FALSE(PeaksOf("emulator").has_value());
}

}  // namespace
}  // namespace anisograd
