#include "experiments/logistic/cuda/run_table.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "data/csr.h"
#include "experiments/logistic/cuda/upload.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "optim/rules.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace cuda {
namespace {

RuleKind KindOf(const OptimizerSpec& optimizer, int64_t dimension) {
  return {optimizer.rule_case(), PutsStepsOff(optimizer, dimension)};
}

// What a rule brings to a run.
struct RuleStart {
  // Without learning rates and numbers.
  RuleConstants constants = {};
  double accumulator = 0.0;
  std::vector<double> states;
};

absl::StatusOr<RuleStart> StartOf(const OptimizerSpec& optimizer) {
  RuleStart start;
  RETURN_IF_ERROR(WithRule(optimizer.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    static_assert(std::is_trivially_copyable_v<Rule> &&
                      sizeof(Rule) <= kRuleBytes,
                  "rules are copied to the device as bytes");
    const Rule rule(optimizer);
    std::memcpy(start.constants.rule, &rule, sizeof(rule));
    if constexpr (Rule::kNeedsNorm) {
      start.accumulator = rule.InitialAccumulator();
    }
    for (int s = 0; s < Rule::kStates; ++s) {
      start.states.push_back(rule.InitialState(s));
    }
    return absl::OkStatus();
  }));
  return start;
}

// Appends the numbers of the rule's clock at steps 0 .. steps - 1, one after
// the other.
absl::Status AppendNumbers(const OptimizerSpec& optimizer, int64_t steps,
                           std::vector<double>* numbers) {
  return WithRule(optimizer.rule_case(), [&](auto tag) {
    using Rule = RuleOf<decltype(tag), double>;
    if constexpr (Rule::kClock > 0) {
      Rule rule(optimizer);
      double clock[Rule::kClock];
      std::fill_n(clock, Rule::kClock, 1.0);
      const size_t first = numbers->size();
      numbers->resize(first + Rule::kClock * steps);
      for (int64_t t = 0; t < steps; ++t) {
        rule.Advance(clock);
        for (int i = 0; i < Rule::kClock; ++i) {
          (*numbers)[first + i * steps + t] = rule.numbers[i];
        }
      }
    }
    return absl::OkStatus();
  });
}

bool IsAveraged(const GridTrainerOptions& options) {
  return options.protocol.iterate() == LogisticProtocol::AVERAGED;
}

int64_t BatchScratch(const GridTrainerOptions& options, int64_t rows) {
  if (options.batch_size <= kSharedBatch) return 0;
  return kSampleNumbers * std::min(options.batch_size, rows);
}

}  // namespace

absl::StatusOr<RunTable> RunTable::Create(
    const LogisticProblem& problem, absl::Span<const GridTrainerOptions> grids,
    const PlanSet& plans) {
  RunTable table;
  RETURN_IF_ERROR(table.UploadRows(problem));
  RETURN_IF_ERROR(table.UploadRates(grids, problem.rows()));
  RETURN_IF_ERROR(table.UploadOptima(grids));
  RETURN_IF_ERROR(table.MakeRuns(problem, grids, plans));
  RETURN_IF_ERROR(table.MakeGroups(problem, grids));
  RETURN_IF_CUDA_ERROR(cudaDeviceSynchronize());
  return table;
}

absl::Status RunTable::UploadRows(const LogisticProblem& problem) {
  const CsrView& view = problem.view();
  const auto upload = [](auto span, auto* buffer) {
    using T = typename decltype(span)::value_type;
    return Upload(std::vector<T>(span.begin(), span.end()), buffer);
  };
  RETURN_IF_ERROR(upload(view.row_start, &row_start_));
  RETURN_IF_ERROR(upload(view.index, &index_));
  RETURN_IF_ERROR(upload(view.label, &label_));
  const bool binary = HasBinaryValues(view);
  if (!binary) RETURN_IF_ERROR(upload(view.value, &value_));
  rows_ = {row_start_.data(), index_.data(), binary ? nullptr : value_.data(),
           label_.data(),     view.rows,     view.features};
  return absl::OkStatus();
}

