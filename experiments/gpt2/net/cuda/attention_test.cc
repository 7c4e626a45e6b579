#include "experiments/gpt2/net/cuda/attention.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "experiments/gpt2/net/attention.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace cuda {
namespace {

using Matrix = TestMatrix<double>;

struct Case {
  int64_t heads;
  int64_t head_width;
  int64_t context;
  std::vector<int64_t> lengths;
  int64_t first_token = 0;

  int64_t width() const { return heads * head_width; }
  std::vector<int64_t> starts() const {
    std::vector<int64_t> starts = {0};
    for (const int64_t length : lengths) {
      starts.push_back(starts.back() + length);
    }
    return starts;
  }
  int64_t tokens() const { return starts().back(); }
};

// Lengths around a warp's 16 rows and a block's 64.
Case Mixed() { return {3, 64, 132, {1, 2, 15, 16, 17, 63, 64, 65, 130}, 11}; }

template <typename A>
std::vector<Case> Cases();
template <>
std::vector<Case> Cases<__nv_bfloat16>() {
  return {Mixed(), {1, 64, 300, {300}}};
}
template <>
std::vector<Case> Cases<float>() {
  return {Mixed(),
          {2, 4, 72, {5, 70}, 3},
          {3, 20, 68, {65}},
          {1, 128, 300, {1, 66, 193}}};
}

Dropout SomeDropout() {
  return Dropout({5, 9}, 1, DropoutSite::kAttention, 0.3);
}

template <typename A>
Matrix RoundedTo(Matrix m) {
  for (double& x : m.span()) x = Wide(Rounded(x, A()));
  return m;
}

// Random q, k, v, the queries times `factor`, which makes scores of about
// factor / 3.
template <typename A>
Matrix RandomQkv(const Case& c, double factor) {
  Matrix qkv(c.tokens(), 3 * c.width(), 1);
  for (int64_t i = 0; i < qkv.rows(); ++i) {
    for (int64_t j = 0; j < c.width(); ++j) qkv.at(i, j) *= factor;
  }
  return RoundedTo<A>(std::move(qkv));
}
constexpr double kFactor = 4.0;

// A matrix in the device's memory, its rows kPadding elements of NaN apart.
template <typename A>
class DeviceMatrix {
 public:
  static constexpr int64_t kPadding = 8;

  explicit DeviceMatrix(const Matrix& m) : DeviceMatrix(m.rows(), m.columns()) {
    std::vector<A> host = OnHost(buffer_);
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        host[static_cast<size_t>(i * stride() + j)] = Rounded(m.at(i, j), A());
      }
    }
    buffer_ = OnDevice(host);
  }
  // All NaN.
  DeviceMatrix(int64_t rows, int64_t columns)
      : rows_(rows),
        columns_(columns),
        buffer_(OnDevice(std::vector<A>(static_cast<size_t>(rows * stride()),
                                        Rounded(std::nan(""), A())))) {}

  Matrix Read() const {
    const std::vector<A> host = OnHost(buffer_);
    Matrix m(rows_, columns_);
    for (int64_t i = 0; i < rows_; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        m.at(i, j) = Wide(host[static_cast<size_t>(i * stride() + j)]);
      }
    }
    return m;
  }

  MatrixView<A> view() { return {buffer_.data(), rows_, columns_, stride()}; }

 private:
  int64_t stride() const { return columns_ + kPadding; }

  int64_t rows_, columns_;
  DeviceBuffer<A> buffer_;
};

// The tiles of a case on the device.
struct Tiles {
  explicit Tiles(const Case& c)
      : queries(OnDevice(QueryTiles(c.starts()))),
        keys(OnDevice(KeyTiles(c.starts()))) {}

  DeviceBuffer<AttentionTile> queries, keys;
  AttentionBatch Batch(const Case& c) const {
    AttentionBatch batch;
    batch.heads = c.heads;
    batch.context = c.context;
    batch.first_token = c.first_token;
    batch.query_tiles = queries.data();
    batch.query_tile_count = queries.size();
    batch.key_tiles = keys.data();
    batch.key_tile_count = keys.size();
    return batch;
  }
};

