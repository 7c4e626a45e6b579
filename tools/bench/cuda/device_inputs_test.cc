#include "tools/bench/cuda/device_inputs.h"

#include <cuda_bf16.h>

#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/device_testing.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace cuda {
namespace {

template <typename A>
void ExpectUniform(float range) {
  // No multiple of four: the last block is cut.
  constexpr int64_t kSize = 4003;
  const auto buffer = RandomOnDevice<A>(kSize, range);
  ASSERT_TRUE(buffer.ok()) << buffer.status();
  const std::vector<A> numbers = OnHost(*buffer);
  const std::vector<double> wide = Widened(numbers);
  double sum = 0.0, squares = 0.0;
  for (const double x : wide) {
    ASSERT_LE(-range, x);
    ASSERT_LE(x, range);
    sum += x;
    squares += x * x;
  }
  // Means 0 and range^2 / 3, within four standard deviations.
  EXPECT_NEAR(sum / kSize, 0.0, 4 * range * 0.577 / 63.3);
  EXPECT_NEAR(squares / kSize, range * range / 3,
              4 * range * range * 0.298 / 63.3);
  const auto again = RandomOnDevice<A>(kSize, range);
  ASSERT_TRUE(again.ok());
  EXPECT_TRUE(SameBits(numbers, OnHost(*again)));
}

TEST(DeviceInputs, AreUniform) {
  ExpectUniform<float>(1.0f);
  ExpectUniform<float>(0.25f);
  ExpectUniform<__nv_bfloat16>(1.0f);
}

TEST(DeviceInputs, CopyArrays) {
  const std::vector<int32_t> numbers = {3, 1, 2};
  const auto copy = CopyOnDevice(numbers);
  ASSERT_TRUE(copy.ok());
  EXPECT_EQ(OnHost(*copy), numbers);
  const auto empty = CopyOnDevice(std::vector<AttentionTile>());
  ASSERT_TRUE(empty.ok());
  EXPECT_EQ(empty->size(), 0);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
