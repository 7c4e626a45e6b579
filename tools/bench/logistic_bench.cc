// One epoch of grid training, evaluation of the full loss included: eight runs
// in lanes, or one at a time. Items are non-zeros times runs; `ms_per_run` is
// the time of one epoch of one run. BENCH_LIBSVM names a real file with 123
// features (a9a); without it a generated one of the same kind is used.

#include <cstdlib>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "data/libsvm.h"
#include "data/synthetic.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "experiments/logistic/optimum/gradient_descent.h"
#include "experiments/logistic/problem/problem.h"
#include "optim/rules.h"
#include "tools/base/file.h"

namespace anisograd {
namespace {

const CsrMatrix& Data() {
  static const CsrMatrix& data = *new CsrMatrix([] {
    if (const char* file = std::getenv("BENCH_LIBSVM")) {
      LibsvmOptions options;
      options.features = 123;
      return ParseLibsvm(ReadFile(file).value(), options).value();
    }
    DatasetSpec spec;
    spec.set_rows(32561);
    spec.set_features(123);
    spec.set_mean_nonzeros(13.87);
    spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
    spec.mutable_synthetic()->set_power_law_exponent(0.6);
    spec.mutable_synthetic()->set_label_noise(1.5);
    return GenerateStandIn(spec);
  }());
  return data;
}

// Eight grid points, four epochs; the rule by its place in optim/rules.h.
GridTrainerOptions EpochOptions(int64_t rule, int64_t batch_size,
                                int runs = 8) {
  GridTrainerOptions options;
  options.optimizer = UsualRule(RuleNames()[rule]);
  options.batch_size = batch_size;
  options.one_lane = runs == 1;
  ScheduleSpec constant, decay;
  constant.set_kind(ScheduleSpec::CONSTANT);
  decay.set_kind(ScheduleSpec::INVERSE_SQUARE_ROOT);
  for (int i = 0; i < runs; ++i) {
    options.grid.push_back({0.1 / (1 + i / 2), i % 2 ? decay : constant});
  }
  LogisticProtocol& protocol = options.protocol;
  protocol.set_epochs(4);
  protocol.set_initial_radius(0.05);
  protocol.set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  protocol.set_last_batch(LogisticProtocol::KEEP);
  protocol.mutable_explosion()->set_max_sample_loss(18);
  return options;
}

void Train(const LogisticProblem& problem, const GridTrainerOptions& options,
           benchmark::State& state) {
  for (auto _ : state) {
    auto result = TrainGrid(problem, options);
    benchmark::DoNotOptimize(result);
  }
  const double run_epochs = static_cast<double>(state.iterations()) *
                            static_cast<double>(options.grid.size()) *
                            options.protocol.epochs();
  state.SetItemsProcessed(
      static_cast<int64_t>(run_epochs) * problem.nonzeros());
  state.counters["ms_per_run"] = benchmark::Counter(
      run_epochs / 1e3, benchmark::Counter::kIsRate |
                            benchmark::Counter::kInvert);
}

// Arguments: rule, by its place in optim/rules.h (0 SGD, 1 AdaGrad,
// 2 AdaGrad-Norm, 3 Adam, 4 RMSProp, 5 signSGD), batch size, lanes.
void BM_Epoch(benchmark::State& state) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data().view(), true).value();
  Train(problem,
        EpochOptions(state.range(0), state.range(1),
                     state.range(2) == 1 ? 1 : 8),
        state);
}
BENCHMARK(BM_Epoch)
    ->ArgNames({"rule", "M", "lanes"})
    ->ArgsProduct({{0, 1, 2, 3, 4, 5}, {1, 4, 64, 1024}, {8}})
    ->ArgsProduct({{0, 1}, {1, 64}, {1}})
    ->Unit(benchmark::kMillisecond);

// The same for SGD, with the distances to one w* kept at every step, or at steps
// that are powers of two only.
void BM_Distances(benchmark::State& state) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data().view(), true).value();
  GridTrainerOptions options = EpochOptions(0, state.range(1));
  const std::vector<double> optimum(problem.dimension(), 0.1);
  options.optima.push_back(optimum);
  options.every_step_distances = state.range(0) == 1;
  Train(problem, options, state);
}
BENCHMARK(BM_Distances)
    ->ArgNames({"every_step", "M"})
    ->ArgsProduct({{0, 1}, {1, 4, 16, 64, 1024}})
    ->Unit(benchmark::kMillisecond);

// Steps of full gradient descent, compressed or plain.
void BM_GradientDescent(benchmark::State& state) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data().view(), true).value();
  GradientDescentOptions options;
  options.plain = state.range(0) == 1;
  options.steps = options.plain ? 20 : 200;
  options.learning_rate = 1.0;
  for (auto _ : state) {
    auto weights = RunGradientDescent(problem, options);
    benchmark::DoNotOptimize(weights);
  }
  state.SetItemsProcessed(static_cast<int64_t>(state.iterations()) *
                          options.steps);
}
BENCHMARK(BM_GradientDescent)
    ->ArgName("plain")
    ->Arg(0)
    ->Arg(1)
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace anisograd
