#include "optim/device_optimizer.h"

#include <cuda_bf16.h>
#include <cuda_runtime_api.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "optim/optimizer.h"
#include "optim/rules.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using cuda::DeviceBuffer;

constexpr int kSteps = 3;
constexpr float kLearningRate = 0.03f;

OptimizerSpec Rule(const std::string& name) {
  OptimizerSpec spec = UsualRule(name);
  if (name == "adagrad") spec.mutable_adagrad()->set_initial_accumulator(0.1);
  if (name == "adagrad_inside") {
    // Its square is no single-precision number but 0.
    spec.mutable_adagrad()->set_epsilon(1e-30);
    spec.mutable_adagrad()->set_epsilon_convention(AdaGrad::INSIDE_ROOT);
  }
  if (name == "adagrad_norm") spec.mutable_adagrad_norm()->set_epsilon(1e-30);
  return spec;
}

std::vector<std::string> Variants() {
  std::vector<std::string> names = RuleNames();
  names.push_back("adagrad_inside");
  return names;
}

// Every fifth is 0.
std::vector<float> Numbers(int64_t size, uint32_t stream) {
  RandomStream random(17, RandomPurpose::kTest, stream);
  std::vector<float> numbers(size);
  for (int64_t i = 0; i < size; ++i) {
    const double x = random.NextUniform(-1.0, 1.0);
    numbers[i] = i % 5 == 4 ? 0.0f : static_cast<float>(x);
  }
  return numbers;
}

template <typename T>
std::vector<T> ToHost(const T* from, int64_t size) {
  std::vector<T> host(size);
  EXPECT_EQ(cudaSuccess, cudaMemcpy(host.data(), from, size * sizeof(T),
                                    cudaMemcpyDeviceToHost));
  return host;
}

std::vector<uint32_t> Bits(const std::vector<float>& x) {
  std::vector<uint32_t> bits(x.size());
  if (!x.empty()) std::memcpy(bits.data(), x.data(), 4 * x.size());
  return bits;
}

struct Outcome {
  std::vector<float> weights;
  std::vector<__nv_bfloat16> copy;
  std::vector<DeviceOptimizer::NamedState> names;
  std::vector<std::vector<float>> state;
};

// kSteps steps from t = first_step on; the weights start at element `offset` of
// an array, the gradient at 2 offset, the copy at 3 offset.
Outcome OnDevice(DeviceOptimizer* optimizer, std::vector<float> weights,
                 int first_step, int64_t offset, float scale) {
  const int64_t n = optimizer->size();
  auto w = *DeviceBuffer<float>::Create(n + offset);
  auto g = *DeviceBuffer<float>::Create(n + 2 * offset);
  auto c = *DeviceBuffer<__nv_bfloat16>::Create(n + 3 * offset);
  auto half = *DeviceBuffer<float>::Create(1);
  const float one_half = 0.5f;
  cudaMemcpy(half.data(), &one_half, 4, cudaMemcpyHostToDevice);
  cudaMemcpy(w.data() + offset, weights.data(), 4 * n, cudaMemcpyHostToDevice);
  for (int t = first_step; t < first_step + kSteps; ++t) {
    const std::vector<float> gradient = Numbers(n, t);
    cudaMemcpy(g.data() + 2 * offset, gradient.data(), 4 * n,
               cudaMemcpyHostToDevice);
    // Odd steps have half of the scale on the device.
    const GradientScale scaled =
        t % 2 == 0 ? GradientScale{scale, nullptr}
                   : GradientScale{2.0f * scale, half.data()};
    EXPECT_OK(optimizer->Step(nullptr, kLearningRate, scaled,
                              g.data() + 2 * offset, w.data() + offset,
                              t == first_step ? nullptr
                                              : c.data() + 3 * offset));
  }
  Outcome outcome;
  outcome.weights = ToHost(w.data() + offset, n);
  outcome.copy = ToHost(c.data() + 3 * offset, n);
  outcome.names = optimizer->State();
  for (size_t i = 0; i < outcome.names.size(); ++i) {
    outcome.state.emplace_back(outcome.names[i].size);
    EXPECT_OK(optimizer->GetState(nullptr, static_cast<int>(i),
                                  absl::MakeSpan(outcome.state.back())));
  }
  return outcome;
}

std::vector<float> OnHost(Optimizer<float>* optimizer,
                          std::vector<float> weights, int first_step,
                          float scale) {
  for (int t = first_step; t < first_step + kSteps; ++t) {
    std::vector<float> gradient = Numbers(optimizer->size(), t);
    for (float& g : gradient) g *= scale;
    optimizer->Step(kLearningRate, gradient, absl::MakeSpan(weights));
  }
  return weights;
}

// Distance in units in the last place; both are finite.
int64_t Ulps(float a, float b) {
  const auto place = [](float x) {
    int32_t bits;
    std::memcpy(&bits, &x, 4);
    return int64_t{bits < 0 ? std::numeric_limits<int32_t>::min() - bits
                            : bits};
  };
  return std::abs(place(a) - place(b));
}

