// Runs curvature as Bazel does, on a model so small that its whole Hessian can
// be had: in double precision, column by column.

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace {

constexpr double kRate = 0.05;
constexpr int kSteps = 3;

Gpt2SmoothnessSpec Spec() {
  Gpt2SmoothnessSpec spec;
  const absl::Status status = ParseTextProto(R"(
    name: "tiny" dataset: "tokens"
    start { kind: RANDOM seed: 1 }
    sequence_mode: PACKED sequence_length: 8 tokens_per_pass: 64
    arithmetic: FLOAT32 optimizer { sgd {} } probe_interval: 1
    direction: SIGNS radius: 0.01 points_per_radius: 1
    coordinates_per_kind: 1 aggregate_coordinates: 1 seed: 7
  )", "spec", &spec);
  EXPECT_TRUE(status.ok()) << status;
  *spec.mutable_model() = TinyFamily().model();
  spec.mutable_model()->set_width(4);
  // Weights so large that f is a quadratic within the radius of the differences.
  spec.mutable_model()->set_initializer_range(1.0);
  spec.set_learning_rate(kRate);
  spec.set_steps(kSteps);
  return spec;
}

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/curvature_", name);
}

// The program's exit status.
int RunCurvature(const std::string& flags) {
  EXPECT_OK(WriteFileAtomically(Path("spec"), ToTextProto(Spec())));
  const TokenFile tokens = TinyTokens();
  EXPECT_OK(WriteTokenFile(Path("tokens"), tokens.info, tokens.tokens));
  return std::system(
      absl::StrCat("experiments/gpt2/smoothness/curvature --spec=",
                   Path("spec"), " --dataset=", Path("tokens"), " ", flags,
                   " 2>", Path("errors"))
          .c_str());
}

// sum_jk |H_jk| and the eigenvalue of largest absolute value at the model's
// parameters.
struct Norms {
  double norm_11 = 0.0, top = 0.0;
};

Norms OfWholeHessian(const FullObjective& objective, Gpt2<double>* model) {
  std::vector<size_t> free;
  for (const ParameterTensor& tensor : model->layout().tensors()) {
    for (int64_t j = 0; j < tensor.size; ++j) free.push_back(tensor.offset + j);
  }
  constexpr double kStep = 1e-4;
  const size_t d = free.size();
  std::vector<std::vector<double>> h(d, std::vector<double>(d));
  Norms norms;
  for (size_t k = 0; k < d; ++k) {
    double& w = model->parameters()[free[k]];
    const double here = w;
    for (const double sign : {1.0, -1.0}) {
      w = here + sign * kStep;
      EXPECT_OK(objective.LossAndGradient(model).status());
      for (size_t j = 0; j < d; ++j) {
        h[j][k] += sign * model->gradients()[free[j]] / (2.0 * kStep);
      }
    }
    w = here;
    for (size_t j = 0; j < d; ++j) norms.norm_11 += std::fabs(h[j][k]);
  }
  std::vector<double> v(d, 1.0), image(d);
  for (int step = 0; step < 500; ++step) {
    double squares = 0.0;
    for (const double x : v) squares += x * x;
    norms.top = 0.0;
    for (double& x : v) x /= std::sqrt(squares);
    for (size_t j = 0; j < d; ++j) {
      image[j] = 0.0;
      for (size_t k = 0; k < d; ++k) image[j] += h[j][k] * v[k];
      norms.top += v[j] * image[j];
    }
    v.swap(image);
  }
  return norms;
}

TEST(Curvature, IsThatOfTheWholeHessianAtBothEnds) {
  ASSERT_EQ(RunCurvature(absl::StrCat("--groups=16 --power_steps=100 "
                                      "--target=//:c --out=", Path("out"))),
            0);
  Gpt2CurvatureResult result;
  ASSERT_OK(ReadBinaryProto(Path("out"), &result));
  EXPECT_EQ(result.target(), "//:c");
  EXPECT_EQ(result.dataset().name(), "tokens");
  EXPECT_EQ(result.groups(), 16);
  ASSERT_EQ(result.estimate_size(), 2);

  const Gpt2SmoothnessSpec spec = Spec();
  ThreadPool pool(1);
  Gpt2<double> model(spec.model(), &pool);
  EXPECT_EQ(result.parameters(), model.layout().parameter_count());
  model.SetParameters(InitialParameters(spec.model(), spec.start().seed()));
  ASSERT_OK_AND_ASSIGN(const FullObjective objective,
                       MakeObjective(spec, TinyTokens()));
  for (const CurvatureEstimate& e : result.estimate()) {
    EXPECT_EQ(e.iteration(), &e == &result.estimate(0) ? 0 : kSteps);
    ASSERT_OK_AND_ASSIGN(const double loss, objective.LossAndGradient(&model));
    EXPECT_NEAR(e.loss(), loss, 1e-5);
    const Norms norms = OfWholeHessian(objective, &model);
    EXPECT_NEAR(e.norm_11(), norms.norm_11, 4 * e.norm_11_error());
    EXPECT_LT(e.norm_11_error(), 0.1 * e.norm_11());
    EXPECT_NEAR(e.top_eigenvalue(), norms.top, 0.01 * std::fabs(norms.top));
    EXPECT_GT(e.sparsity(), 1.0 / static_cast<double>(result.parameters()));
    EXPECT_LT(e.sparsity(), 1.0);
    // SGD's steps on f, to the other end.
    for (int t = 0; t < kSteps; ++t) {
      ASSERT_OK(objective.LossAndGradient(&model).status());
      for (size_t j = 0; j < model.parameters().size(); ++j) {
        model.parameters()[j] -= kRate * model.gradients()[j];
      }
    }
  }
  // Which is elsewhere.
  EXPECT_LT(result.estimate(1).loss(), 0.99 * result.estimate(0).loss());
}

TEST(Curvature, HasTheSameBytesWithTwoThreads) {
  for (const std::string threads : {"1", "2"}) {
    ASSERT_EQ(RunCurvature(absl::StrCat("--groups=2 --threads=", threads,
                                        " --out=", Path(threads))),
              0);
  }
  ASSERT_OK_AND_ASSIGN(const std::string one, ReadFile(Path("1")));
  ASSERT_OK_AND_ASSIGN(const std::string two, ReadFile(Path("2")));
  EXPECT_EQ(one, two);
}

TEST(Curvature, RefusesOneGroupWhichHasNoError) {
  EXPECT_NE(RunCurvature(absl::StrCat("--groups=1 --out=", Path("none"))), 0);
  ASSERT_OK_AND_ASSIGN(const std::string errors, ReadFile(Path("errors")));
  EXPECT_NE(errors.find("--groups"), std::string::npos) << errors;
  EXPECT_FALSE(ReadFile(Path("none")).ok());
}

}  // namespace
}  // namespace anisograd
