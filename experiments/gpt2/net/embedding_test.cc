#include "experiments/gpt2/net/embedding.h"

#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

// Two sequences; token 4 stands twice, so that its gradient is a sum.
const std::vector<int32_t> kTokens = {4, 1, 4, 0, 2};
const std::vector<int64_t> kStarts = {0, 3, 5};
const std::vector<int64_t> kPositions = {0, 1, 2, 0, 1};

TokenBatch Batch() {
  TokenBatch batch;
  batch.tokens = kTokens;
  batch.starts = kStarts;
  return batch;
}

TEST(Embedding, ForwardAddsTokenAndPosition) {
  ThreadPool pool(2);
  const TestMatrix<double> wte(6, 7, 1), wpe(4, 7, 2);
  TestMatrix<double> x(5, 7);
  EmbeddingForward<double>(&pool, Batch(), wte.view(), wpe.view(), x.view());
  for (int64_t i = 0; i < 5; ++i) {
    for (int64_t c = 0; c < 7; ++c) {
      EXPECT_EQ(x.at(i, c), wte.at(kTokens[i], c) + wpe.at(kPositions[i], c));
    }
  }
}

TEST(Embedding, GradientsAgainstFiniteDifferences) {
  ThreadPool pool(2);
  TestMatrix<double> wte(6, 7, 1), wpe(4, 7, 2);
  const TestMatrix<double> up(5, 7, 3);
  const auto loss = [&] {
    TestMatrix<double> x(5, 7);
    EmbeddingForward<double>(&pool, Batch(), wte.view(), wpe.view(), x.view());
    return InnerProduct(up, x);
  };
  TestMatrix<double> dwte(6, 7), dwpe(4, 7);
  EmbeddingBackward<double>(&pool, Batch(), up.view(), dwte.view(),
                            dwpe.view());
  ExpectGradient("wte", wte.span(), loss, dwte.span());
  ExpectGradient("wpe", wpe.span(), loss, dwpe.span());
}

}  // namespace
}  // namespace anisograd
