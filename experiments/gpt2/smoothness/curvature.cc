// Estimates |H|_{1,1} and the top eigenvalue of GPT-2's Hessian at both ends of the
// path of a Gpt2SmoothnessSpec, on the CPU.
//
//   curvature --spec=SPEC.textproto --dataset=F.bin --out=F.result.pb

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "data/token_file.h"
#include "experiments/gpt2/smoothness/curvature.pb.h"
#include "experiments/gpt2/smoothness/curvature_estimate.h"
#include "experiments/gpt2/smoothness/full_objective.h"
#include "experiments/gpt2/smoothness/smoothness_probe.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/start/start_flags.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/trainable_model.h"
#include "experiments/spec_parts.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"
#include "tools/base/thread_pool.h"

ABSL_FLAG(std::string, spec, "", "a Gpt2SmoothnessSpec");
ABSL_FLAG(int, groups, 4, "of 8 Cauchy vectors each");
ABSL_FLAG(int, power_steps, 20, "of power iteration");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the Gpt2CurvatureResult");
ABSL_FLAG(int, threads, 1, "threads; the result does not depend on them");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Estimates norms of GPT-2's Hessian.",
    "--spec=F.textproto --dataset=F.bin --out=OUT.pb "
    "[--weights=F.safetensors | --random_start] [--groups=N] "
    "[--power_steps=N] [--threads=N] [--target=LABEL]"};

// At the model's parameters, which it leaves as they are.
absl::StatusOr<CurvatureEstimate> EstimateHere(const FullObjective& objective,
                                               const CurvatureOptions& options,
                                               LanguageModel* model) {
  const ParameterLayout& layout = model->layout();
  std::vector<float> w(static_cast<size_t>(layout.size()));
  std::vector<bool> free(w.size());
  for (const ParameterTensor& tensor : layout.tensors()) {
    for (int64_t j = 0; j < tensor.size; ++j) free[tensor.offset + j] = true;
  }
  model->GetParameters(absl::MakeSpan(w));
  ASSIGN_OR_RETURN(const double loss, objective.LossAndGradient(model));
  absl::StatusOr<CurvatureEstimate> estimate = EstimateCurvature(
      [&](absl::Span<const float> at, absl::Span<float> gradient) {
        model->SetParameters(at);
        RETURN_IF_ERROR(objective.LossAndGradient(model).status());
        model->GetGradients(gradient);
        return absl::OkStatus();
      },
      w, free, options);
  model->SetParameters(w);
  if (estimate.ok()) estimate->set_loss(loss);
  return estimate;
}

absl::Status EstimateNorms() {
  RETURN_IF_ERROR(CheckThreads(absl::GetFlag(FLAGS_threads)));
  CurvatureOptions options;
  options.groups = absl::GetFlag(FLAGS_groups);
  options.power_steps = absl::GetFlag(FLAGS_power_steps);
  if (options.groups < 2 || options.power_steps < 1) {
    return absl::InvalidArgumentError(
        "--groups, --power_steps: at least 2 and 1");
  }
  const std::string path = absl::GetFlag(FLAGS_spec);
  ASSIGN_OR_RETURN(const Gpt2SmoothnessSpec spec, ReadGpt2Smoothness(path));
  options.seed = spec.seed();
  ThreadPool pool(absl::GetFlag(FLAGS_threads));
  ASSIGN_OR_RETURN(const std::unique_ptr<TrainableModel> model,
                   MakeModelOfSpec(path, CpuTrainableModel, spec.model(),
                                   spec.arithmetic(), &pool));
  ASSIGN_OR_RETURN(const TokenFile tokens,
                   TokensFromFlags(path, spec.dataset()));
  ASSIGN_OR_RETURN(const Start start,
                   StartFromFlags(spec.start(), spec.model(), &pool));
  ASSIGN_OR_RETURN(const FullObjective objective, MakeObjective(spec, tokens));
  RETURN_IF_ERROR(model->Reset(spec.optimizer(), start.parameters));

  Gpt2CurvatureResult result;
  *result.mutable_spec() = spec;
  result.set_spec_digest(SpecDigest(spec));
  *result.mutable_dataset() = RecordTokens(spec.dataset(), tokens, objective);
  *result.mutable_start() = start.record;
  result.set_target(absl::GetFlag(FLAGS_target));
  result.set_device(model->device());
  result.set_parameters(model->model().layout().parameter_count());
  result.set_groups(options.groups);
  result.set_power_steps(options.power_steps);
  result.set_radius(options.radius);
  ProgressLine line;
  for (int64_t t = 0; t <= spec.steps(); ++t) {
    if (t == 0 || t == spec.steps()) {
      line.Show(absl::StrCat("estimating at step ", t));
      ASSIGN_OR_RETURN(*result.add_estimate(),
                       EstimateHere(objective, options, &model->model()));
      result.mutable_estimate()->rbegin()->set_iteration(t);
    }
    if (t == spec.steps()) break;
    RETURN_IF_ERROR(objective.LossAndGradient(&model->model()).status());
    model->Step(spec.learning_rate(), /*max_norm=*/0.0);
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(result));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::EstimateNorms);
}
