#include "experiments/gpt2/smoothness/smoothness_main.h"

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "data/token_file.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/start/start_flags.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/thread_pool.h"

ABSL_FLAG(std::string, spec, "", "a Gpt2SmoothnessSpec");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the Gpt2SmoothnessResult");
ABSL_FLAG(int, threads, 1, "threads; the result does not depend on them");
ABSL_FLAG(std::string, checkpoint, "", "where to keep checkpoints");
ABSL_FLAG(double, checkpoint_seconds, 60, "from one checkpoint to the next");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Runs the check of Assumption 5.1 on GPT-2.",
    "--spec=F.textproto --dataset=F.bin --out=OUT.pb "
    "[--weights=F.safetensors | --random_start] [--threads=N] "
    "[--checkpoint=OUT.ckpt [--checkpoint_seconds=N]] [--target=LABEL]"};

absl::Status ProbeSmoothness(const TrainableModelFactory& make_model) {
  RETURN_IF_ERROR(CheckThreads(absl::GetFlag(FLAGS_threads)));
  if (!(absl::GetFlag(FLAGS_checkpoint_seconds) >= 0.0)) {
    return absl::InvalidArgumentError(
        "--checkpoint_seconds: must not be negative");
  }
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const Gpt2SmoothnessSpec spec, ReadGpt2Smoothness(path));
  ThreadPool pool(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const std::unique_ptr<TrainableModel> model,
                   MakeModelOfSpec(path, make_model, spec.model(),
                                   spec.arithmetic(), &pool));
  ASSIGN_OR_RETURN(const TokenFile tokens,
                   TokensFromFlags(path, spec.dataset()));
  ASSIGN_OR_RETURN(const Start start,
                   StartFromFlags(spec.start(), spec.model(), &pool));
  ProgressLine line;
  SmoothnessOptions options;
  options.checkpoint = absl::GetFlag(FLAGS_checkpoint);
  options.checkpoint_due =
      EverySeconds(absl::GetFlag(FLAGS_checkpoint_seconds));
  options.progress = [&](const Gpt2SmoothnessResult& so_far) {
    const int done = so_far.loss_size();
    line.Show(absl::StrFormat("step %d of %d, loss %.4f", done, spec.steps(),
                              so_far.loss(done - 1)));
  };
  absl::StatusOr<Gpt2SmoothnessResult> result =
      RunSmoothnessProbe(spec, tokens, start.record, start.parameters,
                         model.get(), &pool, options);
  if (absl::IsInvalidArgument(result.status())) {
    return InFile(result.status(), path);
  }
  // Of a checkpoint, which the message names.
  if (!result.ok()) return result.status();
  result->set_target(absl::GetFlag(FLAGS_target));
  RETURN_IF_ERROR(WriteFileAtomically(absl::GetFlag(FLAGS_out),
                                      SerializeDeterministically(*result)));
  if (!options.checkpoint.empty()) RemoveWritten(options.checkpoint);
  return absl::OkStatus();
}

}  // namespace

int SmoothnessMain(int argc, char** argv,
                   const TrainableModelFactory& make_model) {
  return RunProgram(argc, argv, kUsage,
                    [&] { return ProbeSmoothness(make_model); });
}

}  // namespace anisograd
