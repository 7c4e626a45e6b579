#ifndef EXPERIMENTS_LOGISTIC_TRAIN_CELL_H_
#define EXPERIMENTS_LOGISTIC_TRAIN_CELL_H_

#include <functional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"
#include "experiments/spec.pb.h"

namespace anisograd {

// Called with epochs done and epochs in all, over all seeds.
using CellProgress = std::function<void(int done, int total)>;

// What trains the grid of one seed: TrainGrid, or another that keeps its
// contract, such as one for other hardware.
using GridTrainer = std::function<absl::StatusOr<std::vector<GridRun>>(
    const LogisticProblem& problem, const GridTrainerOptions& options)>;

// What trains many grids of one problem together; the runs of each in the
// order of `grids`, and the same runs whatever else is trained beside them.
using FamilyTrainer = std::function<absl::StatusOr<
    std::vector<std::vector<GridRun>>>(
    const LogisticProblem& problem,
    absl::Span<const GridTrainerOptions> grids)>;

// Runs one table cell: the grid of every seed of `cell`, an ExperimentSpec with
// one method and one batch size. Distances are measured to `optima`, whose
// losses the result records. `train` is called once a seed, in the cell's
// order, and must return one run per point of `options.grid`; its errors are
// returned. Leaves `dataset` and `target` of the result to the caller.
absl::StatusOr<ExperimentResult> RunCell(
    const LogisticProblem& problem, const ExperimentSpec& cell,
    absl::Span<const OptimumResult> optima, const CellProgress& progress,
    const GridTrainer& train = TrainGrid);

// Runs many cells of one data set by one call of `train` with the grids of all
// seeds of all cells. The results are those of RunCell, cell by cell.
absl::StatusOr<std::vector<ExperimentResult>> RunCells(
    const LogisticProblem& problem, absl::Span<const ExperimentSpec> cells,
    absl::Span<const OptimumResult> optima, const CellProgress& progress,
    const FamilyTrainer& train);

// The parts of both. The grids that a cell trains, one per seed in the cell's
// order; they point into `optima`. InvalidArgument for what is no cell, for one without
// a whole batch where others are dropped, and for optima of another dimension.
absl::StatusOr<std::vector<GridTrainerOptions>> CellGrids(
    const LogisticProblem& problem, const ExperimentSpec& cell,
    absl::Span<const OptimumResult> optima);

// The cell's result from the runs of its grids.
ExperimentResult MakeCellResult(const ExperimentSpec& cell,
                                absl::Span<const OptimumResult> optima,
                                absl::Span<const std::vector<GridRun>> runs);

// The grid point with the lowest mean value over seeds among those with no
// exploded seed, by the cell's selection rule; no value where there is none.
// `runs` in the order of ExperimentResult.run.
void SelectRuns(const ExperimentSpec& cell, ExperimentResult* result);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_TRAIN_CELL_H_
