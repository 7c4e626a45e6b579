#ifndef ANALYSIS_GPT2_FINE_TUNING_H_
#define ANALYSIS_GPT2_FINE_TUNING_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/claims.h"
#include "analysis/convex.h"
#include "experiments/gpt2/spec/result.pb.h"

namespace anisograd {

// One cell of Table 4.
struct FineTuningCell {
  std::string method;
  int64_t batch_size = 0;
  // Label of the cell.
  std::string target;
  // Of the tokens, and of the cell's spec.
  std::string data_digest;
  std::string spec_digest;
  // Of the selected grid point, by the cell's reading of "training loss"; absent
  // when all exploded.
  std::optional<Quantity> training_loss;
  double learning_rate = 0.0;
  // Whether the selected rate is the grid's smallest or largest, so that a
  // better one may lie outside.
  bool at_edge_of_grid = false;
  // Of the selected runs, where there are several seeds.
  std::vector<SeedValue> seed_loss;
  // The selected run's loss per step (first seed), and its steps per epoch.
  std::vector<double> loss;
  int64_t steps_per_epoch = 0;
  // Share of the selected run's steps whose gradient was clipped.
  double clipped_share = 0.0;
  int runs = 0;
  int exploded_runs = 0;
  // Whether the model, the data or the grid is smaller than the paper's.
  bool reduced = false;
  // What is reduced or stood in, in one line; empty at full scale on official
  // data from the official weights.
  std::string scale_note;
  // "start: ...", or empty where scale_note says it.
  std::string start_note;
  // "recorded on DEVICE", or empty for a result of this machine.
  std::string recorded_note;
};

// Everything that Table 4 and Figure 2 show. Methods in the order of their first
// cell, batch sizes ascending.
struct FineTuningQuantities {
  std::vector<FineTuningCell> cells;

  const FineTuningCell* Find(const std::string& method,
                             int64_t batch_size) const;
  // Ascending, of all cells.
  std::vector<int64_t> batch_sizes() const;
  std::vector<std::string> methods() const;
  // The distinct scale notes of all cells, in their order; one that is not
  // every cell's begins with those whose it is, "SGD at M = 32, 64: ...".
  std::vector<std::string> scale_notes() const;
  // Likewise the notes on starts, then those on devices.
  std::vector<std::string> other_notes() const;
  bool any_reduced() const;
  // Whether no cell has a scale note.
  bool full_scale() const;
};

// InvalidArgument where a result is not of one cell, or a cell stands twice.
absl::StatusOr<FineTuningQuantities> ComputeFineTuningQuantities(
    absl::Span<const Gpt2Result> results);

// The paper's sentences are about GPT-2 124M, from its official weights, on all
// of Alpaca: where a cell is reduced or stands in, the verdict is kNotTested, and
// whether they hold there, and by which numbers, stands in Claim::apart.

// "AdaGrad still outperforms SGD with different batch sizes" (Section 6.2).
Claim CheckAdaGradBelowSgdInFineTuning(const FineTuningQuantities& quantities);

// "The loss gap is especially salient under large batch sizes" (Section 6.2):
// SGD's loss minus AdaGrad's rises from each batch size to the next.
Claim CheckGapGrowsWithBatchSize(const FineTuningQuantities& quantities);

// "Adagrad's convergence speed is not significantly affected by the large batch
// size" (Section 6.2): from the smallest to the largest batch size AdaGrad's loss
// rises by at most half of what SGD's does. The paper's own: 0.06 and 0.37.
Claim CheckAdaGradUnaffectedInFineTuning(
    const FineTuningQuantities& quantities);

// "Adagrad converges faster than SGD since the beginning, and converges to a point
// with smaller loss" (Appendix A.2, Figure 2): at M = 256 and 512 its mean loss over
// each tenth of the run is the lower one.
Claim CheckAdaGradFasterFromTheStart(const FineTuningQuantities& quantities);

// Figure 2's data: CSV for figures/plot_data.h with columns
// batch_size,method,learning_rate,step,epoch,loss; the curves of the selected
// runs of `batch_sizes`. A curve of more than `most_points` steps shows the means
// of equally many consecutive steps, at the last of them, and a note says so.
std::string MakeFigure2Csv(const FineTuningQuantities& quantities,
                           absl::Span<const int64_t> batch_sizes,
                           int64_t most_points = 100);

}  // namespace anisograd

#endif  // ANALYSIS_GPT2_FINE_TUNING_H_
