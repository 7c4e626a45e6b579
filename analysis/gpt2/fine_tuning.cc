#include "analysis/gpt2/fine_tuning.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/method_pair.h"
#include "analysis/provenance.h"
#include "experiments/selection.h"

namespace anisograd {
namespace {

// The runs of the selected grid point, one a seed; all runs' first where, by a
// made-up result, there are none.
std::vector<const Gpt2Run*> SelectedRuns(const Gpt2Result& result) {
  std::vector<const Gpt2Run*> runs;
  for (const Gpt2Run& run : result.run()) {
    if (AreOfOneGridPoint(run, result.selected())) runs.push_back(&run);
  }
  if (runs.empty()) runs.push_back(&result.run(0));
  return runs;
}

absl::StatusOr<FineTuningCell> MakeCell(const Gpt2Result& result) {
  const Gpt2ExperimentSpec& spec = result.spec();
  if (spec.method_size() != 1 || spec.batch_size_size() != 1 ||
      result.run_size() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat(result.target(), ": not the result of one cell"));
  }
  FineTuningCell cell;
  cell.method = spec.method(0).name();
  cell.batch_size = spec.batch_size(0);
  cell.target = result.target();
  cell.data_digest = result.dataset().digest();
  cell.spec_digest = result.spec_digest();
  cell.runs = result.run_size();
  cell.exploded_runs = result.exploded_runs();
  cell.reduced = !spec.reduced().empty();
  cell.scale_note =
      ScaleNote(spec.reduced(), result.start(), result.dataset());
  cell.start_note = StartNote(result.start());
  cell.recorded_note =
      RecordedNote(result.device(), result.source_revision());
  if (!result.has_selected()) return cell;
  const Selected& selected = result.selected();
  cell.training_loss = Quantity{selected.mean_loss(), std::nullopt, cell.target};
  const std::vector<const Gpt2Run*> runs = SelectedRuns(result);
  if (spec.seed_size() > 1) {
    cell.training_loss->spread = selected.std_loss();
    for (const Gpt2Run* const run : runs) {
      cell.seed_loss.push_back({run->seed(), run->reported_loss()});
    }
  }
  cell.learning_rate = selected.learning_rate();
  cell.at_edge_of_grid = IsAtEdge(spec.grid(), cell.learning_rate);
  const Gpt2Run& run = *runs[0];
  cell.loss.assign(run.loss().begin(), run.loss().end());
  cell.steps_per_epoch = run.steps_per_epoch();
  cell.clipped_share = static_cast<double>(run.clipped_steps()) /
                       static_cast<double>(run.loss_size());
  return cell;
}

// "SGD at M = 32, 64; AdaGrad at M = 32".
std::string NameCells(const std::vector<const FineTuningCell*>& cells) {
  std::string names;
  const FineTuningCell* previous = nullptr;
  for (const FineTuningCell* const cell : cells) {
    if (previous != nullptr && previous->method == cell->method) {
      absl::StrAppend(&names, ", ", cell->batch_size);
    } else {
      absl::StrAppend(&names, names.empty() ? "" : "; ",
                      MethodTitle(cell->method), " at M = ", cell->batch_size);
    }
    previous = cell;
  }
  return names;
}

// The distinct notes of one kind, in the order of `cells`.
std::vector<std::string> DistinctNotes(
    const std::vector<const FineTuningCell*>& cells,
    std::string FineTuningCell::*note) {
  std::vector<std::string> distinct;
  for (const FineTuningCell* const cell : cells) {
    if (!(cell->*note).empty()) AddOnce(cell->*note, &distinct);
  }
  for (std::string& text : distinct) {
    std::vector<const FineTuningCell*> having;
    std::copy_if(cells.begin(), cells.end(), std::back_inserter(having),
                 [&](const FineTuningCell* c) { return c->*note == text; });
    if (having.size() < cells.size()) {
      text = absl::StrCat(NameCells(having), ": ", text);
    }
  }
  return distinct;
}

// Those of several kinds, one after the other.
std::vector<std::string> DistinctNotes(
    const std::vector<const FineTuningCell*>& cells,
    std::initializer_list<std::string FineTuningCell::*> kinds) {
  std::vector<std::string> all;
  for (const auto kind : kinds) {
    for (std::string& note : DistinctNotes(cells, kind)) {
      all.push_back(std::move(note));
    }
  }
  return all;
}

std::vector<const FineTuningCell*> Pointers(
    const std::vector<FineTuningCell>& cells) {
  std::vector<const FineTuningCell*> pointers;
  for (const FineTuningCell& cell : cells) pointers.push_back(&cell);
  return pointers;
}

}  // namespace

const FineTuningCell* FineTuningQuantities::Find(const std::string& method,
                                                 int64_t batch_size) const {
  for (const FineTuningCell& cell : cells) {
    if (cell.method == method && cell.batch_size == batch_size) return &cell;
  }
  return nullptr;
}

