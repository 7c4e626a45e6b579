// Prints results of training and optima in readable form.
//
//   show F.result.pb...            a summary, one line a grid point
//   show --full F.result.pb...     the whole message in text form
//
// What a file holds is told by its content.
//
// bazel run //experiments:show -- a9a_adagrad_m64 finds the result of a target
// that has been built.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/logistic/optimum/optimum_quality.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "experiments/selection.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(bool, full, false, "print the whole message in text form");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Prints results of training and optima in readable form.",
    "[--full] RESULT..."};

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
  absl::PrintF("\n             %s\n", DescribeOptimum(optimum));
  absl::PrintF("spec\n%s", ToTextProto(optimum.spec()));
}

void PrintExperiment(const ExperimentResult& result) {
  const ExperimentSpec& spec = result.spec();
  absl::PrintF("target       %s\n", result.target());
  PrintDataset(result.dataset());
  absl::PrintF("method       %s, batch size %d, %d epochs, %d seeds\n",
               spec.method(0).name(), spec.batch_size(0),
               spec.logistic().epochs(), spec.seed_size());
  if (spec.batch_size(0) > result.dataset().rows()) {
    absl::PrintF("             the batch size exceeds the rows: one step an "
                 "epoch\n");
  }
  for (const OptimumRecord& optimum : result.optimum()) {
    absl::PrintF("f(w*) %-6s %.12g, certificate %s\n",
                 OptimumSpec::Role_Name(optimum.spec().role()), optimum.loss(),
                 OptimumResult::Certificate_Name(optimum.certificate()));
  }
  // Without an optimum, f itself is shown.
  const int paper = FindOptimum(result.optimum(), OptimumSpec::PAPER);
  const bool to_optimum = paper >= 0;
  const double f_star = to_optimum ? result.optimum(paper).loss() : 0.0;
  absl::PrintF("\n%13s  %-19s  %4s  %10s  %5s  %12s  %s\n", "learning rate",
               "schedule", "seed", to_optimum ? "best f-f*" : "best f", "epoch",
               to_optimum ? "|w-w*|_2 max" : "", "outcome");
  for (const Run& run : result.run()) {
    const bool selected =
        result.has_selected() && AreOfOneGridPoint(run, result.selected());
    absl::PrintF("%13g  %-19s  %4d  %10.3e  %5d  %12s  %s%s\n",
                 run.learning_rate(), DescribeSchedule(run.schedule()),
                 run.seed(), run.best_loss() - f_star, run.best_epoch(),
                 to_optimum && run.max_distance_l2_size() > paper
                     ? absl::StrFormat("%.4g", run.max_distance_l2(paper))
                     : "",
                 Run::Outcome_Name(run.outcome()),
                 run.outcome() == Run::EXPLODED
                     ? absl::StrCat(" at step ", run.explosion_step(), ": ",
                                    run.explosion_reason())
                     : (selected ? " (selected)" : ""));
  }
  if (result.has_selected()) {
    absl::PrintF("\nselected     rate %g, %s: %s = %.4e +- %.1e\n",
                 result.selected().learning_rate(),
                 DescribeSchedule(result.selected().schedule()),
                 to_optimum ? "f - f*" : "f",
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
        result.has_selected() && AreOfOneGridPoint(run, result.selected());
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

// What was visited; //analysis/gpt2:figure1_coordinates has what it shows.
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
  if (spec.ascent_points() > 0) {
    absl::PrintF("             then %d times along the gradient's change at %g\n",
                 spec.ascent_points(), spec.radius(0));
  }
  absl::PrintF("\n%5s  %10s  %12s\n", "step", "f(w)", "|gradient|_2");
  // About ten lines, the last step among them.
  const int last = result.loss_size() - 1;
  const int stride = std::max(1, last / 10);
  for (int t = last % stride; t <= last; t += stride) {
    absl::PrintF("%5d  %10.4f  %12.4g\n", t, result.loss(t),
                 result.gradient_norm(t));
  }
}

// Fields that the message's type does not have, at any depth.
bool HasUnknownFields(const google::protobuf::Message& message) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const google::protobuf::FieldDescriptor* field : fields) {
    if (field->cpp_type() !=
        google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    if (!field->is_repeated()) {
      if (HasUnknownFields(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HasUnknownFields(reflection.GetRepeatedMessage(message, field, i))) {
        return true;
      }
    }
  }
  return false;
}

// Whether a message has what the printers above read, which those of another
// kind do not have.
bool IsComplete(const OptimumResult& result) {
  return result.has_spec() && result.has_dataset() && result.weights_size() > 0;
}
bool IsComplete(const ExperimentResult& result) {
  return result.spec().has_logistic() && result.run_size() > 0 &&
         CheckResult(result).ok();
}
bool IsComplete(const Gpt2Result& result) {
  return result.spec().has_model() && result.spec().has_protocol() &&
         result.spec().method_size() == 1 &&
         result.spec().batch_size_size() == 1 && result.run_size() > 0 &&
         std::all_of(result.run().begin(), result.run().end(),
                     [](const Gpt2Run& run) { return run.loss_size() > 0; });
}
bool IsComplete(const Gpt2SmoothnessResult& result) {
  return result.spec().has_model() && result.spec().steps() > 0 &&
         result.loss_size() > 0 &&
         result.gradient_norm_size() == result.loss_size();
}

// False where `bytes` are no such message.
template <typename Result>
bool ShowAs(const std::string& bytes, void (*print)(const Result&)) {
  Result result;
  if (!result.ParseFromString(bytes) || HasUnknownFields(result) ||
      !IsComplete(result)) {
    return false;
  }
  if (absl::GetFlag(FLAGS_full)) {
    absl::PrintF("%s", ToTextProto(result));
  } else {
    print(result);
  }
  return true;
}

absl::Status Show(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    ASSIGN_OR_RETURN(const std::string bytes, ReadFile(path));
    if (!ShowAs<ExperimentResult>(bytes, PrintExperiment) &&
        !ShowAs<OptimumResult>(bytes, PrintOptimum) &&
        !ShowAs<Gpt2Result>(bytes, PrintFineTuning) &&
        !ShowAs<Gpt2SmoothnessResult>(bytes, PrintSmoothness)) {
      return absl::DataLossError(absl::StrCat(
          path, ": spec: neither a result of training nor an optimum"));
    }
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage, anisograd::Show);
}
