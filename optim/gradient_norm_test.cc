#include "optim/gradient_norm.h"

#include <cuda_runtime_api.h>

#include <cmath>
#include <limits>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace {

using cuda::DeviceBuffer;

std::vector<float> Gradient(int64_t size) {
  RandomStream random(5, RandomPurpose::kTest);
  std::vector<float> x(size);
  for (float& value : x) {
    value = static_cast<float>(random.NextUniform(-1.0, 1.0));
  }
  return x;
}

// The order that the header states, written down plainly.
double Reference(const std::vector<float>& x, float scale) {
  double total = 0.0;
  for (size_t begin = 0; begin < x.size(); begin += 65536) {
    double chain[16] = {};
    for (size_t i = begin; i < x.size() && i < begin + 65536; ++i) {
      const double scaled = static_cast<double>(x[i] * scale);
      chain[i % 16] += scaled * scaled;
    }
    for (int half = 8; half > 0; half /= 2) {
      for (int i = 0; i < half; ++i) chain[i] += chain[i + half];
    }
    total += chain[0];
  }
  return std::sqrt(total);
}

// From element `offset` of an array.
NormAndClip OnDevice(const std::vector<float>& x, int64_t offset, float scale,
                     double max_norm) {
  const int64_t n = static_cast<int64_t>(x.size());
  auto g = *DeviceBuffer<float>::Create(n + offset);
  auto norm = *GradientNorm::Create(n);
  cudaMemcpy(g.data() + offset, x.data(), 4 * n, cudaMemcpyHostToDevice);
  EXPECT_OK(norm.Compute(nullptr, n, g.data() + offset, {scale, nullptr},
                         max_norm));
  const NormAndClip result = *norm.Result();
  float clip = -1.0f;
  EXPECT_EQ(cudaSuccess,
            cudaMemcpy(&clip, norm.clip_factor(), 4, cudaMemcpyDeviceToHost));
  EXPECT_EQ(std::isnan(clip), std::isnan(result.clip_factor));
  if (!std::isnan(clip)) {
    EXPECT_EQ(clip, result.clip_factor);
  }
  return result;
}

class GradientNormTest : public ::testing::TestWithParam<int64_t> {};

TEST_P(GradientNormTest, HasTheBitsOfTheStatedOrder) {
  const std::vector<float> x = Gradient(GetParam());
  const float scale = 0.3f;
  for (const int64_t offset : {0, 0, 1, 3}) {
    const NormAndClip result = OnDevice(x, offset, scale, 0.0);
    EXPECT_EQ(Reference(x, scale), result.norm);
    EXPECT_EQ(1.0f, result.clip_factor);
  }
}

INSTANTIATE_TEST_SUITE_P(Sizes, GradientNormTest,
                         ::testing::Values(0, 1, 3, 4, 5, 511, 512, 1023,
                                           65536, 65537, 300001));

// 257 pieces: one more than a block adds at a time.
TEST(GradientNorm, AddsManyPieces) {
  std::vector<float> x(256 * 65536 + 1, 0.0f);
  for (size_t i = 0; i < x.size(); i += 65536) x[i] = 1.0f + i / 65536;
  EXPECT_EQ(Reference(x, 1.0f), OnDevice(x, 0, 1.0f, 0.0).norm);
}

TEST(GradientNorm, ClipsWhatIsLonger) {
  const std::vector<float> x = {3.0f, 4.0f};
  EXPECT_EQ(1.0f, OnDevice(x, 0, 1.0f, 5.0).clip_factor);
  EXPECT_EQ(1.0f, OnDevice(x, 0, 1.0f, 6.0).clip_factor);
  EXPECT_EQ(0.5f, OnDevice(x, 0, 1.0f, 2.5).clip_factor);
  // The scale counts: |x / 2| = 2.5.
  EXPECT_EQ(1.0f, OnDevice(x, 0, 0.5f, 2.5).clip_factor);
  EXPECT_EQ(0.4f, OnDevice(x, 0, 0.5f, 1.0).clip_factor);
}

// Rules take no step by such a factor.
TEST(GradientNorm, ShowsWhatIsNotFinite) {
  using Limits = std::numeric_limits<float>;
  for (const double max_norm : {0.0, 1.0}) {
    const NormAndClip none =
        OnDevice({1.0f, Limits::quiet_NaN()}, 0, 1.0f, max_norm);
    EXPECT_TRUE(std::isnan(none.norm));
    EXPECT_TRUE(std::isnan(none.clip_factor));
    const NormAndClip infinite =
        OnDevice({1.0f, -Limits::infinity()}, 0, 1.0f, max_norm);
    EXPECT_EQ(infinite.norm, std::numeric_limits<double>::infinity());
    EXPECT_TRUE(std::isnan(infinite.clip_factor));
  }
}

}  // namespace
}  // namespace anisograd
