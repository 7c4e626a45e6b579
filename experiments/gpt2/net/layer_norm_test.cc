#include "experiments/gpt2/net/layer_norm.h"

#include <cmath>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/isa_testing.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

class LayerNorm : public IsaTest {};
ANISOGRAD_FOR_EACH_ISA(LayerNorm);

constexpr double kEpsilon = 1e-5;

struct Forward {
  TestMatrix<double> y, mean, rstd;
};

Forward Normalise(ThreadPool* pool, const TestMatrix<double>& x,
            const TestMatrix<double>& gamma, const TestMatrix<double>& beta) {
  Forward f{TestMatrix<double>(x.rows(), x.columns()),
            TestMatrix<double>(1, x.rows()), TestMatrix<double>(1, x.rows())};
  LayerNormForward<double>(pool, x.view(), gamma.data(), beta.data(), kEpsilon,
                           f.y.view(), f.mean.data(), f.rstd.data());
  return f;
}

TEST_P(LayerNorm, ForwardByTheFormula) {
  ThreadPool pool(2);
  for (const int64_t width : {1, 3, 17, 64, 65}) {
    const TestMatrix<double> x(9, width, 1), gamma(1, width, 2),
        beta(1, width, 3);
    const Forward f = Normalise(&pool, x, gamma, beta);
    for (int64_t i = 0; i < 9; ++i) {
      double mean = 0.0, variance = 0.0;
      for (int64_t c = 0; c < width; ++c) mean += x.at(i, c);
      mean /= static_cast<double>(width);
      for (int64_t c = 0; c < width; ++c) {
        variance += (x.at(i, c) - mean) * (x.at(i, c) - mean);
      }
      variance /= static_cast<double>(width);
      const double rstd = 1.0 / std::sqrt(variance + kEpsilon);
      ASSERT_NEAR(f.mean.at(0, i), mean, 1e-14);
      ASSERT_NEAR(f.rstd.at(0, i) / rstd, 1.0, 1e-12);
      for (int64_t c = 0; c < width; ++c) {
        ASSERT_NEAR(f.y.at(i, c),
                    (x.at(i, c) - mean) * rstd * gamma.at(0, c) + beta.at(0, c),
                    1e-11);
      }
    }
  }
}

TEST_P(LayerNorm, GradientsAgainstFiniteDifferences) {
  ThreadPool pool(2);
  for (const int64_t width : {2, 17, 33}) {
    TestMatrix<double> x(5, width, 1), gamma(1, width, 2), beta(1, width, 3);
    const TestMatrix<double> up(5, width, 4);
    const auto loss = [&] {
      return InnerProduct(up, Normalise(&pool, x, gamma, beta).y);
    };
    const Forward f = Normalise(&pool, x, gamma, beta);
    TestMatrix<double> dx(5, width), dgamma(1, width), dbeta(1, width);
    LayerNormBackward<double>(&pool, up.view(), x.view(), gamma.data(),
                              f.mean.data(), f.rstd.data(), dx.view(),
                              dgamma.data(), dbeta.data());
    ExpectGradient("x", x.span(), loss, dx.span(), 1e-6);
    ExpectGradient("gamma", gamma.span(), loss, dgamma.span(), 1e-6);
    ExpectGradient("beta", beta.span(), loss, dbeta.span(), 1e-6);
    // All three are added to.
    const std::vector<double> once = dx.values();
    LayerNormBackward<double>(&pool, up.view(), x.view(), gamma.data(),
                              f.mean.data(), f.rstd.data(), dx.view(),
                              dgamma.data(), dbeta.data());
    for (size_t i = 0; i < once.size(); ++i) {
      EXPECT_NEAR(dx.span()[i], 2 * once[i], 1e-12);
    }
  }
}

TEST_P(LayerNorm, SameBitsForAnyNumberOfThreadsAndIsa) {
  for (const int64_t width : {5, 48, 77}) {
    const TestMatrix<float> x(130, width, 1), gamma(1, width, 2),
        beta(1, width, 3), up(130, width, 4);
    std::vector<std::vector<float>> first;
    for (const Isa isa : {Isa::kAvx2, GetParam()}) {
      UseIsa(isa);
      for (const int threads : {1, 2, 3}) {
        ThreadPool pool(threads);
        TestMatrix<float> y(130, width), mean(1, 130), rstd(1, 130),
            dx(130, width), dgamma(1, width), dbeta(1, width);
        LayerNormForward<float>(&pool, x.view(), gamma.data(), beta.data(),
                                kEpsilon, y.view(), mean.data(), rstd.data());
        LayerNormBackward<float>(&pool, up.view(), x.view(), gamma.data(),
                                 mean.data(), rstd.data(), dx.view(),
                                 dgamma.data(), dbeta.data());
        const std::vector<std::vector<float>> all = {
            y.values(), dx.values(), dgamma.values(), dbeta.values()};
        if (first.empty()) first = all;
        EXPECT_EQ(all, first);
      }
    }
  }
}

}  // namespace
}  // namespace anisograd
