#include "experiments/gpt2/smoothness/nearby_point.h"

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

Gpt2Config Config() {
  Gpt2Config config;
  config.set_layers(2);
  config.set_heads(2);
  config.set_width(8);
  config.set_context(7);
  config.set_vocabulary(11);
  config.set_initializer_range(0.3);
  return config;
}

std::vector<float> Parameters() {
  const ParameterLayout layout(Config());
  std::vector<float> parameters(static_cast<size_t>(layout.size()));
  InitializeParameters(Config(), layout, 1, absl::MakeSpan(parameters));
  return parameters;
}

TEST(NearbyPoint, RandomOnesHaveTheStatedDistance) {
  const ParameterLayout layout(Config());
  const std::vector<float> w = Parameters();
  std::vector<float> nearby(w.size());
  ThreadPool pool(1);
  const double d = static_cast<double>(layout.parameter_count());
  double sum = 0.0, squares = 0.0;
  MakeNearbyPoint(layout, w, 0.25, Gpt2SmoothnessSpec::NORMAL, 3, 0, &pool,
                  absl::MakeSpan(nearby));
  for (size_t j = 0; j < w.size(); ++j) {
    sum += (nearby[j] - w[j]) / 0.25;
    squares += std::pow((nearby[j] - w[j]) / 0.25, 2);
  }
  EXPECT_NEAR(sum / d, 0.0, 5 / std::sqrt(d));
  EXPECT_NEAR(squares / d, 1.0, 5 * std::sqrt(2 / d));

  int64_t up = 0;
  MakeNearbyPoint(layout, w, 0.25, Gpt2SmoothnessSpec::SIGNS, 3, 0, &pool,
                  absl::MakeSpan(nearby));
  for (const ParameterTensor& t : layout.tensors()) {
    for (int64_t j = t.offset; j < t.offset + t.size; ++j) {
      ASSERT_NEAR(std::fabs(nearby[j] - w[j]), 0.25, 1e-6);
      up += nearby[j] > w[j];
    }
  }
  EXPECT_NEAR(static_cast<double>(up) / d, 0.5, 2.5 / std::sqrt(d));
}

// f(w) = w'Hw / 2 with H = (uu' + vv') / d, where u and v have elements +-1. At
// random signs z'Hz = ((u'z)^2 + (v'z)^2) / d is about 2, and at u or v, whichever
// is nearer and one step away, at least d.
TEST(NearbyPoint, AscentRaisesTheCurvatureOfAQuadratic) {
  const ParameterLayout layout(Config());
  const std::vector<float> w = Parameters();
  const double d = static_cast<double>(layout.parameter_count());
  const auto u = [](int64_t j) { return j % 2 == 0 ? -1.0 : 1.0; };
  const auto v = [](int64_t j) { return j % 3 == 0 ? -1.0 : 1.0; };
  const auto over_all = [&](const auto& visit) {
    for (const ParameterTensor& t : layout.tensors()) {
      for (int64_t j = t.offset; j < t.offset + t.size; ++j) visit(j);
    }
  };
  const auto gradient = [&](const std::vector<float>& at) {
    double along_u = 0.0, along_v = 0.0;
    over_all([&](int64_t j) {
      along_u += u(j) * at[j];
      along_v += v(j) * at[j];
    });
    std::vector<float> g(at.size());
    over_all([&](int64_t j) {
      g[j] = static_cast<float>((u(j) * along_u + v(j) * along_v) / d);
    });
    return g;
  };
  // z'Hz.
  const auto curvature = [&](const std::vector<float>& nearby) {
    const std::vector<float> here = gradient(w), there = gradient(nearby);
    double sum = 0.0;
    over_all([&](int64_t j) {
      sum += (nearby[j] - w[j]) * (there[j] - here[j]) / (0.25 * 0.25);
    });
    return sum;
  };
  ThreadPool pool(1);
  std::vector<float> nearby(w.size());
  for (uint32_t point = 0; point < 10; ++point) {
    MakeNearbyPoint(layout, w, 0.25, Gpt2SmoothnessSpec::SIGNS, 3, point, &pool,
                    absl::MakeSpan(nearby));
    double before = curvature(nearby);
    EXPECT_LT(before, 20.0) << point;
    for (int k = 0; k < 2; ++k) {
      const std::vector<float> there = gradient(nearby);
      MakeAscentPoint(layout, w, 0.25, gradient(w), there, &pool,
                      absl::MakeSpan(nearby));
      const double after = curvature(nearby);
      EXPECT_GE(after, (1.0 - 1e-5) * before) << point;
      before = after;
    }
    EXPECT_GE(before, (1.0 - 1e-5) * d) << point;
  }
}

TEST(NearbyPoint, AscentTakesZeroForPlus) {
  const ParameterLayout layout(Config());
  const std::vector<float> w(static_cast<size_t>(layout.size()), 1.0f);
  std::vector<float> here(w.size(), 2.0f), there = here, nearby(w.size());
  const size_t first = static_cast<size_t>(layout.tensors()[0].offset);
  there[first] = 1.5f;
  there[first + 1] = 2.5f;
  ThreadPool pool(1);
  MakeAscentPoint(layout, w, 0.25, here, there, &pool, absl::MakeSpan(nearby));
  EXPECT_EQ(nearby[first], 0.75f);
  EXPECT_EQ(nearby[first + 1], 1.25f);
  EXPECT_EQ(nearby[first + 2], 1.25f);
}

}  // namespace
}  // namespace anisograd
