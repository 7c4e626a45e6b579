#include "experiments/gpt2/train/train_main.h"

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "experiments/gpt2/start/pretrained_weights.h"
#include "experiments/gpt2/start/start_flags.h"
#include "experiments/gpt2/train/cell.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/gpt2/train/training_progress.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/thread_pool.h"

ABSL_FLAG(std::string, spec, "", "the cell, an expanded Gpt2ExperimentSpec");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the Gpt2Result");
ABSL_FLAG(int, threads, 1, "threads; the result does not depend on them");
ABSL_FLAG(std::string, checkpoint, "", "where to keep checkpoints");
ABSL_FLAG(double, checkpoint_seconds, 60,
          "from one checkpoint to the next within a run; between runs there is "
          "one in any case");
ABSL_FLAG(std::vector<std::string>, first_rates, {},
          "learning rates whose runs come first; the result does not depend on "
          "them");
ABSL_FLAG(std::string, save_weights, "",
          "where to write the weights that the cell's one run ends with");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Runs one table cell of GPT-2.",
    "--spec=CELL.textproto --dataset=F.bin --out=OUT.pb "
    "[--weights=F.safetensors | --random_start] [--threads=N] "
    "[--checkpoint=OUT.ckpt [--checkpoint_seconds=N]] [--first_rates=A,B] "
    "[--save_weights=OUT.safetensors] [--target=LABEL]"};

// The weights that `model` was left with by the run of `result`.
absl::Status SaveWeights(const std::string& path, const Gpt2Result& result,
                         const LanguageModel& model) {
  ASSIGN_OR_RETURN(const PretrainingRecord record,
                   MakePretrainingRecord(result));
  std::vector<float> parameters(static_cast<size_t>(model.layout().size()));
  model.GetParameters(absl::MakeSpan(parameters));
  return WritePretrainedWeights(path, model.config(), parameters, record);
}

absl::Status RunTraining(const TrainableModelFactory& make_model) {
  RETURN_IF_ERROR(CheckThreads(absl::GetFlag(FLAGS_threads)));
  if (!(absl::GetFlag(FLAGS_checkpoint_seconds) >= 0.0)) {
    return absl::InvalidArgumentError(
        "--checkpoint_seconds: must not be negative");
  }
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec cell, ReadGpt2Experiment(path));
  const std::string save_weights = absl::GetFlag(FLAGS_save_weights);
  if (!save_weights.empty()) {
    const absl::Status status = CheckSavesPretrainedWeights(cell);
    if (!status.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": --save_weights: ", status.message()));
    }
  }
  ThreadPool pool(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const std::unique_ptr<TrainableModel> model,
                   MakeModelOfSpec(path, make_model, cell.model(),
                                   cell.protocol().arithmetic(), &pool));
  ASSIGN_OR_RETURN(const TokenFile tokens,
                   TokensFromFlags(path, cell.dataset()));
  ASSIGN_OR_RETURN(const Start start,
                   StartFromFlags(cell.start(), cell.model(), &pool));
  Gpt2CellOptions options;
  options.checkpoint = absl::GetFlag(FLAGS_checkpoint);
  options.checkpoint_due =
      EverySeconds(absl::GetFlag(FLAGS_checkpoint_seconds));
  for (const std::string& text : absl::GetFlag(FLAGS_first_rates)) {
    double rate = 0.0;
    if (!absl::SimpleAtod(text, &rate)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--first_rates: \"", text, "\" is not a number"));
    }
    const auto& grid = cell.grid().learning_rate();
    if (std::find(grid.begin(), grid.end(), rate) == grid.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--first_rates: ", text, " is no learning rate of ", path));
    }
    options.first_rates.push_back(rate);
  }
  TrainingProgress progress(cell, model.get());
  if (progress.visible()) {
    options.progress = [&progress](const RunTrainer& trainer, int run,
                                   int runs) {
      progress.Show(trainer, run, runs);
    };
  }
  absl::StatusOr<Gpt2Result> result = RunGpt2Cell(
      cell, tokens, start.record, start.parameters, model.get(), options);
  if (absl::IsInvalidArgument(result.status())) {
    return InFile(result.status(), path);
  }
  // Of a checkpoint, which the message names.
  if (!result.ok()) return result.status();
  result->set_target(absl::GetFlag(FLAGS_target));
  // First, so that with the result all is there.
  if (!save_weights.empty()) {
    RETURN_IF_ERROR(SaveWeights(save_weights, *result, model->model()));
  }
  RETURN_IF_ERROR(WriteFileAtomically(absl::GetFlag(FLAGS_out),
                                      SerializeDeterministically(*result)));
  if (!options.checkpoint.empty()) RemoveWritten(options.checkpoint);
  return absl::OkStatus();
}

}  // namespace

int TrainMain(int argc, char** argv, const TrainableModelFactory& make_model) {
  return RunProgram(argc, argv, kUsage,
                    [&] { return RunTraining(make_model); });
}

}  // namespace anisograd
