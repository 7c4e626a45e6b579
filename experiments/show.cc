// Prints any result in readable form.
//
//   show F.result.pb            a summary, one line a grid point
//   show --full F.result.pb     the whole message in text form
//
// bazel run //experiments:show -- a9a_adagrad_m64 finds the result of a target
// that has been built.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/result.pb.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(bool, full, false, "print the whole message in text form");

namespace anisograd {
namespace {

std::string DescribeSchedule(const ScheduleSpec& schedule) {
  return ScheduleSpec::Kind_Name(schedule.kind());
}

void PrintDataset(const DatasetRecord& dataset) {
  absl::PrintF("data set     %s: %d rows, %d features, %d non-zeros%s\n",
               dataset.name(), dataset.rows(), dataset.features(),
               dataset.nonzeros(),
               dataset.stand_in() ? absl::StrCat("\n             STAND-IN: ",
                                                 dataset.note())
                                  : "");
}

void PrintOptimum(const OptimumResult& optimum) {
  absl::PrintF("target       %s\n", optimum.target());
  PrintDataset(optimum.dataset());
  absl::PrintF("loss         %.15g\n|gradient|_2 %.3g\niterations   %d\n",
               optimum.loss(), optimum.gradient_norm(), optimum.iterations());
  absl::PrintF("certificate  %s",
               OptimumResult::Certificate_Name(optimum.certificate()));
  if (optimum.certificate() != OptimumResult::NONE) {
    absl::PrintF(", inf f >= %.15g (gap %.2g)", optimum.lower_bound(),
                 optimum.loss() - optimum.lower_bound());
  }
  if (optimum.certificate() == OptimumResult::DUALITY_GAP) {
    // The ball of DualLowerBound.
    double square = 0.0;
    for (const double w : optimum.weights()) square += w * w;
    absl::PrintF(" where |w|_2 <= 10 |w*|_2 = %.3g", 10.0 * std::sqrt(square));
  }
  absl::PrintF("\nspec\n%s", ToTextProto(optimum.spec()));
}

void PrintExperiment(const ExperimentResult& result) {
  const ExperimentSpec& spec = result.spec();
  absl::PrintF("target       %s\n", result.target());
  PrintDataset(result.dataset());
  absl::PrintF("method       %s, batch size %d, %d epochs, %d seeds\n",
               spec.method(0).name(), spec.batch_size(0),
               spec.logistic().epochs(), spec.seed_size());
  for (const OptimumRecord& optimum : result.optimum()) {
    absl::PrintF("f(w*) %-6s %.12g\n",
                 OptimumSpec::Role_Name(optimum.spec().role()), optimum.loss());
  }
  const double f_star =
      result.optimum_size() > 0 ? result.optimum(0).loss() : 0.0;
  absl::PrintF("\n%13s  %-19s  %4s  %10s  %5s  %12s  %s\n", "learning rate",
               "schedule", "seed", "best f-f*", "epoch", "|w-w*|_2 max",
               "outcome");
  for (const Run& run : result.run()) {
    const bool selected =
        result.has_selected() &&
        run.learning_rate() == result.selected().learning_rate() &&
        run.schedule().kind() == result.selected().schedule().kind();
    absl::PrintF("%13g  %-19s  %4d  %10.3e  %5d  %12.4g  %s%s\n",
                 run.learning_rate(), DescribeSchedule(run.schedule()),
                 run.seed(), run.best_loss() - f_star, run.best_epoch(),
                 run.max_distance_l2_size() > 0 ? run.max_distance_l2(0) : 0.0,
                 Run::Outcome_Name(run.outcome()),
                 run.outcome() == Run::EXPLODED
                     ? absl::StrCat(" at step ", run.explosion_step(), ": ",
                                    run.explosion_reason())
                     : (selected ? " (selected)" : ""));
  }
  if (result.has_selected()) {
    absl::PrintF("\nselected     rate %g, %s: f - f* = %.4e +- %.1e\n",
                 result.selected().learning_rate(),
                 DescribeSchedule(result.selected().schedule()),
                 result.selected().mean_loss() - f_star,
                 result.selected().std_loss());
  } else {
    absl::PrintF("\nselected     none: every grid point exploded\n");
  }
}

// What all results of GPT-2 have.
template <typename Result>
void PrintGpt2Origin(const Result& result) {
  absl::PrintF("target       %s\n", result.target());
  absl::PrintF("device       %s%s\n", result.device(),
               result.source_revision().empty()
                   ? ""
                   : absl::StrCat(", recorded at revision ",
                                  result.source_revision()));
  absl::PrintF("data set     %s: %d examples, %d tokens, vocabulary %d%s\n",
               result.dataset().name(), result.dataset().examples(),
               result.dataset().tokens(), result.dataset().vocabulary(),
               result.dataset().note().empty()
                   ? ""
                   : absl::StrCat("\n             ", result.dataset().note()));
  absl::PrintF("start        %s%s\n",
               result.start().stand_in() ? "STAND-IN: " : "",
               result.start().note());
  if (!result.spec().reduced().empty()) {
    absl::PrintF("reduced      %s\n", result.spec().reduced());
  }
}

void PrintFineTuning(const Gpt2Result& result) {
  const Gpt2ExperimentSpec& spec = result.spec();
  PrintGpt2Origin(result);
  absl::PrintF("method       %s, batch size %d, %d epochs\n",
               spec.method(0).name(), spec.batch_size(0),
               spec.protocol().epochs());
  absl::PrintF("\n%13s  %-19s  %4s  %5s  %10s  %9s  %13s  %s\n",
               "learning rate", "schedule", "seed", "steps", "first loss",
               "last loss", "reported loss", "clipped  outcome");
  for (const Gpt2Run& run : result.run()) {
    const int steps = run.loss_size();
    const bool exploded = run.outcome() == Run::EXPLODED;
    const bool selected =
        result.has_selected() &&
        run.learning_rate() == result.selected().learning_rate() &&
        run.schedule().kind() == result.selected().schedule().kind();
    absl::PrintF("%13g  %-19s  %4d  %5d  %10.4f  %9.4f  %13s  %6.1f%%  %s%s\n",
                 run.learning_rate(), DescribeSchedule(run.schedule()),
                 run.seed(), steps, run.loss(0), run.loss(steps - 1),
                 exploded ? "" : absl::StrFormat("%.4f", run.reported_loss()),
                 100.0 * static_cast<double>(run.clipped_steps()) / steps,
                 Run::Outcome_Name(run.outcome()),
                 exploded ? absl::StrCat(" at step ", run.explosion_step(),
                                         ": ", run.explosion_reason())
                          : (selected ? " (selected)" : ""));
  }
}

// What was visited; //analysis:figure1_coordinates has what it shows.
void PrintSmoothness(const Gpt2SmoothnessResult& result) {
  const Gpt2SmoothnessSpec& spec = result.spec();
  PrintGpt2Origin(result);
  absl::PrintF("f            mean loss of %d sequences, %d parameters\n",
               result.sequences(), result.parameters());
  absl::PrintF("trajectory   rate %g, %s%s\n", spec.learning_rate(),
               Run::Outcome_Name(result.outcome()),
               result.outcome() == Run::EXPLODED
                   ? absl::StrCat(" at step ", result.explosion_step(), ": ",
                                  result.explosion_reason())
                   : "");
  absl::PrintF("probes       %d iterates, %d coordinates, %s at radius %s\n",
               result.probe_size(), result.coordinate_size(),
               Gpt2SmoothnessSpec::Direction_Name(spec.direction()),
               absl::StrJoin(spec.radius(), ", "));
  absl::PrintF("\n%5s  %10s  %12s\n", "step", "f(w)", "|gradient|_2");
  // About ten lines, the last step among them.
  const int last = result.loss_size() - 1;
  const int stride = std::max(1, last / 10);
  for (int t = last % stride; t <= last; t += stride) {
    absl::PrintF("%5d  %10.4f  %12.4g\n", t, result.loss(t),
                 result.gradient_norm(t));
  }
}

template <typename Result, typename Print>
absl::Status ShowAs(const std::string& path, Print print) {
  Result result;
  RETURN_IF_ERROR(ReadBinaryProto(path, &result));
  if (absl::GetFlag(FLAGS_full)) {
    absl::PrintF("%s", ToTextProto(result));
  } else {
    print(result);
  }
  return absl::OkStatus();
}

absl::Status Show(const std::string& path) {
  // The file's name tells which message it holds.
  if (absl::StrContains(path, "_optimum_")) {
    return ShowAs<OptimumResult>(path, PrintOptimum);
  }
  if (absl::StrContains(path, "experiments/gpt2/smoothness_")) {
    return ShowAs<Gpt2SmoothnessResult>(path, PrintSmoothness);
  }
  if (absl::StrContains(path, "experiments/gpt2/")) {
    return ShowAs<Gpt2Result>(path, PrintFineTuning);
  }
  return ShowAs<ExperimentResult>(path, PrintExperiment);
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  const std::vector<char*> files = absl::ParseCommandLine(argc, argv);
  if (files.size() != 2) {
    return anisograd::ExitCode(
        absl::InvalidArgumentError("usage: show [--full] RESULT"));
  }
  return anisograd::ExitCode(anisograd::Show(files[1]));
}
