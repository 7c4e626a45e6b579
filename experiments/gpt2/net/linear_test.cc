#include "experiments/gpt2/net/linear.h"

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

TEST(Linear, ForwardIsAffine) {
  ThreadPool pool(2);
  const TestMatrix<double> x(33, 17, 1), w(17, 21, 2), b(1, 21, 3);
  TestMatrix<double> y(33, 21, 4);
  LinearForward<double>(&pool, x.view(), w.view(), b.data(), y.view());
  for (int64_t i = 0; i < 33; ++i) {
    for (int64_t j = 0; j < 21; ++j) {
      double sum = b.at(0, j);
      for (int64_t k = 0; k < 17; ++k) sum += x.at(i, k) * w.at(k, j);
      ASSERT_NEAR(y.at(i, j), sum, 1e-13);
    }
  }
}

TEST(Linear, GradientsAgainstFiniteDifferences) {
  ThreadPool pool(2);
  TestMatrix<double> x(5, 7, 1), w(7, 3, 2), b(1, 3, 3);
  const TestMatrix<double> up(5, 3, 4);
  const auto loss = [&] {
    TestMatrix<double> y(5, 3);
    LinearForward<double>(&pool, x.view(), w.view(), b.data(), y.view());
    return InnerProduct(up, y);
  };
  // dx is overwritten, dw and db are added to.
  TestMatrix<double> dx(5, 7, 5), dw(7, 3), db(1, 3);
  LinearBackward<double>(&pool, up.view(), x.view(), w.view(), dx.view(),
                         dw.view(), db.data());
  ExpectGradient("x", x.span(), loss, dx.span());
  ExpectGradient("weight", w.span(), loss, dw.span());
  ExpectGradient("bias", b.span(), loss, db.span());
  const std::vector<double> once = dw.values(), bias_once = db.values();
  LinearBackward<double>(&pool, up.view(), x.view(), w.view(), dx.view(),
                         dw.view(), db.data());
  for (size_t i = 0; i < once.size(); ++i) {
    EXPECT_NEAR(dw.span()[i], 2 * once[i], 1e-13);
  }
  for (size_t i = 0; i < bias_once.size(); ++i) {
    EXPECT_NEAR(db.span()[i], 2 * bias_once[i], 1e-13);
  }
}

TEST(Linear, SameBitsForAnyNumberOfThreads) {
  const TestMatrix<float> x(300, 65, 1), w(65, 400, 2), b(1, 400, 3),
      up(300, 400, 4);
  std::vector<std::vector<float>> first;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    TestMatrix<float> y(300, 400), dx(300, 65), dw(65, 400), db(1, 400);
    LinearForward<float>(&pool, x.view(), w.view(), b.data(), y.view());
    LinearBackward<float>(&pool, up.view(), x.view(), w.view(), dx.view(),
                          dw.view(), db.data());
    const std::vector<std::vector<float>> all = {y.values(), dx.values(),
                                                 dw.values(), db.values()};
    if (first.empty()) first = all;
    EXPECT_EQ(all, first);
  }
}

}  // namespace
}  // namespace anisograd