absl::Status RunTable::UploadRates(absl::Span<const GridTrainerOptions> grids,
                                   int64_t rows) {
  // Series of factors are shared by all who have the same clock and schedule.
  using SeriesKey = std::tuple<int64_t, int64_t, bool, std::string>;
  std::map<SeriesKey, int64_t> series;
  std::vector<double> factors;
  std::vector<std::vector<int64_t>> series_of(grids.size());
  std::map<std::string, int64_t> rules;
  std::vector<double> numbers;
  std::vector<int64_t> numbers_of(grids.size(), 0);
  int64_t most_steps = 0;
  for (const GridTrainerOptions& options : grids) {
    most_steps =
        std::max(most_steps, ScheduleClock(options, rows)
                                 .total_steps(options.protocol));
  }
  for (size_t g = 0; g < grids.size(); ++g) {
    const GridTrainerOptions& options = grids[g];
    const ScheduleClock clock(options, rows);
    const int64_t steps = clock.total_steps(options.protocol);
    for (const GridPoint& point : options.grid) {
      const auto [found, added] = series.emplace(
          SeriesKey(clock.steps_per_epoch(), steps,
                    options.protocol.schedule_clock() ==
                        LogisticProtocol::PER_EPOCH,
                    point.schedule.SerializeAsString()),
          static_cast<int64_t>(factors.size()));
      if (added) {
        for (int64_t t = 0; t < steps; ++t) {
          factors.push_back(clock.Factor(point.schedule, t));
        }
      }
      series_of[g].push_back(found->second);
    }
    const auto [found, added] =
        rules.emplace(options.optimizer.SerializeAsString(),
                      static_cast<int64_t>(numbers.size()));
    if (added) {
      RETURN_IF_ERROR(AppendNumbers(options.optimizer, most_steps, &numbers));
    }
    numbers_of[g] = found->second;
  }
  RETURN_IF_ERROR(Upload(factors, &schedule_factors_));
  RETURN_IF_ERROR(Upload(numbers, &numbers_));

  for (size_t g = 0; g < grids.size(); ++g) {
    schedule_factor_of_.emplace_back();
    for (const int64_t first : series_of[g]) {
      schedule_factor_of_[g].push_back(schedule_factors_.data() + first);
    }
    ASSIGN_OR_RETURN(const RuleStart start, StartOf(grids[g].optimizer));
    constants_of_grid_.push_back(start.constants);
    constants_of_grid_.back().numbers = numbers_.data() + numbers_of[g];
    constants_of_grid_.back().number_steps = most_steps;
  }
  return absl::OkStatus();
}

absl::Status RunTable::UploadOptima(
    absl::Span<const GridTrainerOptions> grids) {
  // The cells of a family point to the same optima.
  std::map<const double*, int64_t> first_of;
  std::vector<double> numbers;
  std::vector<int64_t> firsts;
  for (const GridTrainerOptions& options : grids) {
    first_optimum_.push_back(static_cast<int64_t>(firsts.size()));
    for (const absl::Span<const double> optimum : options.optima) {
      const auto [found, added] = first_of.emplace(
          optimum.data(), static_cast<int64_t>(numbers.size()));
      if (added) {
        numbers.insert(numbers.end(), optimum.begin(), optimum.end());
      }
      firsts.push_back(found->second);
    }
  }
  RETURN_IF_ERROR(Upload(numbers, &optima_));
  std::vector<const double*> pointers;
  for (const int64_t first : firsts) pointers.push_back(optima_.data() + first);
  return Upload(pointers, &optimum_pointers_);
}

RunLayout RunTable::Layout(const GridTrainerOptions& options) const {
  return MakeRunLayout(KindOf(options.optimizer, rows_.dimension),
                       IsAveraged(options), rows_.dimension);
}