std::vector<int64_t> FineTuningQuantities::batch_sizes() const {
  std::vector<int64_t> sizes;
  for (const FineTuningCell& cell : cells) AddOnce(cell.batch_size, &sizes);
  std::sort(sizes.begin(), sizes.end());
  return sizes;
}

std::vector<std::string> FineTuningQuantities::methods() const {
  std::vector<std::string> names;
  for (const FineTuningCell& cell : cells) AddOnce(cell.method, &names);
  return names;
}

std::vector<std::string> FineTuningQuantities::scale_notes() const {
  return DistinctNotes(Pointers(cells), &FineTuningCell::scale_note);
}

std::vector<std::string> FineTuningQuantities::other_notes() const {
  return DistinctNotes(Pointers(cells), {&FineTuningCell::start_note,
                                         &FineTuningCell::recorded_note});
}

bool FineTuningQuantities::any_reduced() const {
  return std::any_of(cells.begin(), cells.end(),
                     [](const FineTuningCell& c) { return c.reduced; });
}

bool FineTuningQuantities::full_scale() const {
  return std::all_of(
      cells.begin(), cells.end(),
      [](const FineTuningCell& c) { return c.scale_note.empty(); });
}

absl::StatusOr<FineTuningQuantities> ComputeFineTuningQuantities(
    absl::Span<const Gpt2Result> results) {
  FineTuningQuantities quantities;
  for (const Gpt2Result& result : results) {
    absl::StatusOr<FineTuningCell> cell = MakeCell(result);
    if (!cell.ok()) return cell.status();
    if (quantities.Find(cell->method, cell->batch_size) != nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat(result.target(), ": ", cell->method, " at batch size ",
                       cell->batch_size, " stands twice"));
    }
    quantities.cells.push_back(*std::move(cell));
  }
  const std::vector<std::string> order = quantities.methods();
  std::stable_sort(
      quantities.cells.begin(), quantities.cells.end(),
      [&](const FineTuningCell& a, const FineTuningCell& b) {
        const auto rank = [&](const FineTuningCell& cell) {
          return std::make_pair(
              std::find(order.begin(), order.end(), cell.method),
              cell.batch_size);
        };
        return rank(a) < rank(b);
      });
  return quantities;
}

namespace {

// SGD's loss minus AdaGrad's, for the batch sizes at which SGD has one; minus infinity
// where AdaGrad alone exploded.
std::vector<std::pair<int64_t, double>> Gaps(const FineTuningQuantities& q) {
  std::vector<std::pair<int64_t, double>> gaps;
  for (const int64_t m : q.batch_sizes()) {
    const FineTuningCell* const sgd = q.Find("sgd", m);
    const FineTuningCell* const adagrad = q.Find("adagrad", m);
    if (sgd == nullptr || adagrad == nullptr ||
        CompareMethods(sgd->training_loss, adagrad->training_loss) ==
            AdaGradIs::kNotCompared) {
      continue;
    }
    gaps.emplace_back(m, adagrad->training_loss
                             ? sgd->training_loss->value -
                                   adagrad->training_loss->value
                             : -std::numeric_limits<double>::infinity());
  }
  return gaps;
}

std::string GapEvidence(const std::vector<std::pair<int64_t, double>>& gaps) {
  return absl::StrCat(
      "SGD's loss minus AdaGrad's: ",
      absl::StrJoin(gaps, ", ",
                    [](std::string* out, const std::pair<int64_t, double>& g) {
                      absl::StrAppendFormat(out, "%+.3f (M = %d)", g.second,
                                            g.first);
                    }));
}

void Judge(const FineTuningQuantities& quantities, bool holds,
           const std::string& evidence, Claim* claim) {
  if (!quantities.full_scale()) {
    claim->apart = ApartEvidence(quantities.any_reduced(), holds, evidence);
    return;
  }
  claim->evidence = evidence;
  claim->verdict = holds ? Claim::Verdict::kHolds : Claim::Verdict::kFails;
}

}  // namespace

Claim CheckAdaGradBelowSgdInFineTuning(
    const FineTuningQuantities& quantities) {
  Claim claim{"adagrad_below_sgd_gpt2",
              "AdaGrad's GPT-2 loss is below SGD's at every batch size"};
  const auto gaps = Gaps(quantities);
  if (gaps.empty()) return claim;
  Judge(quantities,
        std::all_of(gaps.begin(), gaps.end(),
                    [](const auto& g) { return g.second > 0.0; }),
        GapEvidence(gaps), &claim);
  return claim;
}

