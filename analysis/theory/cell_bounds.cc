#include "analysis/theory/cell_bounds.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "Eigen/Core"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "analysis/expected_smoothness.h"
#include "analysis/gradient_noise.h"
#include "analysis/gram.h"
#include "analysis/least_diagonal.h"
#include "analysis/theory/nonconvex_bound.h"
#include "analysis/theory/path_replay.h"
#include "analysis/theory/proof_chain.h"
#include "analysis/theory/sgd_bound.h"
#include "analysis/top_eigenvalue.h"
#include "experiments/logistic/train/cell.h"
#include "experiments/selection.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Valid constants of f.
struct Constants {
  std::vector<double> smoothness, sigma, expected, at_optimum;
  double smoothness_linf = 0.0;
  double sigma_l2 = 0.0;
  // inf f is at least f(w*) minus this.
  double gap = 0.0;
};

std::vector<double> ToVector(const Eigen::VectorXd& v, double factor = 1.0) {
  std::vector<double> out(v.begin(), v.end());
  for (double& x : out) x *= factor;
  return out;
}

double Sum(const std::vector<double>& v) {
  double sum = 0.0;
  for (const double x : v) sum += x;
  return sum;
}

Constants MakeConstants(const LogisticProblem& problem,
                        const OptimumResult& optimum) {
  const Gram gram(problem.view());
  const UniversalNoise noise = ComputeUniversalNoise(problem);
  Constants c;
  c.gap = std::max(0.0, optimum.loss() - optimum.lower_bound());
  // The Hessian of f is at most H / 4.
  c.smoothness = ToVector(ComputeLeastDiagonal(gram).diagonal, 0.25);
  c.smoothness_linf = ComputeTopEigenvalue(gram).upper / 4.0;
  c.sigma = ToVector(noise.least.sigma);
  c.sigma_l2 = noise.least.l2();
  c.expected = ToVector(ComputeExpectedSmoothness(problem.view()).diagonal);
  const NoiseAtOptimum at_optimum =
      ComputeNoiseAtOptimum(problem, optimum.weights(), c.gap);
  c.at_optimum = ToVector(at_optimum.noise.sigma + at_optimum.error);
  return c;
}

// Of all theorems.
std::vector<std::string> CommonUnmet(const LogisticProblem& problem,
                                     const ExperimentSpec& spec,
                                     const OptimumResult& optimum,
                                     bool convex) {
  const LogisticProtocol& protocol = spec.logistic();
  std::vector<std::string> unmet;
  const bool box = protocol.projection().kind() == ProjectionSpec::BOX;
  if (protocol.sampling() != LogisticProtocol::WITH_REPLACEMENT) {
    unmet.push_back("sampled without replacement");
  }
  if (convex && !box) unmet.push_back("no projection");
  if (!convex && box) unmet.push_back("projection");
  if (!convex && protocol.last_batch() == LogisticProtocol::KEEP &&
      problem.rows() % spec.batch_size(0) != 0) {
    unmet.push_back("last batch smaller");
  }
  if (convex && box) {
    for (const double w : optimum.weights()) {
      if (std::fabs(w) > protocol.projection().radius()) {
        unmet.push_back("w* outside W");
        break;
      }
    }
  }
  return unmet;
}

void SetUnmet(const std::vector<std::string>& unmet, TheoremBound* out) {
  out->mutable_unmet()->Add(unmet.begin(), unmet.end());
}

// Adds what one seed's chain says, `share` of the mean.
void AddChain(const ProofChain& chain, double share, TheoremBound* out) {
  const ConvexBound& b = chain.bound;
  out->set_measured(out->measured() + share * chain.measured());
  out->set_bound(out->bound() + share * b.total());
  out->set_bias(out->bias() + share * b.bias);
  out->set_variance(out->variance() + share * b.variance);
  out->set_epsilon(out->epsilon() + share * b.epsilon);
  out->set_solved(out->solved() + share * b.solved);
  for (size_t i = 0; i < chain.links.size(); ++i) {
    if (out->link_size() <= static_cast<int>(i)) {
      out->add_link()->set_inequality(chain.links[i].inequality);
    }
    ChainLink& link = *out->mutable_link(static_cast<int>(i));
    link.set_value(link.value() + share * chain.links[i].value);
  }
}

