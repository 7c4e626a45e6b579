#include "experiments/gpt2/net/cross_entropy.h"

#include <cmath>
#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

TEST(CrossEntropy, LossByTheFormula) {
  ThreadPool pool(2);
  for (const int64_t vocabulary : {1, 2, 17, 64, 101}) {
    const TestMatrix<double> logits(4, vocabulary, 1);
    const std::vector<int32_t> targets = {
        0, static_cast<int32_t>(vocabulary - 1),
        static_cast<int32_t>(vocabulary / 2), 0};
    double sum = 0.0;
    for (int64_t i = 0; i < 4; ++i) {
      double exponentials = 0.0;
      for (int64_t v = 0; v < vocabulary; ++v) {
        exponentials += std::exp(logits.at(i, v));
      }
      sum += std::log(exponentials) - logits.at(i, targets[i]);
    }
    TestMatrix<double> work(4, vocabulary, 1);
    const LossSum loss = CrossEntropy<double>(&pool, targets, 1.0, work.view());
    EXPECT_NEAR(loss.sum, sum, 1e-12);
    EXPECT_EQ(loss.count, 4);
  }
}

TEST(CrossEntropy, GradientAgainstFiniteDifferences) {
  ThreadPool pool(2);
  TestMatrix<double> logits(3, 19, 1);
  const std::vector<int32_t> targets = {0, 18, 7};
  constexpr double kScale = 0.25;
  const auto loss = [&] {
    TestMatrix<double> work(3, 19);
    std::copy(logits.span().begin(), logits.span().end(), work.data());
    return kScale *
           CrossEntropy<double>(&pool, targets, kScale, work.view()).sum;
  };
  TestMatrix<double> gradient(3, 19, 1);
  CrossEntropy<double>(&pool, targets, kScale, gradient.view());
  ExpectGradient("logits", logits.span(), loss, gradient.span());
}

TEST(CrossEntropy, LargeLogitsDoNotOverflow) {
  ThreadPool pool(1);
  TestMatrix<float> logits(1, 3);
  logits.at(0, 0) = 1000.0f;
  logits.at(0, 1) = -1000.0f;
  logits.at(0, 2) = 1000.0f;
  const std::vector<int32_t> targets = {0};
  const LossSum loss = CrossEntropy<float>(&pool, targets, 1.0, logits.view());
  EXPECT_NEAR(loss.sum, std::log(2.0), 1e-6);
  EXPECT_NEAR(logits.at(0, 0), -0.5, 1e-6);
  // The exponential of a far negative number may be the smallest one.
  EXPECT_NEAR(logits.at(0, 1), 0.0, 1e-30);
  EXPECT_NEAR(logits.at(0, 2), 0.5, 1e-6);
}

}  // namespace
}  // namespace anisograd
