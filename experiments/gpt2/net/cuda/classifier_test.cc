#include "experiments/gpt2/net/cuda/classifier.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "experiments/gpt2/net/cross_entropy.h"
#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/token_batch.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr double kScale = 0.125;

struct Shape {
  int64_t rows, vocabulary, stride;
};
// The vocabulary of the reduced experiment, GPT-2's, less than a quad, and
// what threads have exactly one quad each of.
const Shape kShapes[] = {
    {3, 1, 4}, {5, 7, 8}, {4, 1257, 1260}, {2, 4096, 4096}, {2, 50257, 50264}};

// Logits in [offset - 8, offset + 8); not a number behind the vocabulary.
std::vector<float> Logits(const Shape& s, double offset = 0.0) {
  std::vector<float> logits = RandomNumbers<float>(s.rows * s.stride, 1, 8.0);
  for (size_t j = 0; j < logits.size(); ++j) {
    logits[j] += static_cast<float>(offset);
    if (static_cast<int64_t>(j) % s.stride >= s.vocabulary) {
      logits[j] = std::numeric_limits<float>::quiet_NaN();
    }
  }
  return logits;
}

std::vector<int32_t> Targets(const Shape& s) {
  std::vector<int32_t> targets;
  for (int64_t i = 0; i < s.rows; ++i) {
    targets.push_back(static_cast<int32_t>(
        i == 0 ? s.vocabulary - 1 : 17 * (i - 1) % s.vocabulary));
  }
  return targets;
}

struct Outcome {
  std::vector<double> losses;
  std::vector<double> dlogits;
};

Outcome OnCpu(const Shape& s, const std::vector<float>& logits,
              const std::vector<int32_t>& targets) {
  ThreadPool pool(1);
  Outcome cpu{{}, Widened(logits)};
  for (int64_t i = 0; i < s.rows; ++i) {
    cpu.losses.push_back(
        anisograd::CrossEntropy<double>(
            &pool, {&targets[static_cast<size_t>(i)], 1}, kScale,
            {cpu.dlogits.data() + i * s.stride, 1, s.vocabulary, s.stride})
            .sum);
  }
  return cpu;
}

// A thread adds up some 50 exponentials of differences of at most 16, whose own
// rounding is 16 2^-24: relative to the sum, less than 4e-6 in all.
constexpr double kTolerance = 4e-6;

template <typename A>
void ExpectGradient(const Shape& s, const std::vector<int32_t>& targets,
                    const Outcome& cpu, const std::vector<A>& dlogits) {
  for (int64_t i = 0; i < s.rows; ++i) {
    for (int64_t v = 0; v < s.stride; ++v) {
      const size_t j = static_cast<size_t>(i * s.stride + v);
      if (v >= s.vocabulary) {
        ASSERT_EQ(Wide(dlogits[j]), 0.0) << i << " " << v;
        continue;
      }
      const double expected = cpu.dlogits[j];
      // At the target, a difference of two numbers up to the scale.
      const double size = std::fabs(expected) +
                          (v == targets[static_cast<size_t>(i)] ? kScale : 0.0);
      ASSERT_NEAR(Wide(dlogits[j]), expected,
                  kTolerance * size +
                      RoundingError(A()) * std::fabs(expected))
          << i << " " << v;
    }
  }
}

template <typename A>
class ClassifierTest : public testing::Test {};
using Types = testing::Types<float, __nv_bfloat16>;
TYPED_TEST_SUITE(ClassifierTest, Types);

TYPED_TEST(ClassifierTest, LikeTheCpu) {
  using A = TypeParam;
  for (const Shape& s : kShapes) {
    SCOPED_TRACE(s.vocabulary);
    const std::vector<float> logits = Logits(s);
    const std::vector<int32_t> targets = Targets(s);
    const Outcome cpu = OnCpu(s, logits, targets);
    const auto dev_logits = OnDevice(logits);
    const auto dev_targets = OnDevice(targets);
    auto losses = NewOnDevice<double>(s.rows);
    auto dlogits = OnDevice(RandomNumbers<A>(s.rows * s.stride, 2));
    const MatrixView<const float> in(dev_logits.data(), s.rows, s.vocabulary,
                                     s.stride);
    ASSERT_OK(CrossEntropy<A>(
        nullptr, dev_targets.data(), static_cast<float>(kScale), in,
        losses.data(), {dlogits.data(), s.rows, s.vocabulary, s.stride}));
    const std::vector<double> first = OnHost(losses);
    for (int64_t i = 0; i < s.rows; ++i) {
      EXPECT_NEAR(first[static_cast<size_t>(i)],
                  cpu.losses[static_cast<size_t>(i)], kTolerance);
    }
    const std::vector<A> gradient = OnHost(dlogits);
    ExpectGradient(s, targets, cpu, gradient);

    // Without the gradient, the same losses.
    auto again = NewOnDevice<double>(s.rows);
    ASSERT_OK(CrossEntropy<A>(nullptr, dev_targets.data(),
                              static_cast<float>(kScale), in, again.data(),
                              {}));
    EXPECT_EQ(first, OnHost(again));
    // The same bits twice.
    auto second = NewOnDevice<A>(s.rows * s.stride);
    ASSERT_OK(CrossEntropy<A>(
        nullptr, dev_targets.data(), static_cast<float>(kScale), in,
        losses.data(), {second.data(), s.rows, s.vocabulary, s.stride}));
    EXPECT_EQ(first, OnHost(losses));
    EXPECT_TRUE(SameBits(gradient, OnHost(second)));
  }
}