Claim CheckGapGrowsWithBatchSize(const FineTuningQuantities& quantities) {
  Claim claim{"gap_grows_with_batch_size",
              "SGD's GPT-2 loss minus AdaGrad's rises with the batch size"};
  const auto gaps = Gaps(quantities);
  if (gaps.size() < 2) return claim;
  bool rises = true;
  for (size_t i = 1; i < gaps.size(); ++i) {
    // An explosion at the smaller batch size is no gap to rise from.
    rises &= std::isfinite(gaps[i - 1].second) &&
             gaps[i].second > gaps[i - 1].second;
  }
  Judge(quantities, rises, GapEvidence(gaps), &claim);
  return claim;
}

Claim CheckAdaGradUnaffectedInFineTuning(
    const FineTuningQuantities& quantities) {
  Claim claim{"adagrad_unaffected_by_batch_size_gpt2",
              "AdaGrad's GPT-2 loss rises with the batch size by at most half of "
              "SGD's rise"};
  const auto rise = [&](const char* method) -> std::optional<double> {
    const std::vector<int64_t> sizes = quantities.batch_sizes();
    if (sizes.size() < 2) return std::nullopt;
    const FineTuningCell* const small = quantities.Find(method, sizes.front());
    const FineTuningCell* const large = quantities.Find(method, sizes.back());
    if (small == nullptr || large == nullptr || !small->training_loss ||
        !large->training_loss) {
      return std::nullopt;
    }
    return large->training_loss->value - small->training_loss->value;
  };
  const auto sgd = rise("sgd"), adagrad = rise("adagrad");
  if (!sgd || !adagrad) return claim;
  Judge(quantities, *adagrad <= *sgd / 2.0,
        absl::StrFormat("%+.3f against %+.3f", *adagrad, *sgd), &claim);
  return claim;
}

Claim CheckAdaGradFasterFromTheStart(const FineTuningQuantities& quantities) {
  Claim claim{"adagrad_faster_from_the_start",
              "AdaGrad's GPT-2 loss is below SGD's in every tenth of the runs of "
              "Figure 2"};
  constexpr int64_t kPieces = 10;
  int pieces = 0, below = 0;
  for (const int64_t m : {256, 512}) {
    const FineTuningCell* const sgd = quantities.Find("sgd", m);
    const FineTuningCell* const adagrad = quantities.Find("adagrad", m);
    if (sgd == nullptr || adagrad == nullptr || sgd->loss.empty() ||
        sgd->loss.size() != adagrad->loss.size()) {
      continue;
    }
    const int64_t steps = static_cast<int64_t>(sgd->loss.size());
    for (int64_t p = 0; p < kPieces; ++p) {
      const int64_t first = p * steps / kPieces;
      const int64_t end = (p + 1) * steps / kPieces;
      if (first == end) continue;
      double lead = 0.0;
      for (int64_t t = first; t < end; ++t) {
        lead += sgd->loss[t] - adagrad->loss[t];
      }
      ++pieces;
      below += lead > 0.0;
    }
  }
  if (pieces == 0) return claim;
  Judge(quantities, below == pieces,
        absl::StrCat(below, " of ", pieces, " tenths"), &claim);
  return claim;
}

std::string MakeFigure2Csv(const FineTuningQuantities& quantities,
                           absl::Span<const int64_t> batch_sizes,
                           int64_t most_points) {
  std::string rows;
  std::vector<const FineTuningCell*> shown;
  std::vector<std::string> means;
  for (const int64_t m : batch_sizes) {
    for (const std::string& method : quantities.methods()) {
      const FineTuningCell* const cell = quantities.Find(method, m);
      if (cell == nullptr || cell->loss.empty()) continue;
      shown.push_back(cell);
      const int64_t steps = static_cast<int64_t>(cell->loss.size());
      const int64_t window = (steps + most_points - 1) / most_points;
      if (window > 1) {
        AddOnce(absl::StrFormat("M = %d: each point is the mean of %d steps", m,
                                window),
                &means);
      }
      for (int64_t first = 0; first < steps; first += window) {
        const int64_t end = std::min(first + window, steps);
        double sum = 0.0;
        for (int64_t t = first; t < end; ++t) sum += cell->loss[t];
        absl::StrAppendFormat(
            &rows, "%d,%s,%g,%d,%.6g,%.6g\n", m, MethodTitle(method),
            cell->learning_rate,
            end, static_cast<double>(end) / cell->steps_per_epoch,
            sum / static_cast<double>(end - first));
      }
    }
  }
  std::string csv =
      "# caption: Training loss of SGD and AdaGrad on Alpaca with GPT-2, each at "
      "the learning rate that Table 4 selects.\n";
  std::vector<std::string> notes = DistinctNotes(
      shown, {&FineTuningCell::scale_note, &FineTuningCell::start_note,
              &FineTuningCell::recorded_note});
  notes.insert(notes.end(), means.begin(), means.end());
  for (const std::string& note : notes) {
    absl::StrAppend(&csv, "# note: ", note, "\n");
  }
  return absl::StrCat(csv, "batch_size,method,learning_rate,step,epoch,loss\n",
                      rows);
}

}  // namespace anisograd