absl::Status RunTable::MakeRuns(const LogisticProblem& problem,
                                absl::Span<const GridTrainerOptions> grids,
                                const PlanSet& plans) {
  const int64_t d = problem.dimension();
  // Where each run's numbers start, a cache line each.
  std::vector<int64_t> first;
  int64_t doubles = 0, distances = 0;
  for (size_t g = 0; g < grids.size(); ++g) {
    const GridTrainerOptions& options = grids[g];
    const int64_t size = Layout(options).size() +
                         (IsAveraged(options) ? d : 0) +
                         BatchScratch(options, problem.rows());
    for (size_t p = 0; p < options.grid.size(); ++p) {
      runs_.push_back({static_cast<int>(g), static_cast<int>(p)});
      first.push_back(doubles);
      doubles += (size + 15) / 16 * 16;
      first_distance_.push_back(distances);
      distances += 2 * static_cast<int64_t>(options.optima.size());
    }
  }
  ASSIGN_OR_RETURN(memory_, DeviceBuffer<double>::Create(doubles));
  ASSIGN_OR_RETURN(distances_, DeviceBuffer<double>::Create(distances));

  std::vector<RunState> states;
  std::vector<double> start;
  for (size_t r = 0; r < runs_.size(); ++r) {
    const int g = runs_[r].grid;
    const GridTrainerOptions& options = grids[g];
    const LogisticProtocol& protocol = options.protocol;
    const RunLayout layout = Layout(options);
    ASSIGN_OR_RETURN(const RuleStart of_rule, StartOf(options.optimizer));
    RunParameters run = {};
    run.rule = constants_of_grid_[g];
    run.rule.learning_rate = options.grid[runs_[r].point].learning_rate;
    run.rule.schedule_factor = schedule_factor_of_[g][runs_[r].point];
    run.plan = plans.plan_of_grid(g);
    run.epochs = protocol.epochs();
    run.all_coordinates = TouchesMostCoordinates(problem, options.batch_size);
    run.average = IsAveraged(options);
    if (protocol.projection().kind() == ProjectionSpec::BOX) {
      run.box_radius = protocol.projection().radius();
    }
    run.sample_loss_limit = protocol.explosion().max_sample_loss() > 0.0
                                ? protocol.explosion().max_sample_loss()
                                : std::numeric_limits<double>::infinity();
    run.memory = memory_.data() + first[r];
    run.mean = run.memory + layout.size();
    run.batch_scratch = run.mean + (run.average ? d : 0);
    run.optima = static_cast<int>(options.optima.size());
    run.optimum = optimum_pointers_.data() + first_optimum_[g];
    run.max_distance = distances_.data() + first_distance_[r];
    host_parameters_.push_back(run);

    RunState state = {};
    state.explosion_step = -1;
    state.norm_accumulator = of_rule.accumulator;
    states.push_back(state);

    // Points of a grid start alike; the rest of the memory is zero.
    if (runs_[r].point == 0) {
      start = InitialWeights(options.seed, protocol.initial_radius(), d);
      for (const double initial : of_rule.states) {
        start.resize(start.size() + d, initial);
      }
    }
    RETURN_IF_CUDA_ERROR(cudaMemcpy(run.memory, start.data(),
                                    start.size() * sizeof(double),
                                    cudaMemcpyHostToDevice));
  }
  RETURN_IF_ERROR(Upload(host_parameters_, &parameters_));
  return Upload(states, &states_);
}

absl::Status RunTable::MakeGroups(
    const LogisticProblem& problem,
    absl::Span<const GridTrainerOptions> grids) {
  const int64_t mean_nonzeros = problem.nonzeros() / problem.rows();
  std::map<std::tuple<int, RuleKind, bool>, std::vector<int>> ids;
  for (size_t r = 0; r < runs_.size(); ++r) {
    const GridTrainerOptions& options = grids[runs_[r].grid];
    const RuleKind kind = KindOf(options.optimizer, problem.dimension());
    const bool all = (RuleAtRest(options.optimizer) == AtRest::kAllMove &&
                      !kind.put_off) ||
                     TouchesMostCoordinates(problem, options.batch_size);
    const int threads = EpochThreads(options.batch_size, mean_nonzeros,
                                     problem.dimension(), all);
    ids[{threads, kind, IsAveraged(options)}].push_back(static_cast<int>(r));
  }
  // The groups of few threads, with the longest chains, start first.
  for (const auto& [key, members] : ids) {
    Group& group = groups_.emplace_back();
    std::tie(group.threads, group.kind, group.average) = key;
    RETURN_IF_ERROR(Upload(members, &group.ids));
  }
  return absl::OkStatus();
}

RunGroup RunTable::group(int g, const DevicePlan* plans) const {
  const Group& group = groups_[g];
  return {group.kind,
          group.threads,
          group.average,
          group.ids.data(),
          static_cast<int>(group.ids.size()),
          plans,
          parameters_.data(),
          const_cast<RunState*>(states_.data())};
}

absl::Status RunTable::ReadStates(std::vector<RunState>* states,
                                  std::vector<double>* distances) const {
  states->resize(runs_.size());
  distances->resize(static_cast<size_t>(distances_.size()));
  RETURN_IF_CUDA_ERROR(cudaMemcpy(states->data(), states_.data(),
                                  states->size() * sizeof(RunState),
                                  cudaMemcpyDeviceToHost));
  if (distances->empty()) return absl::OkStatus();
  RETURN_IF_CUDA_ERROR(cudaMemcpy(distances->data(), distances_.data(),
                                  distances->size() * sizeof(double),
                                  cudaMemcpyDeviceToHost));
  return absl::OkStatus();
}

absl::Status RunTable::ReadWeights(int64_t r,
                                   std::vector<double>* weights) const {
  const RunParameters& run = host_parameters_[r];
  weights->resize(static_cast<size_t>(rows_.dimension));
  RETURN_IF_CUDA_ERROR(cudaMemcpy(weights->data(),
                                  run.average ? run.mean : run.memory,
                                  weights->size() * sizeof(double),
                                  cudaMemcpyDeviceToHost));
  return absl::OkStatus();
}

}  // namespace cuda
}  // namespace anisograd