struct Forward {
  Matrix y, log_sum;
};

template <typename A>
absl::StatusOr<Forward> DeviceForward(const Case& c, const Dropout& dropout,
                                      const Matrix& qkv) {
  const Tiles tiles(c);
  DeviceMatrix<A> d_qkv(qkv), y(c.tokens(), c.width());
  auto log_sum = NewOnDevice<float>(c.heads * c.tokens());
  RETURN_IF_ERROR(AttentionForward<A>(nullptr, tiles.Batch(c),
                                      DropoutParameters(dropout), d_qkv.view(),
                                      y.view(), log_sum.data()));
  Forward f{y.Read(), Matrix(c.heads, c.tokens())};
  const std::vector<float> sums = OnHost(log_sum);
  std::copy(sums.begin(), sums.end(), f.log_sum.span().begin());
  return f;
}

// Returns dqkv.
template <typename A>
absl::StatusOr<Matrix> DeviceBackward(const Case& c, const Dropout& dropout,
                                      const Matrix& dy, const Matrix& qkv,
                                      const Forward& f) {
  const Tiles tiles(c);
  DeviceMatrix<A> d_dy(dy), d_qkv(qkv), y(f.y);
  DeviceMatrix<A> dqkv(c.tokens(), 3 * c.width());
  const auto log_sum = OnDevice(std::vector<float>(f.log_sum.span().begin(),
                                                   f.log_sum.span().end()));
  auto workspace = NewOnDevice<float>(AttentionWorkspace(c.heads, c.tokens()));
  RETURN_IF_ERROR(AttentionBackward<A>(
      nullptr, tiles.Batch(c), DropoutParameters(dropout), d_dy.view(),
      d_qkv.view(), y.view(), log_sum.data(), workspace.data(), dqkv.view()));
  return dqkv.Read();
}

AttentionShape Shape(const Case& c, const std::vector<int64_t>& starts) {
  AttentionShape shape;
  shape.heads = c.heads;
  shape.context = c.context;
  shape.starts = starts;
  shape.first_token = c.first_token;
  return shape;
}

Forward ReferenceForward(const Case& c, const Dropout& dropout,
                         const Matrix& qkv) {
  ThreadPool pool(1);
  const std::vector<int64_t> starts = c.starts();
  Forward f{Matrix(c.tokens(), c.width()), Matrix(c.heads, c.tokens())};
  ::anisograd::AttentionForward<double>(&pool, Shape(c, starts), dropout,
                                        qkv.view(), f.y.view(),
                                        f.log_sum.view());
  return f;
}

Matrix ReferenceBackward(const Case& c, const Dropout& dropout,
                         const Matrix& dy, const Matrix& qkv,
                         const Forward& f) {
  ThreadPool pool(1);
  const std::vector<int64_t> starts = c.starts();
  Matrix dqkv(c.tokens(), 3 * c.width());
  ::anisograd::AttentionBackward<double>(
      &pool, Shape(c, starts), dropout, dy.view(), qkv.view(), f.y.view(),
      f.log_sum.view(), dqkv.view());
  return dqkv;
}

// What the backward pass starts from: the reference's results, rounded.
template <typename A>
Forward RoundedForward(const Case& c, const Dropout& dropout,
                       const Matrix& qkv) {
  Forward f = ReferenceForward(c, dropout, qkv);
  return {RoundedTo<A>(std::move(f.y)), RoundedTo<float>(std::move(f.log_sum))};
}

// In single precision, sums of some hundred products. In bf16 the inputs are
// the reference's, exactly; P, ds and the results are rounded, to relative 2^-9
// each. y is a sum of numbers below 1 with weights whose sum is at most 1 /
// (1 - p), so that it is off by less than 2 x 2^-9 / 0.7 < 2^-7; gradients are
// sums whose terms' roundings do not favour a direction, and are compared
// relative to the largest.
template <typename A>
constexpr double Tolerance() {
  return std::is_same<A, float>::value ? 1e-5 : 1.0 / 128.0;
}