// The distances of a run, or of its box.
struct Distances {
  std::vector<double> by_coordinate;
  double linf = 0.0, l2 = 0.0;
};

Distances MakeDistances(const PathRecord& path, const ProjectionSpec& projection,
                        const OptimumResult& optimum) {
  if (projection.kind() != ProjectionSpec::BOX) {
    return {path.distance, path.distance_linf, path.distance_l2};
  }
  Distances d;
  double squares = 0.0;
  for (const double w : optimum.weights()) {
    d.by_coordinate.push_back(projection.radius() + std::fabs(w));
    d.linf = std::max(d.linf, d.by_coordinate.back());
    squares += d.by_coordinate.back() * d.by_coordinate.back();
  }
  d.l2 = std::sqrt(squares);
  return d;
}

double Epsilon(const OptimizerSpec& spec) { return spec.adagrad().epsilon(); }

absl::Status AddAdaGrad(const LogisticProblem& problem,
                        const ExperimentSpec& spec, const Constants& c,
                        const OptimumResult& optimum,
                        const std::vector<PathRecord>& paths, RunBounds* out) {
  const double epsilon = Epsilon(spec.method(0).optimizer());
  const bool inside = spec.method(0).optimizer().adagrad().epsilon_convention() ==
                      AdaGrad::INSIDE_ROOT;
  const double share = 1.0 / static_cast<double>(paths.size());
  const bool falls = out->schedule().kind() != ScheduleSpec::CONSTANT;
  TheoremBound* convex = out->add_theorem();
  convex->set_theorem("4.1");
  TheoremBound* relaxed = out->add_theorem();
  relaxed->set_theorem("E.1");
  TheoremBound* gradient = out->add_theorem();
  gradient->set_theorem("4.3");
  SetUnmet(CommonUnmet(problem, spec, optimum, true), convex);
  if (falls) convex->add_unmet("falling steps");
  *relaxed->mutable_unmet() = convex->unmet();
  SetUnmet(CommonUnmet(problem, spec, optimum, false), gradient);
  if (!inside) gradient->add_unmet("epsilon outside the root");
  double gradient_bound = 0.0, root = 0.0;
  for (const PathRecord& path : paths) {
    const Distances d =
        MakeDistances(path, spec.logistic().projection(), optimum);
    const AdaGradRun run = BoundedRun(path, epsilon);
    ASSIGN_OR_RETURN(const ProofChain chain,
                     AdaGradChain(path, c.smoothness, c.sigma, d.linf, epsilon));
    AddChain(chain, share, convex);
    ASSIGN_OR_RETURN(
        const ConvexBound own,
        BoundAdaGrad(run, c.smoothness, c.sigma, d.by_coordinate));
    convex->set_by_coordinate(convex->by_coordinate() + share * own.solved);
    const std::vector<double> largest(c.expected.size(), d.linf);
    ProofChain weaker;
    weaker.links = {{}, {"", path.mean_gap}};
    ASSIGN_OR_RETURN(weaker.bound,
                     BoundAdaGrad(run, c.expected, c.at_optimum, largest));
    AddChain(weaker, share, relaxed);
    ASSIGN_OR_RETURN(
        const ConvexBound weaker_own,
        BoundAdaGrad(run, c.expected, c.at_optimum, d.by_coordinate));
    relaxed->set_by_coordinate(relaxed->by_coordinate() +
                               share * weaker_own.solved);
    root += share * std::sqrt(path.signal_l1);
    NonconvexRun nonconvex;
    nonconvex.steps = path.steps;
    nonconvex.batch_size =
        static_cast<double>(path.steps) / path.inverse_batches;
    nonconvex.rate = path.first_rate;
    nonconvex.epsilon = epsilon;
    nonconvex.initial_gap = path.initial_gap + c.gap;
    const std::vector<double> zero(c.smoothness.size(), 0.0);
    ASSIGN_OR_RETURN(
        const std::optional<double> bound,
        BoundAdaGradGradient(nonconvex, c.smoothness, zero, c.sigma));
    // Without L1 every step has one.
    gradient_bound += share * bound.value();
  }
  relaxed->clear_link();
  gradient->set_measured(root * root);
  if (falls) {
    gradient->set_silence("the step falls");
  } else {
    gradient->set_bound(gradient_bound);
  }
  return absl::OkStatus();
}

