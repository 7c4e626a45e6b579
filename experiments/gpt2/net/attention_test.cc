#include "experiments/gpt2/net/attention.h"

#include <cmath>
#include <vector>

#include "experiments/gpt2/net/gradient_check.h"
#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

struct Case {
  int64_t heads;
  int64_t head_width;
  int64_t context;
  std::vector<int64_t> starts;
  int64_t first_token = 0;

  int64_t tokens() const { return starts.back(); }
  int64_t width() const { return heads * head_width; }
  AttentionShape shape() const {
    AttentionShape s;
    s.heads = heads;
    s.context = context;
    s.starts = starts;
    s.first_token = first_token;
    return s;
  }
};

const DropoutKey kKey = {5, 9};
Dropout SomeDropout() { return Dropout(kKey, 1, DropoutSite::kAttention, 0.3); }

template <typename T>
struct Forward {
  TestMatrix<T> y, log_sum;
};

template <typename T>
Forward<T> Attend(ThreadPool* pool, const Case& c, const Dropout& dropout,
                  const TestMatrix<T>& qkv) {
  Forward<T> f{TestMatrix<T>(c.tokens(), c.width()),
               TestMatrix<T>(c.heads, c.tokens())};
  AttentionForward<T>(pool, c.shape(), dropout, qkv.view(), f.y.view(),
                      f.log_sum.view());
  return f;
}

// The header's formula, element by element.
TestMatrix<double> Naive(const Case& c, const Dropout& dropout,
                         const TestMatrix<double>& qkv) {
  TestMatrix<double> y(c.tokens(), c.width());
  const int64_t d = c.head_width, width = c.width();
  for (size_t s = 0; s + 1 < c.starts.size(); ++s) {
    for (int64_t h = 0; h < c.heads; ++h) {
      for (int64_t i = c.starts[s]; i < c.starts[s + 1]; ++i) {
        std::vector<double> p;
        double sum = 0.0;
        for (int64_t j = c.starts[s]; j <= i; ++j) {
          double score = 0.0;
          for (int64_t k = 0; k < d; ++k) {
            score += qkv.at(i, h * d + k) * qkv.at(j, width + h * d + k);
          }
          p.push_back(std::exp(score / std::sqrt(static_cast<double>(d))));
          sum += p.back();
        }
        for (double& x : p) x /= sum;
        dropout.Apply<double>(
            static_cast<uint64_t>(((c.first_token + i) * c.heads + h) *
                                  c.context),
            static_cast<int64_t>(p.size()), p.data());
        for (int64_t k = 0; k < d; ++k) {
          for (size_t j = 0; j < p.size(); ++j) {
            y.at(i, h * d + k) +=
                p[j] * qkv.at(c.starts[s] + static_cast<int64_t>(j),
                              2 * width + h * d + k);
          }
        }
      }
    }
  }
  return y;
}

// Lengths around the block of 64 queries.
std::vector<Case> Cases() {
  return {{1, 1, 1, {0, 1}},
          {2, 3, 9, {0, 5, 6, 15}},
          {3, 5, 70, {0, 1, 64, 130}, 11},
          {2, 8, 200, {0, 63, 127, 192, 200 + 192}}};
}

TEST(Attention, ForwardByTheFormula) {
  ThreadPool pool(2);
  for (const Case& c : Cases()) {
    for (const Dropout& dropout : {Dropout(), SomeDropout()}) {
      const TestMatrix<double> qkv(c.tokens(), 3 * c.width(), 1);
      const TestMatrix<double> expected = Naive(c, dropout, qkv);
      ExpectClose<double>("y", Attend(&pool, c, dropout, qkv).y.span(),
                          expected.span(), 1e-12);
    }
  }
}

TEST(Attention, GradientAgainstFiniteDifferences) {
  ThreadPool pool(2);
  const std::vector<Case> cases = {{2, 3, 9, {0, 5, 6, 12}, 3},
                                   {1, 2, 80, {0, 66}}};
  for (const Case& c : cases) {
    for (const Dropout& dropout : {Dropout(), SomeDropout()}) {
      TestMatrix<double> qkv(c.tokens(), 3 * c.width(), 1);
      const TestMatrix<double> up(c.tokens(), c.width(), 2);
      const auto loss = [&] {
        return InnerProduct(up, Attend(&pool, c, dropout, qkv).y);
      };
      const Forward<double> f = Attend(&pool, c, dropout, qkv);
      // Overwritten, so what stood there must not show.
      TestMatrix<double> dqkv(c.tokens(), 3 * c.width(), 3);
      AttentionBackward<double>(&pool, c.shape(), dropout, up.view(),
                                qkv.view(), f.y.view(), f.log_sum.view(),
                                dqkv.view());
      ExpectGradient("qkv", qkv.span(), loss, dqkv.span());
    }
  }
}

TEST(Attention, LargeScoresDoNotOverflow) {
  ThreadPool pool(1);
  const Case c = {1, 2, 8, {0, 3}};
  TestMatrix<float> qkv(3, 6, 1);
  for (float& x : qkv.span()) x *= 100.0f;
  const Forward<float> f = Attend(&pool, c, Dropout(), qkv);
  for (const float y : f.y.span()) {
    EXPECT_TRUE(std::isfinite(y));
  }
}

TEST(Attention, SequencesDoNotSeeEachOther) {
  // The second sequence alone, numbered as in the batch, has the same bits.
  ThreadPool pool(1);
  const Case both = {2, 4, 100, {0, 70, 97}};
  const TestMatrix<float> qkv(97, 24, 1);
  const Forward<float> whole = Attend(&pool, both, SomeDropout(), qkv);
  Case alone = {2, 4, 100, {0, 27}, 70};
  TestMatrix<float> part(27, 24);
  std::copy(qkv.data() + 70 * 24, qkv.data() + 97 * 24, part.data());
  const Forward<float> second = Attend(&pool, alone, SomeDropout(), part);
  for (int64_t i = 0; i < 27; ++i) {
    for (int64_t k = 0; k < 8; ++k) {
      EXPECT_EQ(second.y.at(i, k), whole.y.at(70 + i, k));
    }
  }
}

TEST(Attention, SameBitsForAnyNumberOfThreads) {
  const Case c = {3, 5, 200, {0, 150, 151, 300}};
  const TestMatrix<float> qkv(300, 45, 1), up(300, 15, 2);
  std::vector<std::vector<float>> first;
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    const Forward<float> f = Attend(&pool, c, SomeDropout(), qkv);
    TestMatrix<float> dqkv(300, 45);
    AttentionBackward<float>(&pool, c.shape(), SomeDropout(), up.view(),
                             qkv.view(), f.y.view(), f.log_sum.view(),
                             dqkv.view());
    const std::vector<std::vector<float>> all = {f.y.values(), dqkv.values()};
    if (first.empty()) first = all;
    EXPECT_EQ(all, first);
  }
}

}  // namespace
}  // namespace anisograd
