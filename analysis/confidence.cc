#include "analysis/confidence.h"

#include <algorithm>
#include <cstddef>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr int kResamples = 10000;
constexpr int kLeftOut = kResamples / 40;
constexpr double kLevel = 0.05;

double Mean(absl::Span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) /
         static_cast<double>(values.size());
}

}  // namespace

Interval BootstrapMean(absl::Span<const double> values, uint32_t stream) {
  if (values.empty()) return {};
  RandomStream random(1, RandomPurpose::kEstimates, stream);
  std::vector<double> means(kResamples), drawn(values.size());
  for (double& mean : means) {
    for (double& value : drawn) value = values[random.NextBelow(values.size())];
    mean = Mean(drawn);
  }
  std::sort(means.begin(), means.end());
  return {Mean(values), means[kLeftOut], means[kResamples - 1 - kLeftOut]};
}

double SignTest(int below, int n) {
  // Exact in double precision: binomials of n <= 60 are below 2^53 in sum.
  double binomial = 1.0, sum = 0.0;
  for (int k = 0; k <= n; ++k) {
    if (k >= below) sum += binomial;
    binomial = binomial * (n - k) / (k + 1);
  }
  for (int i = 0; i < n; ++i) sum /= 2.0;
  return sum;
}

absl::StatusOr<std::vector<PairedComparison>> ComparePairs(
    const ConvexQuantities& fresh) {
  std::vector<PairedComparison> out;
  std::vector<CellQuantities> cells = fresh.cells;
  std::stable_sort(cells.begin(), cells.end(),
                   [](const CellQuantities& a, const CellQuantities& b) {
                     return a.batch_size < b.batch_size;
                   });
  for (const CellQuantities& sgd : cells) {
    const CellQuantities* adagrad = fresh.FindCell("adagrad", sgd.batch_size);
    if (sgd.method != "sgd" || adagrad == nullptr || !sgd.suboptimality ||
        !adagrad->suboptimality) {
      continue;
    }
    const std::vector<SeedValue>&a = sgd.seed_suboptimality,
          &b = adagrad->seed_suboptimality;
    std::vector<double> ours, theirs, difference;
    PairedComparison pair;
    pair.batch_size = sgd.batch_size;
    pair.target = adagrad->target;
    for (size_t i = 0; i < a.size(); ++i) {
      if (i >= b.size() || a[i].seed != b[i].seed) {
        return absl::InvalidArgumentError(absl::StrCat(
            sgd.target, " and ", adagrad->target, ": different seeds"));
      }
      theirs.push_back(a[i].value);
      ours.push_back(b[i].value);
      difference.push_back(a[i].value - b[i].value);
      pair.below += b[i].value < a[i].value;
    }
    pair.seeds = static_cast<int>(difference.size());
    const uint32_t stream = 1000 + 3 * static_cast<uint32_t>(out.size());
    pair.sgd = BootstrapMean(theirs, stream);
    pair.adagrad = BootstrapMean(ours, stream + 1);
    pair.difference = BootstrapMean(difference, stream + 2);
    pair.p_value = SignTest(pair.below, pair.seeds);
    out.push_back(pair);
  }
  return out;
}

std::vector<bool> HolmRejects(absl::Span<const double> p_values) {
  std::vector<size_t> order(p_values.size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return p_values[a] < p_values[b];
  });
  std::vector<bool> rejected(p_values.size());
  for (size_t i = 0; i < order.size(); ++i) {
    if (p_values[order[i]] > kLevel / static_cast<double>(order.size() - i)) {
      break;
    }
    rejected[order[i]] = true;
  }
  return rejected;
}

}  // namespace anisograd