class DeviceOptimizerTest
    : public ::testing::TestWithParam<std::tuple<std::string, int64_t>> {
 protected:
  std::string rule() const { return std::get<0>(GetParam()); }
  int64_t size() const { return std::get<1>(GetParam()); }
  // AdaGrad-Norm's rate depends on the order of the norm's summation.
  void ExpectSame(const std::vector<float>& expected,
                  const std::vector<float>& actual) const {
    if (rule() != "adagrad_norm") {
      EXPECT_EQ(Bits(expected), Bits(actual));
      return;
    }
    ASSERT_EQ(expected.size(), actual.size());
    for (size_t i = 0; i < expected.size(); ++i) {
      // The difference is relative to the steps, not to weights near 0.
      ASSERT_TRUE(Ulps(expected[i], actual[i]) <= 4 ||
                  std::fabs(expected[i] - actual[i]) < 1e-8f)
          << i << ": " << expected[i] << " " << actual[i];
    }
  }
};

TEST_P(DeviceOptimizerTest, DoesWhatTheCpuDoes) {
  auto reference = *MakeOptimizer<float>(Rule(rule()), size());
  const std::vector<float> start = Numbers(size(), 100);
  const std::vector<float> expected = OnHost(reference.get(), start, 0, 0.3f);
  for (const int64_t offset : {0, 1}) {
    SCOPED_TRACE(offset);
    ASSERT_OK_AND_ASSIGN(auto optimizer,
                         MakeDeviceOptimizer(Rule(rule()), size()));
    const Outcome outcome =
        OnDevice(optimizer.get(), start, 0, offset, 0.3f);
    ExpectSame(expected, outcome.weights);
    const auto states = reference->State();
    ASSERT_EQ(states.size(), outcome.state.size());
    for (size_t i = 0; i < states.size(); ++i) {
      EXPECT_EQ(states[i].name, outcome.names[i].name);
      ExpectSame({states[i].values.begin(), states[i].values.end()},
                 outcome.state[i]);
    }
    for (int64_t i = 0; i < size(); ++i) {
      ASSERT_EQ(
          __bfloat16_as_ushort(__float2bfloat16_rn(outcome.weights[i])),
          __bfloat16_as_ushort(outcome.copy[i]));
    }
  }
}

TEST_P(DeviceOptimizerTest, SameBitsTwiceAndAtEveryAlignment) {
  const std::vector<float> start = Numbers(size(), 100);
  Outcome first;
  for (const int64_t offset : {0, 0, 1, 2, 3, 4}) {
    auto optimizer = *MakeDeviceOptimizer(Rule(rule()), size());
    Outcome outcome = OnDevice(optimizer.get(), start, 0, offset, 1.0f);
    if (first.weights.empty()) first = outcome;
    EXPECT_EQ(Bits(first.weights), Bits(outcome.weights));
    for (size_t i = 0; i < first.state.size(); ++i) {
      EXPECT_EQ(Bits(first.state[i]), Bits(outcome.state[i]));
    }
  }
}

TEST_P(DeviceOptimizerTest, GoesOnFromTheCpusState) {
  auto reference = *MakeOptimizer<float>(Rule(rule()), size());
  const std::vector<float> middle =
      OnHost(reference.get(), Numbers(size(), 100), 0, 1.0f);
  ASSERT_OK_AND_ASSIGN(auto optimizer,
                       MakeDeviceOptimizer(Rule(rule()), size()));
  const auto states = reference->State();
  for (size_t i = 0; i < states.size(); ++i) {
    ASSERT_OK(optimizer->SetState(nullptr, static_cast<int>(i),
                                  states[i].values));
  }
  ExpectSame(OnHost(reference.get(), middle, kSteps, 1.0f),
             OnDevice(optimizer.get(), middle, kSteps, 0, 1.0f).weights);
}

TEST_P(DeviceOptimizerTest, ZeroGradientsLeaveNoNan) {
  auto reference = *MakeOptimizer<float>(Rule(rule()), size());
  ASSERT_OK_AND_ASSIGN(auto optimizer,
                       MakeDeviceOptimizer(Rule(rule()), size()));
  const std::vector<float> start = Numbers(size(), 100);
  EXPECT_EQ(Bits(OnHost(reference.get(), start, 0, 0.0f)),
            Bits(OnDevice(optimizer.get(), start, 0, 0, 0.0f).weights));
}

INSTANTIATE_TEST_SUITE_P(
    Rules, DeviceOptimizerTest,
    ::testing::Combine(::testing::ValuesIn(Variants()),
                       ::testing::Values(0, 1, 3, 4, 5, 1023, 65537)),
    [](const auto& info) {
      return std::get<0>(info.param) + "_" +
             std::to_string(std::get<1>(info.param));
    });

TEST(DeviceOptimizer, NamesTheBadField) {
  const auto optimizer = MakeDeviceOptimizer(OptimizerSpec(), 4);
  EXPECT_EQ(absl::StatusCode::kInvalidArgument, optimizer.status().code());
  EXPECT_THAT(std::string(optimizer.status().message()),
              HasSubstr("optimizer"));
}

}  // namespace
}  // namespace anisograd