bool SameBits(const Matrix& a, const Matrix& b) {
  return cuda::SameBits(a.values(), b.values());
}

template <typename A>
class AttentionTest : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(AttentionTest, Types);

TYPED_TEST(AttentionTest, ForwardAsOnTheCpu) {
  for (const Case& c : Cases<TypeParam>()) {
    const Matrix qkv = RandomQkv<TypeParam>(c, kFactor);
    for (const Dropout& dropout : {Dropout(), SomeDropout()}) {
      const Forward expected = ReferenceForward(c, dropout, qkv);
      ASSERT_OK_AND_ASSIGN(const Forward f,
                           DeviceForward<TypeParam>(c, dropout, qkv));
      ExpectClose<double>("y", f.y.span(), expected.y.span(),
                          Tolerance<TypeParam>());
      // Never rounded to bf16.
      ExpectClose<double>("log_sum", f.log_sum.span(), expected.log_sum.span(),
                          1e-5);
    }
  }
}

TYPED_TEST(AttentionTest, BackwardAsOnTheCpu) {
  for (const Case& c : Cases<TypeParam>()) {
    const Matrix qkv = RandomQkv<TypeParam>(c, kFactor);
    const Matrix dy =
        RoundedTo<TypeParam>(Matrix(c.tokens(), c.width(), 2));
    for (const Dropout& dropout : {Dropout(), SomeDropout()}) {
      const Forward f = RoundedForward<TypeParam>(c, dropout, qkv);
      const Matrix expected = ReferenceBackward(c, dropout, dy, qkv, f);
      ASSERT_OK_AND_ASSIGN(
          const Matrix dqkv,
          DeviceBackward<TypeParam>(c, dropout, dy, qkv, f));
      ExpectClose<double>("dqkv", dqkv.span(), expected.span(),
                          Tolerance<TypeParam>());
    }
  }
}

// exp(100) is no float.
TYPED_TEST(AttentionTest, LargeScoresDoNotOverflow) {
  const Case c = {1, 64, 132, {130}};
  const Matrix qkv = RandomQkv<TypeParam>(c, 256.0);
  const Forward expected = ReferenceForward(c, Dropout(), qkv);
  ASSERT_GT(*std::max_element(expected.log_sum.span().begin(),
                              expected.log_sum.span().end()),
            100.0);
  ASSERT_OK_AND_ASSIGN(const Forward f,
                       DeviceForward<TypeParam>(c, Dropout(), qkv));
  ExpectClose<double>("y", f.y.span(), expected.y.span(),
                      std::max(1e-4, Tolerance<TypeParam>()));
}

TYPED_TEST(AttentionTest, GivesTheSameBitsTwice) {
  const Case c = Mixed();
  const Matrix qkv = RandomQkv<TypeParam>(c, kFactor);
  const Matrix dy = RoundedTo<TypeParam>(Matrix(c.tokens(), c.width(), 2));
  ASSERT_OK_AND_ASSIGN(const Forward f,
                       DeviceForward<TypeParam>(c, SomeDropout(), qkv));
  ASSERT_OK_AND_ASSIGN(const Forward f2,
                       DeviceForward<TypeParam>(c, SomeDropout(), qkv));
  EXPECT_TRUE(SameBits(f.y, f2.y));
  EXPECT_TRUE(SameBits(f.log_sum, f2.log_sum));
  ASSERT_OK_AND_ASSIGN(
      const Matrix dqkv,
      DeviceBackward<TypeParam>(c, SomeDropout(), dy, qkv, f));
  ASSERT_OK_AND_ASSIGN(
      const Matrix dqkv2,
      DeviceBackward<TypeParam>(c, SomeDropout(), dy, qkv, f));
  EXPECT_TRUE(SameBits(dqkv, dqkv2));
}

