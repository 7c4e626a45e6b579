// Whole families of logistic regression, all grid points and seeds of the paper
// (8 and 3) of one or all methods and batch sizes at once, on synthetic data of
// the sizes of a9a and rcv1; and what the host prepares for an epoch meanwhile.
//
// At batch size 1 a run is a chain of steps (row_steps.cuh), so ns_a_step, the
// time divided by the steps of the longest run, is to be held against the chain
// of 500 to 800 cycles, and stays as it is while all runs fit on the device. It
// includes the start of a call (memory, copies), which epochs after the first
// do not have.

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "data/synthetic.h"
#include "experiments/logistic/cuda/epoch_plan.h"
#include "experiments/logistic/cuda/family_trainer.h"
#include "experiments/logistic/lanes/grid_testing.h"
#include "experiments/logistic/problem/problem.h"
#include "tools/cuda/launch.cuh"
#include "tools/cuda/status.h"

namespace anisograd {
namespace {

enum DataSet { kA9a, kRcv1 };

CsrMatrix GenerateData(DataSet data_set) {
  DatasetSpec spec;
  if (cuda::kEmulated) {
    return Data(40, data_set == kA9a ? 40 : 1500,
                data_set == kA9a ? SyntheticSpec::BINARY
                                 : SyntheticSpec::UNIT_NORM);
  }
  spec.set_rows(data_set == kA9a ? 32561 : 20242);
  spec.set_features(data_set == kA9a ? 123 : 47236);
  spec.set_mean_nonzeros(data_set == kA9a ? 14 : 74);
  spec.mutable_synthetic()->set_seed(1);
  spec.mutable_synthetic()->set_power_law_exponent(1);
  spec.mutable_synthetic()->set_values(data_set == kA9a
                                           ? SyntheticSpec::BINARY
                                           : SyntheticSpec::UNIT_NORM);
  spec.mutable_synthetic()->set_label_noise(1);
  return GenerateStandIn(spec);
}

// Made once: rcv1's takes longer than what is measured on it.
const CsrMatrix& DataOf(DataSet data_set) {
  static auto* const made = new std::map<DataSet, CsrMatrix>;
  const auto found = made->find(data_set);
  if (found != made->end()) return found->second;
  return made->emplace(data_set, GenerateData(data_set)).first->second;
}

// The eight grid points of Appendix A.1 for each of three seeds.
void AddCell(const std::string& rule, int64_t batch_size,
             std::vector<GridTrainerOptions>* grids) {
  GridTrainerOptions options = Options(rule, batch_size);
  Grid grid;
  for (const double rate : {10.0, 1.0, 0.1, 0.01}) grid.add_learning_rate(rate);
  grid.add_schedule()->set_kind(ScheduleSpec::CONSTANT);
  grid.add_schedule()->set_kind(ScheduleSpec::INVERSE_SQUARE_ROOT);
  options.grid = ExpandGrid(grid);
  options.protocol.set_epochs(cuda::kEmulated ? 1 : 3);
  for (const uint64_t seed : {1, 2, 3}) {
    options.seed = seed;
    grids->push_back(options);
  }
}

void TrainGrids(benchmark::State& state, DataSet data_set,
              const std::vector<GridTrainerOptions>& grids) {
  const CsrMatrix& data = DataOf(data_set);
  const absl::StatusOr<LogisticProblem> problem =
      LogisticProblem::Create(data.view(), true);
  cuda::DieUnlessOk(problem.status());
  int64_t longest = 0, steps = 0;
  for (const GridTrainerOptions& options : grids) {
    const int64_t of_run =
        options.protocol.epochs() *
        ((problem->rows() + options.batch_size - 1) / options.batch_size);
    longest = std::max(longest, of_run);
    steps += of_run * static_cast<int64_t>(options.grid.size());
  }
  const auto train = [&](const std::vector<GridTrainerOptions>& options) {
    auto runs = TrainGridsOnDevice(*problem, options);
    cuda::DieUnlessOk(runs.status());
    benchmark::DoNotOptimize(runs->front().front().loss.back());
  };
  // The first call starts the device and loads its code.
  std::vector<GridTrainerOptions> first = grids;
  for (GridTrainerOptions& options : first) options.protocol.set_epochs(1);
  if (!cuda::kEmulated) train(first);
  for (auto _ : state) train(grids);
  state.SetItemsProcessed(state.iterations() * steps);
  state.counters["ns_a_step"] = benchmark::Counter(
      1e-9 * static_cast<double>(longest) *
          static_cast<double>(state.iterations()),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void Cell(benchmark::State& state, DataSet data_set, const char* rule) {
  std::vector<GridTrainerOptions> grids;
  AddCell(rule, state.range(0), &grids);
  TrainGrids(state, data_set, grids);
}

void Family(benchmark::State& state, DataSet data_set) {
  std::vector<GridTrainerOptions> grids;
  for (const char* rule : {"sgd", "adagrad", "adagrad_norm", "adam"}) {
    for (const int64_t batch_size : {1, 4, 16, 64, 256, 1024}) {
      AddCell(rule, batch_size, &grids);
    }
  }
  TrainGrids(state, data_set, grids);
}

// The plan of one seed and batch size for one epoch, on one core of the host.
void Plan(benchmark::State& state, DataSet data_set) {
  const CsrMatrix& data = DataOf(data_set);
  GridTrainerOptions options = Options("sgd", state.range(0));
  EpochPlan plan;
  for (auto _ : state) {
    cuda::DieUnlessOk(
        BuildEpochPlan(data.view(), options, 0, data_set == kA9a, &plan));
    benchmark::DoNotOptimize(plan.order.data());
  }
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(data.index.size()));
}

#define FAMILY_BENCHMARK(...)    \
  BENCHMARK_CAPTURE(__VA_ARGS__) \
      ->UseRealTime()            \
      ->Unit(benchmark::kMillisecond)
#define BATCH_SIZES ->ArgName("M")->Arg(1)->Arg(64)->Arg(1024)

FAMILY_BENCHMARK(Cell, a9a_sgd, kA9a, "sgd") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, a9a_adagrad, kA9a, "adagrad") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, a9a_adagrad_norm, kA9a, "adagrad_norm") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, a9a_adam, kA9a, "adam") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, rcv1_sgd, kRcv1, "sgd") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, rcv1_adagrad, kRcv1, "adagrad") BATCH_SIZES;
FAMILY_BENCHMARK(Cell, rcv1_adam, kRcv1, "adam") BATCH_SIZES;
FAMILY_BENCHMARK(Family, a9a, kA9a);
FAMILY_BENCHMARK(Family, rcv1, kRcv1);
FAMILY_BENCHMARK(Plan, a9a, kA9a) BATCH_SIZES;
FAMILY_BENCHMARK(Plan, rcv1, kRcv1) BATCH_SIZES;

}  // namespace
}  // namespace anisograd
