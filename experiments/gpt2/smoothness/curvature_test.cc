// Runs curvature as Bazel does, on a model so small that its whole Hessian can
// be had: in double precision, column by column.

#include <cmath>
#include <cstddef>
#include <cstdlib>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/train/tiny_experiment.h"
#include "gtest/gtest.h"
#include "tools/base/eigenvalues.h"
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
    name: "tiny" dataset: "tiny_tokens"
    start { kind: RANDOM seed: 1 }
    sequence_mode: PACKED sequence_length: 8 tokens_per_pass: 64
    arithmetic: FLOAT32 optimizer { sgd {} } probe_interval: 1
    direction: SIGNS radius: 0.01 points_per_radius: 1
    coordinates_per_kind: 1 aggregate_coordinates: 1 seed: 7
  )", "spec", &spec);
  EXPECT_TRUE(status.ok()) << status;
  *spec.mutable_model() = TinyFamily().model();
  // Within the radius of the differences f is nearly a quadratic.
  spec.mutable_model()->set_initializer_range(0.5);
  spec.mutable_model()->set_layer_norm_epsilon(0.1);
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

// H at the model's parameters.
Eigen::MatrixXd WholeHessian(const FullObjective& objective,
                             Gpt2<double>* model) {
  std::vector<size_t> free;
  for (const ParameterTensor& tensor : model->layout().tensors()) {
    for (int64_t j = 0; j < tensor.size; ++j) free.push_back(tensor.offset + j);
  }
  constexpr double kStep = 1e-4;
  const Eigen::Index d = static_cast<Eigen::Index>(free.size());
  Eigen::MatrixXd h = Eigen::MatrixXd::Zero(d, d);
  for (Eigen::Index k = 0; k < d; ++k) {
    double& w = model->parameters()[free[k]];
    const double here = w;
    for (const double sign : {1.0, -1.0}) {
      w = here + sign * kStep;
      EXPECT_OK(objective.LossAndGradient(model).status());
      for (Eigen::Index j = 0; j < d; ++j) {
        h(j, k) += sign * model->gradients()[free[j]] / (2.0 * kStep);
      }
    }
    w = here;
  }
  return h;
}

TEST(Curvature, IsThatOfTheWholeHessianAtBothEnds) {
  ASSERT_EQ(RunCurvature(absl::StrCat("--groups=16 --power_steps=100 "
                                      "--target=//:c --out=", Path("out"))),
            0);
  Gpt2CurvatureResult result;
  ASSERT_OK(ReadBinaryProto(Path("out"), &result));
  EXPECT_EQ(result.target(), "//:c");
  EXPECT_EQ(result.dataset().name(), "tiny_tokens");
  EXPECT_EQ(result.groups(), 16);
  EXPECT_EQ(ToTextProto(result.spec()), ToTextProto(Spec()));
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
    const Eigen::MatrixXd h = WholeHessian(objective, &model);
    EXPECT_NEAR(e.norm_11(), h.cwiseAbs().sum(), 4 * e.norm_11_error());
    EXPECT_LT(e.norm_11_error(), 0.2 * e.norm_11());
    const Eigen::VectorXd eigenvalues = SymmetricEigenvalues(h);
    const double largest = eigenvalues.cwiseAbs().maxCoeff();
    EXPECT_NEAR(std::fabs(e.top_eigenvalue()), largest, 0.01 * largest);
    EXPECT_LE((eigenvalues.array() - e.top_eigenvalue())
                  .abs().minCoeff(),
              e.top_residual() + 0.01 * largest);
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