absl::Status AddSgd(const LogisticProblem& problem, const ExperimentSpec& spec,
                    const Constants& c, const OptimumResult& optimum,
                    const std::vector<PathRecord>& paths, RunBounds* out) {
  const double share = 1.0 / static_cast<double>(paths.size());
  TheoremBound* convex = out->add_theorem();
  convex->set_theorem("D.1");
  TheoremBound* gradient = out->add_theorem();
  gradient->set_theorem("D.3");
  SetUnmet(CommonUnmet(problem, spec, optimum, true), convex);
  SetUnmet(CommonUnmet(problem, spec, optimum, false), gradient);
  if (out->schedule().kind() != ScheduleSpec::CONSTANT) {
    gradient->set_silence("the step falls");
  }
  double mean_gap = 0.0;
  for (const PathRecord& path : paths) {
    const Distances d =
        MakeDistances(path, spec.logistic().projection(), optimum);
    mean_gap += share * path.mean_gap;
    ASSIGN_OR_RETURN(const std::optional<ProofChain> chain,
                     SgdChain(path, c.smoothness_linf, c.sigma_l2, d.l2));
    if (chain) {
      AddChain(*chain, share, convex);
    } else {
      convex->set_silence("the step is at least 2 / L_inf");
    }
    gradient->set_measured(gradient->measured() + share * Sum(path.signal));
    NonconvexSgdRun run;
    run.steps = path.steps;
    run.batch_size = static_cast<double>(path.steps) / path.inverse_batches;
    run.rate = path.first_rate;
    run.initial_gap = path.initial_gap + c.gap;
    ASSIGN_OR_RETURN(const std::optional<double> bound,
                     BoundSgdGradient(run, c.smoothness_linf, c.sigma_l2));
    if (!bound) gradient->set_silence("the step is at least 2 / L_inf");
    if (gradient->silence().empty()) {
      gradient->set_bound(gradient->bound() + share * *bound);
    }
  }
  convex->set_measured(mean_gap);
  return absl::OkStatus();
}

// The runs of the grid point of `point`, in the order of seeds.
std::vector<const Run*> RunsAt(const ExperimentResult& cell,
                               const Selected& point) {
  std::vector<const Run*> runs;
  for (const Run& run : cell.run()) {
    if (AreOfOneGridPoint(run, point)) runs.push_back(&run);
  }
  return runs;
}

// Whether the replay went where the run went.
absl::Status CheckSameRun(const PathRecord& path, const Run& run) {
  constexpr double kTolerance = 1e-11;
  bool same = static_cast<int>(path.loss.size()) == run.loss_size();
  for (int e = 0; same && e < run.loss_size(); ++e) {
    same = std::fabs(path.loss[e] - run.loss(e)) <=
           kTolerance * std::fabs(run.loss(e));
  }
  if (same) return absl::OkStatus();
  return absl::InternalError(absl::StrCat(
      "the replay of seed ", run.seed(), " at rate ", run.learning_rate(),
      " has other losses than the run"));
}

