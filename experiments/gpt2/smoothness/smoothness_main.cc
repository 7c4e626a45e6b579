#include "experiments/gpt2/smoothness/smoothness_main.h"

#include <memory>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "data/token_file.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/start/start_flags.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/thread_pool.h"

ABSL_FLAG(std::string, spec, "", "a Gpt2SmoothnessSpec");
ABSL_FLAG(std::string, dataset, "", "the token file");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the Gpt2SmoothnessResult");
ABSL_FLAG(int, threads, 1, "threads; the result does not depend on them");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Runs the check of Assumption 5.1 on GPT-2.",
    "--spec=F.textproto --dataset=F.bin --out=OUT.pb "
    "[--weights=F.safetensors | --random_start] [--threads=N] "
    "[--target=LABEL]"};

absl::Status ProbeSmoothness(const TrainableModelFactory& make_model) {
  RETURN_IF_ERROR(CheckThreads(absl::GetFlag(FLAGS_threads)));
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const Gpt2SmoothnessSpec spec, ReadGpt2Smoothness(path));
  ThreadPool pool(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const std::unique_ptr<TrainableModel> model,
                   MakeModelOfSpec(path, make_model, spec.model(),
                                   spec.arithmetic(), &pool));
  ASSIGN_OR_RETURN(const TokenFile tokens,
                   ReadTokenFile(absl::GetFlag(FLAGS_dataset)));
  ASSIGN_OR_RETURN(const Start start,
                   StartFromFlags(spec.start(), spec.model()));
  ProgressLine line;
  absl::StatusOr<Gpt2SmoothnessResult> result = RunSmoothnessProbe(
      spec, tokens, start.record, start.parameters, model.get(), &pool,
      [&](const Gpt2SmoothnessResult& so_far) {
        const int done = so_far.loss_size();
        line.Show(absl::StrFormat("step %d of %d, loss %.4f", done,
                                  spec.steps(), so_far.loss(done - 1)));
      });
  if (!result.ok()) {
    return absl::Status(result.status().code(),
                        absl::StrCat(path, ": ", result.status().message()));
  }
  result->set_target(absl::GetFlag(FLAGS_target));
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(*result));
}

}  // namespace

int SmoothnessMain(int argc, char** argv,
                   const TrainableModelFactory& make_model) {
  return RunProgram(argc, argv, kUsage,
                    [&] { return ProbeSmoothness(make_model); });
}

}  // namespace anisograd