// With NaN in every second sequence, the others' results keep their bits.
TYPED_TEST(AttentionTest, ReadsNoOtherSequence) {
  const Case c = {2, 64, 72, {3, 70, 2, 65, 17, 64, 5}, 7};
  const std::vector<int64_t> starts = c.starts();
  const auto poison = [&](const Matrix& from) {
    Matrix m(from.rows(), from.columns());
    std::copy(from.span().begin(), from.span().end(), m.span().begin());
    for (size_t s = 0; s + 1 < starts.size(); s += 2) {
      for (int64_t i = starts[s]; i < starts[s + 1]; ++i) {
        for (int64_t j = 0; j < m.columns(); ++j) m.at(i, j) = std::nan("");
      }
    }
    return m;
  };
  const Matrix qkv = RandomQkv<TypeParam>(c, kFactor);
  const Matrix dy = RoundedTo<TypeParam>(Matrix(c.tokens(), c.width(), 2));
  ASSERT_OK_AND_ASSIGN(Forward f,
                       DeviceForward<TypeParam>(c, SomeDropout(), qkv));
  ASSERT_OK_AND_ASSIGN(const Matrix dqkv, DeviceBackward<TypeParam>(
                                              c, SomeDropout(), dy, qkv, f));
  ASSERT_OK_AND_ASSIGN(
      const Forward f2,
      DeviceForward<TypeParam>(c, SomeDropout(), poison(qkv)));
  ASSERT_OK_AND_ASSIGN(
      const Matrix dqkv2,
      DeviceBackward<TypeParam>(c, SomeDropout(), poison(dy), poison(qkv),
                                f2));
  EXPECT_TRUE(SameBits(poison(f.y), poison(f2.y)));
  EXPECT_TRUE(SameBits(poison(dqkv), poison(dqkv2)));
  EXPECT_FALSE(SameBits(dqkv, dqkv2));
}

TYPED_TEST(AttentionTest, RejectsShapesThatDoNotFit) {
  using View = MatrixView<TypeParam>;
  const auto code = [](int64_t heads, int64_t context, View qkv, View y) {
    AttentionBatch batch;
    batch.heads = heads;
    batch.context = context;
    return AttentionForward<TypeParam>(nullptr, batch,
                                       DropoutParameters(SomeDropout()), qkv, y,
                                       nullptr)
        .code();
  };
  const absl::StatusCode bad = absl::StatusCode::kInvalidArgument;
  const View y(nullptr, 5, 128), qkv(nullptr, 5, 384);
  // No tiles, no work.
  EXPECT_EQ(absl::StatusCode::kOk, code(2, 8, qkv, y));
  EXPECT_EQ(bad, code(0, 8, qkv, y));
  EXPECT_EQ(bad, code(3, 8, qkv, y));
  EXPECT_EQ(bad, code(2, 8, View(nullptr, 4, 384), y));
  EXPECT_EQ(bad, code(2, 8, View(nullptr, 5, 256), y));
  EXPECT_EQ(bad, code(2, 6, qkv, y));
  EXPECT_EQ(bad, code(2, 8, View(nullptr, 5, 384, 385), y));
  EXPECT_EQ(bad,
            code(1, 8, View(nullptr, 5, 3 * 132), View(nullptr, 5, 132)));
  EXPECT_EQ(bad, code(1, 8, View(nullptr, 5, 3 * 6), View(nullptr, 5, 6)));
  AttentionBatch batch;
  batch.heads = 2;
  const auto backward_code = [&](View dy, View dqkv) {
    return AttentionBackward<TypeParam>(nullptr, batch, DropoutParameters(), dy,
                                        qkv, y, nullptr, nullptr, dqkv)
        .code();
  };
  EXPECT_EQ(bad, backward_code(View(nullptr, 4, 128), View(nullptr, 4, 384)));
  EXPECT_EQ(bad, backward_code(y, View(nullptr, 5, 128)));
  // Heads of 32 columns.
  const bool is_float = std::is_same<TypeParam, float>::value;
  EXPECT_EQ(is_float ? absl::StatusCode::kOk : bad, code(4, 8, qkv, y));
}

TEST(AttentionFlops, CountsPairsThatSeeEachOther) {
  // Three pairs in a sequence of two, one in a sequence of one; q . k and P v
  // are a multiply-add each in 10 columns.
  EXPECT_EQ(4.0 * 4.0 * 10.0, AttentionForwardFlops({0, 2, 3}, 10));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
