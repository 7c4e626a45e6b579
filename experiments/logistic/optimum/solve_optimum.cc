#include "experiments/logistic/optimum/solve_optimum.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "experiments/logistic/optimum/certificate.h"
#include "experiments/logistic/optimum/gradient_descent.h"
#include "experiments/logistic/optimum/lbfgs.h"
#include "experiments/logistic/optimum/newton.h"
#include "experiments/spec_validation.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Progress = std::function<void(const std::string&)>;

void SetWeights(const std::vector<double>& weights, OptimumResult* result) {
  result->mutable_weights()->Assign(weights.begin(), weights.end());
}

absl::Status SolveWithAdaGrad(const LogisticProblem& problem,
                              const ExperimentSpec& spec,
                              const Progress& progress,
                              OptimumResult* result) {
  const AdaGradOptimum& adagrad = spec.optimum(0).adagrad();
  GridTrainerOptions options;
  options.optimizer = adagrad.optimizer();
  options.grid = ExpandGrid(adagrad.grid());
  options.batch_size = adagrad.batch_size();
  options.protocol = spec.logistic();
  options.protocol.set_epochs(adagrad.epochs());
  options.seed = adagrad.seed();
  options.keep_best_weights = true;
  if (progress) {
    options.progress = [&](int epoch) {
      progress(absl::StrFormat("AdaGrad: epoch %d of %d", epoch,
                               adagrad.epochs()));
    };
  }
  ASSIGN_OR_RETURN(const std::vector<GridRun> runs,
                   TrainGrid(problem, options));
  const auto best = std::min_element(
      runs.begin(), runs.end(), [](const GridRun& a, const GridRun& b) {
        return a.best_loss < b.best_loss;
      });
  if (!std::isfinite(best->best_loss)) {
    return absl::FailedPreconditionError(
        "optimum.adagrad: no run had a finite loss");
  }
  const GridPoint& point = options.grid[best - runs.begin()];
  result->set_learning_rate(point.learning_rate);
  *result->mutable_schedule() = point.schedule;
  result->set_iterations(best->best_epoch);
  SetWeights(best->best_weights, result);
  return absl::OkStatus();
}

// Descent with a rate beyond 2 / L ends in a cycle or far away; with a smaller
// one every step lowers f. So the next two steps tell, unless they are too short
// for the rounding of f.
absl::Status CheckDescent(const LogisticProblem& problem, double learning_rate,
                          std::vector<double> weights) {
  constexpr double kRounding = 1e-12;
  std::vector<double> gradient(weights.size());
  double loss = problem.LossAndGradient(weights, absl::MakeSpan(gradient));
  for (int step = 0; step < 2; ++step) {
    double squares = 0.0;
    for (size_t j = 0; j < weights.size(); ++j) {
      squares += gradient[j] * gradient[j];
      weights[j] -= learning_rate * gradient[j];
    }
    const double before = loss;
    loss = problem.LossAndGradient(weights, absl::MakeSpan(gradient));
    if (loss < before || learning_rate * squares <= kRounding * before) {
      continue;
    }
    return absl::FailedPreconditionError(absl::StrFormat(
        "optimum.gradient_descent.learning_rate: %g is too large: descent did "
        "not converge, one more step takes the loss from %g to %g",
        learning_rate, before, loss));
  }
  return absl::OkStatus();
}

absl::Status SolveWithGradientDescent(const LogisticProblem& problem,
                                      const GradientDescentOptimum& spec,
                                      const Progress& progress,
                                      OptimumResult* result) {
  GradientDescentOptions options;
  options.steps = spec.steps();
  options.learning_rate = spec.learning_rate();
  if (progress) {
    options.progress = [&](int64_t done) {
      progress(absl::StrFormat("gradient descent: step %d of %d (%.1f %%)",
                               done, spec.steps(),
                               100.0 * static_cast<double>(done) /
                                   static_cast<double>(spec.steps())));
    };
  }
  const std::vector<double> weights = RunGradientDescent(problem, options);
  SetWeights(weights, result);
  result->set_iterations(spec.steps());
  return CheckDescent(problem, options.learning_rate, weights);
}

void Certify(const LogisticProblem& problem, OptimumResult* result) {
  result->set_certificate(OptimumResult::NONE);
  if (problem.SmallestMargin(result->weights()) > 0.0) {
    result->set_certificate(OptimumResult::SEPARABLE);
    result->set_lower_bound(0.0);
    return;
  }
  const std::optional<double> bound =
      DualLowerBound(problem, result->weights());
  if (bound.has_value()) {
    result->set_certificate(OptimumResult::DUALITY_GAP);
    result->set_lower_bound(*bound);
  }
}

}  // namespace

absl::StatusOr<OptimumResult> SolveOptimum(const LogisticProblem& problem,
                                           const ExperimentSpec& spec,
                                           const Progress& progress) {
  if (spec.optimum_size() != 1) {
    return absl::InvalidArgumentError("optimum: exactly one is solved at a time");
  }
  if (!HasBothClasses(problem.view())) {
    return absl::InvalidArgumentError(absl::StrCat(
        "all rows have y = ", int{problem.view().label[0]},
        ": f falls towards 0 for ever, and there is no w*"));
  }
  const OptimumSpec& optimum = spec.optimum(0);
  OptimumResult result;
  *result.mutable_spec() = optimum;
  result.set_spec_digest(SpecDigest(spec));
  result.set_certificate(OptimumResult::NONE);
  switch (optimum.method_case()) {
    case OptimumSpec::kGradientDescent:
      RETURN_IF_ERROR(SolveWithGradientDescent(
          problem, optimum.gradient_descent(), progress, &result));
      break;
    case OptimumSpec::kAdagrad:
      RETURN_IF_ERROR(SolveWithAdaGrad(problem, spec, progress, &result));
      break;
    case OptimumSpec::kNewton: {
      ASSIGN_OR_RETURN(const Minimum minimum,
                       MinimizeWithNewton(problem, optimum.newton()));
      SetWeights(minimum.weights, &result);
      result.set_iterations(minimum.iterations);
      Certify(problem, &result);
      break;
    }
    case OptimumSpec::kLbfgs: {
      std::function<void(int64_t)> count;
      if (progress) {
        count = [&](int64_t done) {
          progress(absl::StrCat("L-BFGS: iteration ", done));
        };
      }
      const Minimum minimum =
          MinimizeWithLbfgs(problem, optimum.lbfgs(), count);
      SetWeights(minimum.weights, &result);
      result.set_iterations(minimum.iterations);
      Certify(problem, &result);
      break;
    }
    case OptimumSpec::METHOD_NOT_SET:
      return absl::InvalidArgumentError("optimum: must name a method");
  }
  std::vector<double> gradient(problem.dimension());
  result.set_loss(
      problem.LossAndGradient(result.weights(), absl::MakeSpan(gradient)));
  double squares = 0.0;
  for (const double g : gradient) squares += g * g;
  result.set_gradient_norm(std::sqrt(squares));
  return result;
}

}  // namespace anisograd
