#include "analysis/problem_constants.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/convex.h"
#include "analysis/expected_smoothness.h"
#include "analysis/gradient_noise.h"
#include "analysis/least_diagonal.h"
#include "analysis/retrain.h"
#include "analysis/sparsity.h"
#include "analysis/top_eigenvalue.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "optim/rules.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

constexpr int kEarlyEpochs[] = {1, 10};

NoiseRecord MakeNoise(const GradientNoise& noise, double l1_error = 0.0,
                      double l2_error = 0.0) {
  NoiseRecord record;
  record.set_l1(noise.l1());
  record.set_l2(noise.l2());
  record.set_sparsity(EffectiveSparsity(noise.sigma));
  record.set_l1_error(l1_error);
  record.set_l2_error(l2_error);
  return record;
}

PathPoint LookAt(const LogisticProblem& problem, const std::string& where,
                 absl::Span<const double> w) {
  PathPoint point;
  point.set_where(where);
  VectorXd gradient(problem.dimension());
  point.set_loss(problem.LossAndGradient(
      w, absl::MakeSpan(gradient.data(), gradient.size())));
  point.set_gradient_l1(gradient.lpNorm<1>());
  point.set_gradient_sparsity(EffectiveSparsity(gradient));
  *point.mutable_curvature() =
      MeasureCurvature(Gram(problem.view(), LogisticWeights(problem, w)));
  *point.mutable_noise() = MakeNoise(NoiseAt(problem, w));
  return point;
}

// How far |H v| / |v| is below the top eigenvalue after 10 products from the vector
// of ones (Appendix A.1: "quickly converge to desired precisions 1e-5").
double TenPowerStepsError(const Gram& gram, const CurvatureRecord& curvature) {
  VectorXd v = VectorXd::Ones(gram.dimension());
  double lambda = 0.0;
  for (int step = 0; step < 10; ++step) {
    v.normalize();
    v = gram.Apply(v);
    lambda = v.norm();
  }
  return lambda > 0.0 ? curvature.top_upper() / lambda - 1.0 : 0.0;
}

}  // namespace

CurvatureRecord MeasureCurvature(const Gram& gram) {
  CurvatureRecord record;
  record.set_trace(gram.Trace());
  const TopEigenvalue top = ComputeTopEigenvalue(
      gram, VectorXd::Ones(gram.dimension()), /*tolerance=*/1e-6);
  record.set_top_lower(top.lower);
  record.set_top_upper(top.upper);
  record.set_top_certificate(CertificateName(top.certificate));
  const LeastDiagonal least = ComputeLeastDiagonal(gram);
  record.set_valid_l1(least.sum);
  record.set_valid_l1_lower(least.lower_bound);
  record.set_valid_certificate(
      least.closed_form ? "closed form, H1"
                        : absl::StrCat("Mixing, ", least.sweeps, " sweeps; ",
                                       CertificateName(least.certificate)));
  record.set_sparsity(EffectiveSparsity(least.diagonal));
  return record;
}

absl::StatusOr<ProblemConstants> ComputeProblemConstants(
    const LogisticProblem& problem, const OptimumResult* optimum,
    absl::Span<const ExperimentResult> cells) {
  ProblemConstants out;
  const int64_t d = problem.dimension();
  out.set_dimension(d);
  const Gram gram(problem.view());
  *out.mutable_gram() = MeasureCurvature(gram);
  out.set_ten_power_steps_error(TenPowerStepsError(gram, out.gram()));
  const std::vector<double> zero(d);
  *out.mutable_noise_at_zero() = MakeNoise(NoiseAt(problem, zero));
  const UniversalNoise universal = ComputeUniversalNoise(problem);
  *out.mutable_noise_root_of_diagonal() = MakeNoise(universal.root_of_diagonal);
  *out.mutable_noise_universal() = MakeNoise(universal.least);
  const ExpectedSmoothness expected =
      ComputeExpectedSmoothness(problem.view(), 1e-2, 100);
  out.set_expected_l1(expected.sum);
  out.set_expected_l1_lower(expected.lower_bound);
  out.set_expected_isotropic(expected.isotropic);

  *out.add_path() = LookAt(problem, "w = 0", zero);
  for (const ExperimentResult& cell : cells) {
    if (!cell.has_selected()) continue;
    const int all = cell.spec().logistic().epochs();
    int last = 0;
    for (const int early : kEarlyEpochs) {
      const int epochs = std::min(early, all);
      if (epochs == last) continue;
      last = epochs;
      ASSIGN_OR_RETURN(const std::vector<double> w,
                       RetrainSelected(problem, cell,
                                       cell.spec().seed(0), epochs));
      if (w.empty()) continue;  // no finite loss yet
      *out.add_path() = LookAt(
          problem,
          absl::StrCat(RuleTitle(cell.spec().method(0).name()), ", M = ",
                       cell.spec().batch_size(0), ", epoch ", epochs),
          w);
    }
  }
  if (optimum == nullptr ||
      optimum->certificate() != OptimumResult::DUALITY_GAP) {
    return out;
  }
  if (optimum->weights_size() != d) {
    return absl::InvalidArgumentError(
        absl::StrCat(optimum->target(), ": weights: ", optimum->weights_size(),
                     " of them in ", d, " dimensions"));
  }
  const std::vector<double> best(optimum->weights().begin(),
                                 optimum->weights().end());
  *out.add_path() = LookAt(problem, "w*", best);
  const NoiseAtOptimum at = ComputeNoiseAtOptimum(
      problem, best, optimum->loss() - optimum->lower_bound());
  *out.mutable_noise_at_optimum() =
      MakeNoise(at.noise, at.l1_error, at.l2_error);
  if (cells.empty()) return out;
  const ExperimentSpec& spec = cells[0].spec();
  const std::vector<double> start = InitialWeights(
      spec.seed(0), spec.logistic().initial_radius(), d);
  const VectorXd apart = Eigen::Map<const VectorXd>(start.data(), d) -
                         Eigen::Map<const VectorXd>(best.data(), d);
  out.set_initial_distance_l2(apart.norm());
  out.set_initial_distance_linf(apart.lpNorm<Eigen::Infinity>());
  return out;
}

Claim CheckTenPowerSteps(absl::Span<const ProblemConstants> datasets) {
  Claim claim{"ten_power_steps",
              "10 power iterations give L_inf of large data to 1e-5"};
  bool holds = true;
  for (const ProblemConstants& c : datasets) {
    if (c.dataset().features() < kLargeFeatures) continue;
    const bool apart = c.dataset().stand_in();
    std::string& evidence = apart ? claim.apart : claim.evidence;
    absl::StrAppendFormat(&evidence, "%s%s%s %.1e", evidence.empty() ? "" : ", ",
                          c.dataset().name(), apart ? " (stand-in)" : "",
                          c.ten_power_steps_error());
    holds &= apart || c.ten_power_steps_error() < 1e-5;
  }
  if (claim.evidence.empty()) return claim;
  claim.verdict = holds ? Claim::Verdict::kHolds : Claim::Verdict::kFails;
  return claim;
}

}  // namespace anisograd
