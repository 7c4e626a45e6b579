#include "experiments/gpt2/net/cuda/column_sums.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/cuda/device_testing.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace cuda {
namespace {

struct Shape {
  int64_t rows, columns, stride;
};
// One row; pieces and tiles that are not full; 34 pieces for 32 lanes.
const Shape kShapes[] = {{1, 4, 4},       {7, 32, 36},    {64, 128, 128},
                         {67, 132, 140},  {130, 768, 768}, {5, 1600, 1600},
                         {2117, 4, 8}};

template <typename A>
class ColumnSumsTest : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(ColumnSumsTest, Types);

TYPED_TEST(ColumnSumsTest, AddsToWhatWasThere) {
  using A = TypeParam;
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(testing::Message() << s.rows << " x " << s.columns);
    const std::vector<A> x = RandomNumbers<A>(s.rows * s.stride, 1);
    const std::vector<float> before = RandomNumbers<float>(s.columns, 2);
    std::vector<double> expected = Widened(before);
    for (int64_t i = 0; i < s.rows; ++i) {
      for (int64_t c = 0; c < s.columns; ++c) {
        expected[static_cast<size_t>(c)] +=
            Wide(x[static_cast<size_t>(i * s.stride + c)]);
      }
    }
    const auto dev_x = OnDevice(x);
    std::vector<float> first;
    for (int repeat = 0; repeat < 2; ++repeat) {
      auto workspace =
          NewOnDevice<float>(ColumnSumWorkspace(s.rows, s.columns));
      auto out = OnDevice(before);
      ASSERT_OK(AddColumnSums<A>(nullptr,
                                 {dev_x.data(), s.rows, s.columns, s.stride},
                                 workspace.data(), out.data()));
      if (repeat == 0) {
        first = OnHost(out);
      } else {
        EXPECT_TRUE(SameBits(first, OnHost(out)));
      }
    }
    // A sum of n numbers below 1 is about sqrt(n); an element goes through less
    // than 8 + 8 + rows / 2048 + 32 additions, of which most are to smaller
    // parts. bf16 is read as it is and added up in single precision: the same
    // tolerance.
    ExpectNear("sums", first, expected,
               4e-7 * std::sqrt(static_cast<double>(s.rows)));
  }
}

TEST(ColumnSums, PiecesOfTwoOutputs) {
  constexpr int64_t kPieces = 37, kColumns = 36;
  const std::vector<float> pieces =
      RandomNumbers<float>(2 * kPieces * kColumns, 1);
  const std::vector<float> before = RandomNumbers<float>(2 * kColumns, 2);
  std::vector<double> expected = Widened(before);
  for (size_t j = 0; j < pieces.size(); ++j) {
    const size_t output = j / (kPieces * kColumns);
    expected[output * kColumns + j % kColumns] += Wide(pieces[j]);
  }
  const auto workspace = OnDevice(pieces);
  auto out = OnDevice(before);
  ASSERT_OK(AddPieces(nullptr, kPieces, kColumns, workspace.data(), out.data(),
                      out.data() + kColumns));
  ExpectNear("sums", OnHost(out), expected, 4e-6);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