absl::Status AddGridPoint(const LogisticProblem& problem,
                          const ExperimentResult& cell,
                          const OptimumResult& optimum, const Constants& c,
                          absl::Span<const GridTrainerOptions> grids,
                          const std::vector<const Run*>& runs, bool selected,
                          size_t seeds, CellBounds* out) {
  if (runs.size() != grids.size()) {
    return absl::DataLossError(
        absl::StrCat(cell.target(), ": run: ", runs.size(),
                     " of a grid point, of ", grids.size(), " seeds"));
  }
  RunBounds* bounds = out->add_run();
  bounds->set_learning_rate(runs[0]->learning_rate());
  *bounds->mutable_schedule() = runs[0]->schedule();
  bounds->set_selected(selected);
  for (const Run* run : runs) {
    bounds->set_exploded(bounds->exploded() +
                         (run->outcome() == Run::EXPLODED));
    bounds->set_selected_gap(
        bounds->selected_gap() +
        (SelectionValue(cell.spec().logistic(), *run) - optimum.loss()) /
            static_cast<double>(runs.size()));
  }
  const size_t replays = seeds == 0 ? runs.size() : std::min(seeds, runs.size());
  bounds->set_seeds(static_cast<int>(replays));
  const double share = 1.0 / static_cast<double>(replays);
  std::vector<PathRecord> paths;
  for (size_t s = 0; s < replays; ++s) {
    const Run& run = *runs[s];
    ASSIGN_OR_RETURN(
        const PathRecord path,
        ReplayRun(problem, grids[s], {run.learning_rate(), run.schedule()},
                  optimum.weights(), optimum.loss()));
    RETURN_IF_ERROR(CheckSameRun(path, run));
    const Distances d =
        MakeDistances(path, cell.spec().logistic().projection(), optimum);
    bounds->set_steps(path.steps);
    bounds->set_initial_distance(bounds->initial_distance() +
                                 share * path.initial_distance);
    bounds->set_distance_l2(std::max(bounds->distance_l2(), d.l2));
    bounds->set_distance_linf(std::max(bounds->distance_linf(), d.linf));
    paths.push_back(path);
  }
  if (cell.spec().method(0).optimizer().has_sgd()) {
    return AddSgd(problem, cell.spec(), c, optimum, paths, bounds);
  }
  return AddAdaGrad(problem, cell.spec(), c, optimum, paths, bounds);
}

}  // namespace

absl::StatusOr<CellBounds> ComputeCellBounds(const LogisticProblem& problem,
                                             const ExperimentResult& cell,
                                             const OptimumResult& optimum,
                                             int seeds) {
  if (optimum.certificate() != OptimumResult::DUALITY_GAP) {
    return absl::InvalidArgumentError(
        absl::StrCat(optimum.target(), ": certificate: must be a duality gap"));
  }
  ASSIGN_OR_RETURN(const std::vector<GridTrainerOptions> grids,
                   CellGrids(problem, cell.spec(), {}));
  const OptimizerSpec& optimizer = cell.spec().method(0).optimizer();
  if (!optimizer.has_sgd() && !optimizer.has_adagrad()) {
    return absl::InvalidArgumentError(absl::StrCat(
        cell.target(), ": method: only sgd and adagrad have theorems"));
  }
  if (optimum.weights_size() != problem.dimension()) {
    return absl::InvalidArgumentError(
        absl::StrCat(optimum.target(), ": solved on other data"));
  }
  const Constants c = MakeConstants(problem, optimum);
  CellBounds out;
  out.set_family(cell.spec().name());
  out.set_method(cell.spec().method(0).name());
  out.set_batch_size(cell.spec().batch_size(0));
  out.set_cell(cell.target());
  out.set_spec_digest(cell.spec_digest());
  out.set_smoothness_l1(Sum(c.smoothness));
  out.set_smoothness_linf(c.smoothness_linf);
  out.set_noise_l1(Sum(c.sigma));
  out.set_noise_l2(c.sigma_l2);
  out.set_expected_smoothness_l1(Sum(c.expected));
  out.set_noise_at_optimum_l1(Sum(c.at_optimum));
  const Grid& grid = cell.spec().grid();
  Selected largest;
  largest.set_learning_rate(*std::max_element(grid.learning_rate().begin(),
                                              grid.learning_rate().end()));
  largest.mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
  if (cell.has_selected()) {
    RETURN_IF_ERROR(AddGridPoint(problem, cell, optimum, c, grids,
                                 RunsAt(cell, cell.selected()), true, seeds,
                                 &out));
  }
  const bool largest_selected =
      cell.has_selected() && AreOfOneGridPoint(cell.selected(), largest);
  const std::vector<const Run*> runs = RunsAt(cell, largest);
  if (optimizer.has_adagrad() && !largest_selected && !runs.empty()) {
    RETURN_IF_ERROR(AddGridPoint(problem, cell, optimum, c, grids, runs, false,
                                 seeds, &out));
  }
  return out;
}

}  // namespace anisograd
