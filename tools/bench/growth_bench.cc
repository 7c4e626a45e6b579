// Time and memory against work: the same tasks on generated data of 10^4 to 10^7
// rows, 10^2 to 10^7 features, 10 to 10^3 non-zeros a row. Both should grow with
// the non-zeros alone (and, where vectors of all features are kept, with these).
//
//   bazel run //tools/bench:growth_bench -- --benchmark_format=csv >growth.csv
//   gnuplot -e "csv = 'growth.csv'; out = 'growth.png'" tools/bench/growth.gp
//
// Counters: ns_per_nonzero, of one core (of one run, where a task has eight);
// peak_bytes, the most memory that the process held meanwhile, data included.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "analysis/smoothness.h"
#include "benchmark/benchmark.h"
#include "data/libsvm_file.h"
#include "data/synthetic.h"
#include "experiments/logistic/lanes/grid_trainer.h"
#include "experiments/logistic/optimum/lbfgs.h"
#include "experiments/logistic/problem/problem.h"
#include "optim/rules.h"
#include "tools/base/file.h"

namespace anisograd {
namespace {

struct Size {
  int64_t rows, features, nonzeros;
};

// One direction at a time.
constexpr Size kSizes[] = {
    {10'000, 10'000, 10},     {100'000, 10'000, 10},
    {1'000'000, 10'000, 10},  {10'000'000, 10'000, 10},
    {100'000, 100, 10},       {100'000, 1'000, 10},
    {100'000, 100'000, 10},   {100'000, 1'000'000, 10},
    {100'000, 10'000'000, 10}, {100'000, 10'000, 100},
    {100'000, 10'000, 1'000},
};

CsrMatrix Generate(const Size& size) {
  DatasetSpec spec;
  spec.set_rows(size.rows);
  spec.set_features(size.features);
  spec.set_mean_nonzeros(static_cast<double>(size.nonzeros));
  spec.mutable_synthetic()->set_values(SyntheticSpec::UNIT_NORM);
  spec.mutable_synthetic()->set_power_law_exponent(0.6);
  spec.mutable_synthetic()->set_label_noise(0.5);
  return GenerateStandIn(spec);
}

// The last one that was asked for.
const CsrMatrix& Data(const Size& size) {
  static const Size* made = nullptr;
  static CsrMatrix& matrix = *new CsrMatrix;
  if (made != &size) {
    matrix = CsrMatrix();
    matrix = Generate(size);
    made = &size;
  }
  return matrix;
}

// The most memory held since the last call of ForgetPeak, in bytes.
double PeakBytes() {
  const std::string status = ReadFile("/proc/self/status").value();
  const size_t at = status.find("VmHWM:");
  return std::atof(status.c_str() + at + 6) * 1024;
}

void ForgetPeak() {
  if (std::FILE* file = std::fopen("/proc/self/clear_refs", "w")) {
    std::fputs("5", file);
    std::fclose(file);
  }
}

void Measure(benchmark::State& state, int64_t nonzeros, double times,
             const std::function<void()>& task) {
  ForgetPeak();
  for (auto _ : state) task();
  state.counters["ns_per_nonzero"] = benchmark::Counter(
      static_cast<double>(state.iterations()) *
          static_cast<double>(nonzeros) * times / 1e9,
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
  state.counters["nonzeros"] = static_cast<double>(nonzeros);
  state.counters["peak_bytes"] = PeakBytes();
}

// One epoch, loss included, of eight grid points at batch size 64.
void Epoch(benchmark::State& state, const Size& size, const char* rule) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data(size).view(), true).value();
  GridTrainerOptions options;
  options.optimizer = UsualRule(rule);
  options.batch_size = 64;
  ScheduleSpec constant;
  constant.set_kind(ScheduleSpec::CONSTANT);
  for (int i = 0; i < 8; ++i) options.grid.push_back({0.1 / (1 + i), constant});
  options.protocol.set_epochs(1);
  options.protocol.set_sampling(LogisticProtocol::SHUFFLE_EACH_EPOCH);
  options.protocol.set_last_batch(LogisticProtocol::KEEP);
  Measure(state, problem.nonzeros(), 8, [&] {
    auto result = TrainGrid(problem, options);
    benchmark::DoNotOptimize(result);
  });
}

void Constants(benchmark::State& state, const Size& size) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data(size).view(), true).value();
  Measure(state, problem.nonzeros(), 1, [&] {
    auto result = ComputeConstants(problem);
    benchmark::DoNotOptimize(result);
  });
}

// Ten iterations.
void Optimum(benchmark::State& state, const Size& size) {
  const LogisticProblem problem =
      LogisticProblem::Create(Data(size).view(), true).value();
  LbfgsOptimum options;
  options.set_gradient_tolerance(1e-30);
  options.set_max_iterations(10);
  options.set_memory(20);
  Measure(state, problem.nonzeros(), 10, [&] {
    auto result = MinimizeWithLbfgs(problem, options, {});
    benchmark::DoNotOptimize(result);
  });
}

// Reading the data as a LIBSVM file. The file is in the folder of temporary
// files, and gone afterwards.
void Read(benchmark::State& state, const Size& size) {
  LibsvmOptions options;
  options.file = absl::StrCat(std::filesystem::temp_directory_path().string(),
                              "/growth_bench.svm");
  options.features = size.features;
  int64_t nonzeros = 0;
  {
    const CsrView view = Data(size).view();
    nonzeros = static_cast<int64_t>(view.index.size());
    std::FILE* file = std::fopen(options.file.c_str(), "w");
    if (file == nullptr) return state.SkipWithError("cannot write a file");
    for (int64_t i = 0; i < view.rows; ++i) {
      std::fputs(view.label[i] > 0 ? "+1" : "-1", file);
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        std::fprintf(file, " %lld:%.6g", 1LL + view.index[k], view.value[k]);
      }
      std::fputs("\n", file);
    }
    if (std::fclose(file) != 0) return state.SkipWithError("cannot write a file");
  }
  Data(kSizes[0]);  // gives the memory back
  Measure(state, nonzeros, 1, [&] {
    auto result = ReadLibsvmFile(options);
    if (!result.ok()) state.SkipWithError(result.status().ToString().c_str());
  });
  std::remove(options.file.c_str());
}

const bool kRegistered = [] {
  for (const Size& size : kSizes) {
    const auto add = [&](const std::string& task, auto run) {
      benchmark::RegisterBenchmark(
          absl::StrCat(task, "/rows:", size.rows, "/features:", size.features,
                       "/a_row:", size.nonzeros)
              .c_str(),
          [run, &size](benchmark::State& state) { run(state, size); })
          ->Unit(benchmark::kMillisecond);
    };
    for (const std::string& rule : RuleNames()) {
      add(absl::StrCat("epoch_", rule),
          [rule](benchmark::State& state, const Size& s) {
            Epoch(state, s, rule.c_str());
          });
    }
    add("constants", Constants);
    add("optimum", Optimum);
    add("read", Read);
  }
  return true;
}();

}  // namespace
}  // namespace anisograd
