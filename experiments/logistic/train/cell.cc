#include "experiments/logistic/train/cell.h"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/selection.h"
#include "experiments/spec_parts.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

void FillRun(const GridPoint& point, uint64_t seed, const GridRun& from,
             Run* run) {
  run->set_learning_rate(point.learning_rate);
  *run->mutable_schedule() = point.schedule;
  run->set_seed(seed);
  run->set_outcome(from.exploded ? Run::EXPLODED : Run::CONVERGED);
  if (from.exploded) {
    run->set_explosion_step(from.explosion_step);
    run->set_explosion_reason(from.explosion_reason);
  }
  run->mutable_loss()->Add(from.loss.begin(), from.loss.end());
  run->mutable_epoch_mean_loss()->Add(from.epoch_mean_loss.begin(),
                                      from.epoch_mean_loss.end());
  run->set_best_loss(from.best_loss);
  run->set_best_epoch(from.best_epoch);
  run->mutable_max_distance_l2()->Add(from.max_distance_l2.begin(),
                                      from.max_distance_l2.end());
  run->mutable_max_distance_linf()->Add(from.max_distance_linf.begin(),
                                        from.max_distance_linf.end());
  run->mutable_max_step_distance_l2()->Add(from.max_step_distance_l2.begin(),
                                           from.max_step_distance_l2.end());
  run->mutable_max_step_distance_linf()->Add(
      from.max_step_distance_linf.begin(), from.max_step_distance_linf.end());
  if (from.lowest_loss.has_value()) run->set_lowest_loss(*from.lowest_loss);
}

}  // namespace

void SelectRuns(const ExperimentSpec& cell, ExperimentResult* result) {
  SelectGridPoint(
      cell.seed_size(),
      [&](const Run& run) { return SelectionValue(cell.logistic(), run); },
      result);
}

absl::StatusOr<std::vector<GridTrainerOptions>> CellGrids(
    const LogisticProblem& problem, const ExperimentSpec& cell,
    absl::Span<const OptimumResult> optima) {
  if (cell.method_size() != 1 || cell.batch_size_size() != 1) {
    return absl::InvalidArgumentError(
        "method, batch_size: a cell has exactly one of each");
  }
  // Trainers mark coordinates with the number of the step, in 32 bits.
  constexpr int64_t kMostSteps = std::numeric_limits<uint32_t>::max();
  const int64_t batch_size = cell.batch_size(0);
  const int64_t steps = (problem.rows() + batch_size - 1) / batch_size *
                        cell.logistic().epochs();
  if (steps > kMostSteps) {
    return absl::InvalidArgumentError(absl::StrCat(
        "logistic.epochs: ", cell.logistic().epochs(), " epochs at M = ",
        batch_size, " are ", steps, " steps, more than ", kMostSteps));
  }
  if (cell.logistic().last_batch() == LogisticProtocol::DROP &&
      batch_size > problem.rows()) {
    return absl::InvalidArgumentError(absl::StrCat(
        "batch_size: ", batch_size, " exceeds the ", problem.rows(),
        " rows, and last_batch: DROP leaves no batch"));
  }
  GridTrainerOptions options;
  options.optimizer = cell.method(0).optimizer();
  options.grid = ExpandGrid(cell.grid());
  options.batch_size = batch_size;
  options.protocol = cell.logistic();
  if (cell.has_extremes()) {
    options.every_step_distances =
        cell.extremes().distance_steps() == ExtremesSpec::EVERY_STEP;
    options.evaluations_per_epoch = cell.extremes().evaluations_per_epoch();
  }
  for (const OptimumResult& optimum : optima) {
    if (optimum.weights_size() != problem.dimension()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "optimum: has ", optimum.weights_size(), " weights where the problem "
          "has ", problem.dimension(), "; was it solved on other data?"));
    }
    options.optima.push_back(optimum.weights());
  }
  std::vector<GridTrainerOptions> grids;
  for (const uint64_t seed : cell.seed()) {
    grids.push_back(options);
    grids.back().seed = seed;
  }
  return grids;
}

ExperimentResult MakeCellResult(const ExperimentSpec& cell,
                                absl::Span<const OptimumResult> optima,
                                absl::Span<const std::vector<GridRun>> runs) {
  ExperimentResult result;
  *result.mutable_spec() = cell;
  result.set_spec_digest(SpecDigest(cell));
  for (const OptimumResult& optimum : optima) {
    OptimumRecord* record = result.add_optimum();
    *record->mutable_spec() = optimum.spec();
    record->set_loss(optimum.loss());
    record->set_certificate(optimum.certificate());
    record->set_lower_bound(optimum.lower_bound());
    record->set_target(optimum.target());
  }
  const std::vector<GridPoint> grid = ExpandGrid(cell.grid());
  for (size_t point = 0; point < grid.size(); ++point) {
    for (size_t s = 0; s < runs.size(); ++s) {
      FillRun(grid[point], cell.seed(static_cast<int>(s)), runs[s][point],
              result.add_run());
    }
  }
  SelectRuns(cell, &result);
  return result;
}

absl::StatusOr<ExperimentResult> RunCell(
    const LogisticProblem& problem, const ExperimentSpec& cell,
    absl::Span<const OptimumResult> optima, const CellProgress& progress,
    const GridTrainer& train) {
  ASSIGN_OR_RETURN(std::vector<GridTrainerOptions> grids,
                   CellGrids(problem, cell, optima));
  std::vector<std::vector<GridRun>> runs;
  const int epochs = cell.logistic().epochs();
  for (GridTrainerOptions& options : grids) {
    if (progress) {
      const int before = static_cast<int>(runs.size()) * epochs;
      options.progress = [&progress, &cell, before, epochs](int done) {
        progress(before + done, cell.seed_size() * epochs);
      };
    }
    ASSIGN_OR_RETURN(std::vector<GridRun> grid_runs, train(problem, options));
    runs.push_back(std::move(grid_runs));
  }
  return MakeCellResult(cell, optima, runs);
}

absl::StatusOr<std::vector<ExperimentResult>> RunCells(
    const LogisticProblem& problem, absl::Span<const ExperimentSpec> cells,
    absl::Span<const OptimumResult> optima, const CellProgress& progress,
    const FamilyTrainer& train) {
  std::vector<GridTrainerOptions> grids;
  // Of each cell, in `grids`.
  std::vector<size_t> first = {0};
  int total = 0;
  for (const ExperimentSpec& cell : cells) {
    ASSIGN_OR_RETURN(const std::vector<GridTrainerOptions> added,
                     CellGrids(problem, cell, optima));
    grids.insert(grids.end(), added.begin(), added.end());
    first.push_back(grids.size());
    total += cell.seed_size() * cell.logistic().epochs();
  }
  int done = 0;
  if (progress) {
    for (GridTrainerOptions& options : grids) {
      options.progress = [&](int) { progress(++done, total); };
    }
  }
  ASSIGN_OR_RETURN(const std::vector<std::vector<GridRun>> runs,
                   train(problem, grids));
  std::vector<ExperimentResult> results;
  for (size_t c = 0; c < cells.size(); ++c) {
    results.push_back(MakeCellResult(
        cells[c], optima,
        absl::MakeSpan(runs).subspan(first[c], first[c + 1] - first[c])));
  }
  return results;
}

}  // namespace anisograd
