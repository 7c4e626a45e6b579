#include "analysis/gpt2/figure1.h"

#include <cstddef>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace anisograd {
namespace {

constexpr const char* kPanelKinds[] = {
    "wte.weight",         "wpe.weight",      "attn.c_attn.weight",
    "attn.c_proj.weight", "mlp.c_fc.weight", "mlp.c_proj.weight"};

int CountSample(const GeneralizedSmoothness& q,
                ProbedCoordinate::Sample sample) {
  int count = 0;
  for (const CoordinateSmoothness& c : q.coordinates) {
    count += c.coordinate.sample() == sample;
  }
  return count;
}

// Caption and notes.
std::string Head(const GeneralizedSmoothness& q, const std::string& caption) {
  std::vector<std::string> notes;
  for (const std::string& note :
       {q.scale_note, q.start_note, q.recorded_note, q.explosion}) {
    if (!note.empty()) notes.push_back(note);
  }
  notes.push_back(absl::StrFormat(
      "Line: of all above the points the nearest in the mean, L1 at most %.4g "
      "(one over the largest rms distance).",
      q.max_l1));
  const Coverage points = q.HeldOut(ProbedCoordinate::STRATIFIED);
  if (points.points > 0) {
    notes.push_back(absl::StrFormat(
        "Lines fitted to the first half of the path cover %.1f %% of the second "
        "(%d parameters; the worst %.0f %%).",
        100 * points.share(), CountSample(q, ProbedCoordinate::STRATIFIED),
        100 * q.LeastHeldOutShare(ProbedCoordinate::STRATIFIED)));
  }
  for (const PairKind kind : {PairKind::kRandom, PairKind::kAscent}) {
    const Coverage pairs = q.HeldOutInequality(kind);
    if (pairs.points == 0) continue;
    notes.push_back(absl::StrFormat(
        "(9) with such lines over %d parameters: holds at %d of %d %s, left side "
        "at most %.2f of the right.",
        CountSample(q, ProbedCoordinate::UNIFORM), pairs.covered, pairs.points,
        kind == PairKind::kRandom ? "random pairs"
                                  : "pairs along the gradient's change",
        q.LargestHeldOutRatio(kind)));
  }
  std::string head = absl::StrCat("# caption: ", caption, "\n");
  for (const std::string& note : notes) {
    absl::StrAppend(&head, "# note: ", note, "\n");
  }
  return head;
}

}  // namespace

std::vector<const CoordinateSmoothness*> Figure1Panels(
    const GeneralizedSmoothness& q) {
  std::vector<const CoordinateSmoothness*> panels;
  for (const char* const kind : kPanelKinds) {
    for (const CoordinateSmoothness& c : q.coordinates) {
      if (c.coordinate.sample() == ProbedCoordinate::STRATIFIED &&
          c.coordinate.kind() == kind) {
        panels.push_back(&c);
        break;
      }
    }
  }
  return panels;
}

absl::StatusOr<std::string> MakeFigure1Csv(const GeneralizedSmoothness& q) {
  std::string rows;
  int parameter = 0;
  for (const CoordinateSmoothness* const c : Figure1Panels(q)) {
    for (const SmoothnessPoint& point : c->points) {
      absl::StrAppendFormat(&rows, "%d,%s,%d,%d,%g,%.6g,%.6g,%.6g,%.6g\n",
                            parameter, c->coordinate.tensor(),
                            c->coordinate.index(), point.iteration,
                            point.radius, point.at.x, point.at.y, c->bound.l0,
                            c->bound.l1);
    }
    ++parameter;
  }
  if (rows.empty()) {
    return absl::FailedPreconditionError(absl::StrCat(
        q.target, ": no points of weight matrices to draw",
        q.explosion.empty() ? "" : absl::StrCat(": ", q.explosion)));
  }
  return absl::StrCat(
      Head(q,
           "Verification of Assumption 5.1 in GPT-2 on Alpaca, along Adam with "
           "full gradients: change of a partial derivative between nearby "
           "points over their distance, against its size. The first sampled "
           "parameter of each kind of weight matrix."),
      "parameter,tensor,index,iteration,radius,gradient,slope,l0,l1\n", rows);
}

std::string MakeCoordinatesCsv(const GeneralizedSmoothness& q) {
  std::string csv = absl::StrCat(
      Head(q, "Assumption 5.1 in GPT-2 on Alpaca, by parameter."),
      "sample,tensor,index,points,without_displacement,l0,l1,mean_excess,"
      "constant_mean_excess,half_l0,half_l1,held_out_points,"
      "held_out_covered\n");
  for (const CoordinateSmoothness& c : q.coordinates) {
    absl::StrAppendFormat(
        &csv, "%s,%s,%d,%d,%d,%.9g,%.9g,%.6g,%.6g,%.9g,%.9g,%d,%d\n",
        ProbedCoordinate::Sample_Name(c.coordinate.sample()),
        c.coordinate.tensor(), c.coordinate.index(), c.points.size(),
        c.without_displacement, c.bound.l0, c.bound.l1, c.mean_excess,
        c.constant_mean_excess, c.half_bound.l0, c.half_bound.l1,
        c.held_out.points, c.held_out.covered);
  }
  return csv;
}

std::string MakeInequalityCsv(const GeneralizedSmoothness& q) {
  std::string csv = absl::StrCat(
      Head(q, "Inequality (9) of Assumption 5.1 in GPT-2 on Alpaca, by pair."),
      "pair,iteration,radius,distance,ratio,held_out_ratio\n");
  for (const InequalityCheck& check : q.inequality) {
    absl::StrAppendFormat(&csv, "%s,%d,%g,%.6g,%.6g,%s\n",
                          check.kind == PairKind::kRandom ? "random" : "ascent",
                          check.iteration, check.radius, check.distance,
                          check.ratio,
                          check.held_out_ratio
                              ? absl::StrFormat("%.6g", *check.held_out_ratio)
                              : "");
  }
  return csv;
}

}  // namespace anisograd
