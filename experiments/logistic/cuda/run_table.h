#ifndef EXPERIMENTS_LOGISTIC_CUDA_RUN_TABLE_H_
#define EXPERIMENTS_LOGISTIC_CUDA_RUN_TABLE_H_

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "experiments/logistic/cuda/device_run.h"
#include "experiments/logistic/cuda/epoch_kernel.h"
#include "experiments/logistic/cuda/plan_set.h"
#include "experiments/logistic/lanes/grid_run.h"
#include "experiments/logistic/problem/problem.h"
#include "tools/cuda/device_buffer.h"

namespace anisograd {
namespace cuda {

// All runs of a family on the device: the problem's rows, every run's numbers at
// w_0, learning rates for all steps, and the groups that one launch trains.
class RunTable {
 public:
  // A run's place in the family.
  struct Run {
    int grid;
    int point;
  };

  // `grids` have been checked (CheckGridOptions) and, with `problem`, outlive
  // the table. ResourceExhausted where the device's memory does not suffice.
  static absl::StatusOr<RunTable> Create(
      const LogisticProblem& problem,
      absl::Span<const GridTrainerOptions> grids, const PlanSet& plans);

  // Grid by grid, in the order of the points.
  const std::vector<Run>& runs() const { return runs_; }
  const DeviceRows& rows() const { return rows_; }

  int groups() const { return static_cast<int>(groups_.size()); }
  // As an argument of a launch in epoch `epoch`.
  RunGroup group(int g, const DevicePlan* plans) const;

  // What the device has measured, by run; waits for nothing but the default
  // stream. Distances are 2 doubles an optimum: |.|_2, |.|_inf.
  absl::Status ReadStates(std::vector<RunState>* states,
                          std::vector<double>* distances) const;
  // Of run r in what ReadStates gave.
  int64_t first_distance(int64_t r) const { return first_distance_[r]; }

  // w_t, or the averaged iterate that was measured last.
  absl::Status ReadWeights(int64_t r, std::vector<double>* weights) const;

 private:
  RunTable() = default;

  absl::Status UploadRows(const LogisticProblem& problem);
  absl::Status UploadRates(absl::Span<const GridTrainerOptions> grids,
                           int64_t rows);
  absl::Status UploadOptima(absl::Span<const GridTrainerOptions> grids);
  absl::Status MakeRuns(const LogisticProblem& problem,
                        absl::Span<const GridTrainerOptions> grids,
                        const PlanSet& plans);
  absl::Status MakeGroups(const LogisticProblem& problem,
                          absl::Span<const GridTrainerOptions> grids);
  // The layout of a grid's runs.
  RunLayout Layout(const GridTrainerOptions& options) const;

  struct Group {
    RuleKind kind;
    int threads;
    bool average;
    DeviceBuffer<int> ids;
  };

  std::vector<Run> runs_;
  DeviceRows rows_ = {};
  DeviceBuffer<uint32_t> row_start_, index_;
  DeviceBuffer<double> value_;
  DeviceBuffer<int8_t> label_;

  // By grid, then by point or for the grid as a whole.
  std::vector<std::vector<const double*>> schedule_factor_of_;
  std::vector<RuleConstants> constants_of_grid_;
  DeviceBuffer<double> schedule_factors_;
  DeviceBuffer<double> numbers_;

  // By grid: its first optimum's pointer in optimum_pointers_.
  std::vector<int64_t> first_optimum_;
  DeviceBuffer<double> optima_;
  DeviceBuffer<const double*> optimum_pointers_;

  DeviceBuffer<double> memory_;
  DeviceBuffer<double> distances_;
  std::vector<int64_t> first_distance_;
  std::vector<RunParameters> host_parameters_;
  DeviceBuffer<RunParameters> parameters_;
  DeviceBuffer<RunState> states_;
  std::vector<Group> groups_;
};

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_CUDA_RUN_TABLE_H_