TEST(Classifier, GradientInPlaceOfTheLogits) {
  const Shape s = {4, 1257, 1260};
  const std::vector<float> logits = Logits(s);
  const std::vector<int32_t> targets = Targets(s);
  auto in_place = OnDevice(logits);
  auto apart = NewOnDevice<float>(s.rows * s.stride);
  const auto dev_logits = OnDevice(logits);
  const auto dev_targets = OnDevice(targets);
  auto losses = NewOnDevice<double>(s.rows), others = NewOnDevice<double>(4);
  ASSERT_OK(CrossEntropy<float>(
      nullptr, dev_targets.data(), 1.0f,
      {dev_logits.data(), s.rows, s.vocabulary, s.stride}, losses.data(),
      {apart.data(), s.rows, s.vocabulary, s.stride}));
  ASSERT_OK(CrossEntropy<float>(
      nullptr, dev_targets.data(), 1.0f,
      {in_place.data(), s.rows, s.vocabulary, s.stride}, others.data(),
      {in_place.data(), s.rows, s.vocabulary, s.stride}));
  EXPECT_EQ(OnHost(losses), OnHost(others));
  EXPECT_TRUE(SameBits(OnHost(apart), OnHost(in_place)));
}

// exp overflows beyond 88, and underflows to nothing below -104.
TEST(Classifier, LogitsFarFromZero) {
  const Shape s = {3, 1257, 1260};
  const std::vector<int32_t> targets = Targets(s);
  for (const double offset : {-1000.0, 1000.0}) {
    const std::vector<float> logits = Logits(s, offset);
    const Outcome cpu = OnCpu(s, logits, targets);
    const auto dev_logits = OnDevice(logits);
    const auto dev_targets = OnDevice(targets);
    auto losses = NewOnDevice<double>(s.rows);
    auto dlogits = NewOnDevice<float>(s.rows * s.stride);
    ASSERT_OK(CrossEntropy<float>(
        nullptr, dev_targets.data(), static_cast<float>(kScale),
        {dev_logits.data(), s.rows, s.vocabulary, s.stride}, losses.data(),
        {dlogits.data(), s.rows, s.vocabulary, s.stride}));
    const std::vector<double> actual = OnHost(losses);
    for (size_t i = 0; i < actual.size(); ++i) {
      EXPECT_NEAR(actual[i], cpu.losses[i], kTolerance);
    }
    ExpectGradient(s, targets, cpu, OnHost(dlogits));
  }
}

TEST(Classifier, ANumberThatIsNoneShowsInTheLoss) {
  const Shape s = {2, 7, 8};
  std::vector<float> logits = Logits(s);
  logits[2] = std::numeric_limits<float>::quiet_NaN();
  const auto dev_logits = OnDevice(logits);
  const auto targets = OnDevice(Targets(s));
  auto losses = NewOnDevice<double>(s.rows);
  ASSERT_OK(CrossEntropy<float>(
      nullptr, targets.data(), 1.0f,
      {dev_logits.data(), s.rows, s.vocabulary, s.stride}, losses.data(), {}));
  EXPECT_TRUE(std::isnan(OnHost(losses)[0]));
  EXPECT_FALSE(std::isnan(OnHost(losses)[1]));
}

// Rows without a target are left out by gathering the others, and keep what
// they had when the others go back.
TYPED_TEST(ClassifierTest, RowsWithoutTarget) {
  using A = TypeParam;
  const std::vector<int32_t> targets = {kNoTarget, 3, kNoTarget, kNoTarget,
                                        1,         0, kNoTarget};
  const CountedRows counted = MakeCountedRows(targets);
  const int64_t n = static_cast<int64_t>(counted.rows.size());
  const auto rows = OnDevice(counted.rows);
  for (const int64_t width : {4, 32, 260, 768, 1600}) {
    const std::vector<A> all = RandomNumbers<A>(7 * width, 1);
    const auto in = OnDevice(all);
    auto gathered = NewOnDevice<A>(n * width);
    ASSERT_OK(GatherRows<A>(nullptr, rows.data(), {in.data(), 7, width},
                            {gathered.data(), n, width}));
    std::vector<A> expected;
    for (const int32_t row : counted.rows) {
      expected.insert(expected.end(), all.begin() + row * width,
                      all.begin() + (row + 1) * width);
    }
    EXPECT_TRUE(SameBits(expected, OnHost(gathered))) << width;

    const std::vector<A> before = RandomNumbers<A>(7 * width, 2);
    auto out = OnDevice(before);
    ASSERT_OK(ScatterRows<A>(nullptr, rows.data(), {gathered.data(), n, width},
                             {out.data(), 7, width}));
    std::vector<A> scattered = before;
    for (const int32_t row : counted.rows) {
      std::copy(all.begin() + row * width, all.begin() + (row + 1) * width,
                scattered.begin() + row * width);
    }
    EXPECT_TRUE(SameBits(scattered, OnHost(out))) << width;
  }
}

// A batch in which nothing is counted.
TEST(Classifier, NoRows) {
  ASSERT_OK(CrossEntropy<float>(nullptr, nullptr, 1.0f, {nullptr, 0, 7, 8},
                                nullptr, {}));
  ASSERT_OK(GatherRows<float>(nullptr, nullptr, {nullptr, 7, 8},
                              {nullptr, 0, 8}));
  ASSERT_OK(ScatterRows<float>(nullptr, nullptr, {nullptr, 0, 8},
                               {nullptr, 7, 8}));
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
