#include "experiments/logistic/cuda/family_trainer.h"

#include <cuda_runtime_api.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <thread>
#include <utility>

#include "absl/status/status.h"
#include "data/csr.h"
#include "experiments/logistic/cuda/epoch_kernel.h"
#include "experiments/logistic/cuda/plan_set.h"
#include "experiments/logistic/cuda/run_table.h"
#include "experiments/logistic/lanes/run_recorder.h"
#include "experiments/logistic/lanes/sample_order.h"
#include "tools/base/memory.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"
#include "tools/cuda/status.h"

namespace anisograd {
namespace {

using cuda::DevicePlan;
using cuda::PlanSet;
using cuda::RunState;
using cuda::RunTable;

// One for each group of runs, so that they run beside one another.
class Streams {
 public:
  Streams() = default;
  ~Streams() {
    for (const cudaStream_t stream : streams_) cudaStreamDestroy(stream);
  }
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  absl::Status Create(int count) {
    for (int i = 0; i < count; ++i) {
      cudaStream_t stream;
      // Not held up by the copies on the default stream.
      RETURN_IF_CUDA_ERROR(
          cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking));
      streams_.push_back(stream);
    }
    return absl::OkStatus();
  }
  absl::Status Wait() const {
    for (const cudaStream_t stream : streams_) {
      RETURN_IF_CUDA_ERROR(cudaStreamSynchronize(stream));
    }
    return absl::OkStatus();
  }
  cudaStream_t operator[](int i) const { return streams_[i]; }

 private:
  std::vector<cudaStream_t> streams_;
};

class FamilyRun {
 public:
  FamilyRun(const LogisticProblem& problem,
            absl::Span<const GridTrainerOptions> grids, const RunTable& table)
      : grids_(grids), table_(table) {
    for (const GridTrainerOptions& options : grids) {
      recorders_.emplace_back(options, problem.rows());
      samples_.push_back(SamplesPerEpoch(options, problem.rows()));
      records_.emplace_back(options.grid.size());
      for (GridRun& run : records_.back()) recorders_.back().Start(&run);
    }
  }

  absl::Status Run(PlanSet* plans) {
    RETURN_IF_ERROR(streams_.Create(table_.groups()));
    int epochs = 0;
    for (const GridTrainerOptions& options : grids_) {
      epochs = std::max(epochs, options.protocol.epochs());
    }
    ThreadPool pool(
        std::max(1, static_cast<int>(std::thread::hardware_concurrency())));
    for (int g = 0; g < table_.groups(); ++g) {
      RETURN_IF_ERROR(cuda::LoadEpochKernel(table_.group(g, nullptr).kind));
    }
    RETURN_IF_ERROR(Launch(0, nullptr));
    RETURN_IF_ERROR(plans->Prepare(0, &pool));
    RETURN_IF_ERROR(Record(0));
    for (int epoch = 1; epoch <= epochs; ++epoch) {
      const uint32_t index = static_cast<uint32_t>(epoch - 1);
      RETURN_IF_ERROR(Launch(epoch, plans->device_plans(index)));
      if (epoch < epochs) RETURN_IF_ERROR(plans->Prepare(index + 1, &pool));
      RETURN_IF_ERROR(Record(epoch));
    }
    return absl::OkStatus();
  }

  std::vector<std::vector<GridRun>> TakeRecords() {
    return std::move(records_);
  }

 private:
  // Trains epoch `epoch` (from 1; 0 for none) and measures. All training is
  // started first: streams beyond the device's queues (8, unless
  // CUDA_DEVICE_MAX_CONNECTIONS says otherwise) share one, where what stands
  // behind a measurement would wait for the training before that.
  absl::Status Launch(int epoch, const DevicePlan* plans) {
    for (int g = 0; epoch > 0 && g < table_.groups(); ++g) {
      RETURN_IF_ERROR(cuda::LaunchEpoch(streams_[g], table_.rows(),
                                        table_.group(g, plans), epoch - 1));
    }
    for (int g = 0; g < table_.groups(); ++g) {
      RETURN_IF_ERROR(cuda::LaunchEvaluate(streams_[g], table_.rows(),
                                           table_.group(g, plans), epoch));
    }
    return absl::OkStatus();
  }

  // Waits for the device and writes down what it measured.
  absl::Status Record(int epoch) {
    RETURN_IF_ERROR(streams_.Wait());
    RETURN_IF_ERROR(table_.ReadStates(&states_, &distances_));
    for (size_t r = 0; r < states_.size(); ++r) {
      const RunTable::Run place = table_.runs()[r];
      const GridTrainerOptions& options = grids_[place.grid];
      if (epoch > options.protocol.epochs()) continue;
      GridRun* const record = &records_[place.grid][place.point];
      EpochMeasurement measured;
      measured.epoch = epoch;
      measured.loss_sum = states_[r].loss_sum;
      measured.drawn_loss_sum = states_[r].drawn_loss_sum;
      measured.samples = samples_[place.grid];
      measured.steps = states_[r].steps;
      measured.explosion_step = states_[r].explosion_step;
      if (recorders_[place.grid].RecordEpoch(measured, record) &&
          options.keep_best_weights) {
        RETURN_IF_ERROR(table_.ReadWeights(static_cast<int64_t>(r),
                                           &record->best_weights));
      }
      const int64_t run = static_cast<int64_t>(r);
      for (size_t o = 0; o < options.optima.size(); ++o) {
        const cuda::Distances& distance =
            distances_[table_.first_distance(run) + o];
        RunRecorder::RecordDistance(static_cast<int64_t>(o), distance.l2,
                                    distance.linf, record);
        if (!table_.every_step(run)) continue;
        recorders_[place.grid].RecordStepDistance(
            static_cast<int64_t>(o), std::sqrt(distance.largest_square),
            distance.largest, record);
      }
    }
    for (const GridTrainerOptions& options : grids_) {
      if (epoch > 0 && epoch <= options.protocol.epochs() && options.progress) {
        options.progress(epoch);
      }
    }
    return absl::OkStatus();
  }

  absl::Span<const GridTrainerOptions> grids_;
  const RunTable& table_;
  Streams streams_;
  std::vector<RunRecorder> recorders_;
  // By grid.
  std::vector<int64_t> samples_;
  std::vector<std::vector<GridRun>> records_;
  // Of the last measurement, by run.
  std::vector<RunState> states_;
  std::vector<cuda::Distances> distances_;
};

}  // namespace

absl::StatusOr<std::vector<std::vector<GridRun>>> TrainGridsOnDevice(
    const LogisticProblem& problem,
    absl::Span<const GridTrainerOptions> grids) {
  for (const GridTrainerOptions& options : grids) {
    RETURN_IF_ERROR(CheckGridOptions(options, problem.dimension()));
    if (options.protocol.projection().kind() == ProjectionSpec::L2_BALL) {
      return absl::InvalidArgumentError(
          "logistic.projection.kind: L2_BALL is for the CPU's trainer alone");
    }
    if (options.evaluations_per_epoch > 1) {
      return absl::InvalidArgumentError(
          "extremes.evaluations_per_epoch: more than 1 is for the CPU's trainer "
          "alone");
    }
  }
  LiftMemoryLimit();
  PlanSet plans(problem.view(), HasBinaryValues(problem.view()), grids);
  ASSIGN_OR_RETURN(const RunTable table,
                   RunTable::Create(problem, grids, plans));
  FamilyRun run(problem, grids, table);
  RETURN_IF_ERROR(run.Run(&plans));
  return run.TakeRecords();
}

}  // namespace anisograd
