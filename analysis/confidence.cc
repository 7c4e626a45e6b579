#include "analysis/confidence.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/method_pair.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

constexpr int kResamples = 10000;
constexpr int kLeftOut = kResamples / 40;
constexpr double kLevel = 0.05;

// A mean, and the deviation of such a mean, by the divisor n - 1.
struct Estimate {
  double mean = 0.0;
  double error = 0.0;
};

Estimate EstimateMean(absl::Span<const double> values) {
  const double n = static_cast<double>(values.size());
  Estimate estimate;
  estimate.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  double squares = 0.0;
  for (const double x : values) {
    squares += (x - estimate.mean) * (x - estimate.mean);
  }
  if (squares > 0.0) estimate.error = std::sqrt(squares / (n * (n - 1.0)));
  return estimate;
}

}  // namespace

Interval BootstrapMean(absl::Span<const double> values, uint32_t stream) {
  if (values.empty()) return {};
  const Estimate of_all = EstimateMean(values);
  if (of_all.error == 0.0) return {of_all.mean, of_all.mean, of_all.mean};
  RandomStream random(1, RandomPurpose::kEstimates, stream);
  std::vector<double> t(kResamples), drawn(values.size());
  for (double& ratio : t) {
    for (double& value : drawn) value = values[random.NextBelow(values.size())];
    const Estimate estimate = EstimateMean(drawn);
    // Infinite where one value is drawn n times.
    const double difference = estimate.mean - of_all.mean;
    ratio = difference == 0.0 ? 0.0 : difference / estimate.error;
  }
  std::sort(t.begin(), t.end());
  return {of_all.mean, of_all.mean - t[kResamples - 1 - kLeftOut] * of_all.error,
          of_all.mean - t[kLeftOut] * of_all.error};
}

double SignTest(int below, int n) {
  // Exact in double precision: all sums are at most 2^n.
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
  for (const MethodPair& methods : PairMethods(fresh)) {
    if (methods.adagrad_is == AdaGradIs::kNotCompared) continue;
    const std::vector<SeedValue>& sgd = methods.sgd->seed_suboptimality;
    const std::vector<SeedValue>& adagrad = methods.adagrad->seed_suboptimality;
    PairedComparison pair;
    pair.batch_size = methods.sgd->batch_size;
    pair.target = methods.adagrad->target;
    pair.seeds = static_cast<int>(sgd.size());
    const uint32_t stream = 1000 + 3 * static_cast<uint32_t>(out.size());
    std::vector<double> theirs, ours, difference;
    for (const SeedValue& run : sgd) theirs.push_back(run.value);
    pair.sgd = BootstrapMean(theirs, stream);
    if (methods.adagrad->suboptimality) {
      const auto same_seed = [](const SeedValue& a, const SeedValue& b) {
        return a.seed == b.seed;
      };
      if (!std::equal(sgd.begin(), sgd.end(), adagrad.begin(), adagrad.end(),
                      same_seed)) {
        return absl::InvalidArgumentError(
            absl::StrCat(methods.sgd->target, " and ", methods.adagrad->target,
                         ": different seeds"));
      }
      for (size_t i = 0; i < sgd.size(); ++i) {
        ours.push_back(adagrad[i].value);
        difference.push_back(theirs[i] - ours[i]);
        pair.below += ours[i] < theirs[i];
      }
      pair.adagrad = BootstrapMean(ours, stream + 1);
      pair.difference = BootstrapMean(difference, stream + 2);
    }
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
