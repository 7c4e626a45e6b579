#include "experiments/gpt2/net/tied_head.h"

#include <cmath>
#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "experiments/gpt2/net/token_batch.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

TEST(TiedHead, LossByTheFormulaAcrossChunks) {
  ThreadPool pool(2);
  // More rows than are held at one time, every third without a target.
  constexpr int64_t kRows = 2 * kTiedHeadRows + 70;
  const TestMatrix<double> h(kRows, 5, 1), wte(13, 5, 2);
  std::vector<int32_t> targets;
  double sum = 0.0;
  int64_t count = 0;
  for (int64_t i = 0; i < kRows; ++i) {
    targets.push_back(i % 3 == 0 ? kNoTarget : static_cast<int32_t>(i % 13));
    if (targets.back() == kNoTarget) continue;
    double exponentials = 0.0, at_target = 0.0;
    for (int64_t v = 0; v < 13; ++v) {
      double logit = 0.0;
      for (int64_t c = 0; c < 5; ++c) logit += h.at(i, c) * wte.at(v, c);
      exponentials += std::exp(logit);
      if (v == targets.back()) at_target = logit;
    }
    sum += std::log(exponentials) - at_target;
    ++count;
  }
  const LossSum loss = TiedHeadLoss<double>(&pool, targets, h.view(), wte.view());
  EXPECT_NEAR(loss.sum, sum, 1e-9);
  EXPECT_EQ(loss.count, count);
}

TEST(TiedHead, GradientsAgainstFiniteDifferences) {
  ThreadPool pool(2);
  TestMatrix<double> h(6, 5, 1), wte(7, 5, 2);
  const std::vector<int32_t> targets = {3, kNoTarget, 0, 6, kNoTarget, 3};
  constexpr double kScale = 0.3;
  const auto loss = [&] {
    return kScale *
           TiedHeadLoss<double>(&pool, targets, h.view(), wte.view()).sum;
  };
  TestMatrix<double> dh(6, 5, 3), dwte(7, 5);
  const LossSum both = TiedHeadLossAndGradient<double>(
      &pool, targets, kScale, h.view(), wte.view(), dh.view(), dwte.view());
  EXPECT_NEAR(kScale * both.sum, loss(), 1e-13);
  ExpectGradient("h", h.span(), loss, dh.span());
  ExpectGradient("wte", wte.span(), loss, dwte.span());
}

TEST(TiedHead, NothingCountedIsNothing) {
  ThreadPool pool(1);
  const TestMatrix<double> h(2, 5, 1), wte(7, 5, 2);
  TestMatrix<double> dh(2, 5, 3), dwte(7, 5);
  const std::vector<int32_t> targets = {kNoTarget, kNoTarget};
  const LossSum loss = TiedHeadLossAndGradient<double>(
      &pool, targets, 1.0, h.view(), wte.view(), dh.view(), dwte.view());
  EXPECT_EQ(loss.sum, 0.0);
  EXPECT_EQ(loss.count, 0);
  for (const double x : dh.span()) EXPECT_EQ(x, 0.0);
  for (const double x : dwte.span()) EXPECT_EQ(x, 0.0);
}

}  // namespace
}  // namespace anisograd
