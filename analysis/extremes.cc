#include "analysis/extremes.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/provenance.h"
#include "experiments/selection.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// What an absent ExtremesSpec means.
ExtremesSpec ExtremesOf(const ExperimentSpec& spec) {
  if (spec.has_extremes()) return spec.extremes();
  ExtremesSpec extremes;
  extremes.set_counts(ExtremesSpec::NOT_EXPLODED);
  extremes.set_distance_steps(ExtremesSpec::POWERS_OF_TWO);
  extremes.set_join_seeds(ExtremesSpec::EXTREME_OF_SEEDS);
  extremes.set_evaluations_per_epoch(1);
  return extremes;
}

// The runs of a cell that count.
std::vector<const Run*> CountedRuns(const ExperimentResult& result,
                                    const ExtremesSpec& extremes) {
  std::vector<const Run*> runs;
  if (extremes.counts() == ExtremesSpec::SELECTED_OF_ALL) {
    const auto value = [&](const Run& run) {
      return SelectionValue(result.spec().logistic(), run);
    };
    const int seeds = result.spec().seed_size();
    const auto choice = ChooseGridPoint(
        result.run(), seeds,
        [&](const Run& run) { return !std::isfinite(value(run)); }, value);
    for (int i = 0; choice.has_value() && i < seeds; ++i) {
      runs.push_back(&result.run(choice->first_run + i));
    }
    return runs;
  }
  for (const Run& run : result.run()) {
    const auto& means = run.epoch_mean_loss();
    const bool counts =
        extremes.counts() == ExtremesSpec::EPOCH_MEAN_LOSS_BELOW
            ? std::all_of(means.begin(), means.end(),
                          [&](double mean) {
                            return mean <= extremes.max_epoch_mean_loss();
                          })
            : run.outcome() == Run::CONVERGED;
    if (counts) runs.push_back(&run);
  }
  return runs;
}

// One number's largest value, by seed.
class SeedExtremes {
 public:
  void Add(uint64_t seed, double value, const std::string& target) {
    const auto [at, added] = values_.emplace(seed, value);
    at->second = std::max(at->second, value);
    if (target_.empty() || value > largest_) {
      largest_ = value;
      target_ = target;
    }
  }

  // nullopt where fewer than `seeds` seeds have a value. `sign` -1 gives the
  // lowest of values that were added with their signs turned.
  std::optional<Extreme> Join(const ExtremesSpec& extremes, int seeds,
                              double sign) const {
    if (values_.size() != static_cast<size_t>(seeds)) return std::nullopt;
    double mean = 0.0, squares = 0.0;
    for (const auto& [seed, value] : values_) mean += value / seeds;
    for (const auto& [seed, value] : values_) {
      squares += (value - mean) * (value - mean);
    }
    const bool join = extremes.join_seeds() == ExtremesSpec::MEAN_OF_SEEDS;
    return Extreme{sign * (join ? mean : largest_),
                   std::sqrt(squares / seeds), target_};
  }

 private:
  std::map<uint64_t, double> values_;
  double largest_ = 0.0;
  std::string target_;
};

struct SeedDistances {
  SeedExtremes linf, l2;

  std::optional<DistanceExtremes> Join(const ExtremesSpec& extremes,
                                       int seeds) const {
    const std::optional<Extreme> a = linf.Join(extremes, seeds, 1.0);
    const std::optional<Extreme> b = l2.Join(extremes, seeds, 1.0);
    if (!a.has_value() || !b.has_value()) return std::nullopt;
    return DistanceExtremes{*a, *b};
  }
};

absl::Status CheckFamily(const ExperimentResult& result,
                         const ExperimentResult& first,
                         const ExtremesSpec& extremes) {
  const auto seeds = [](const ExperimentResult& r) {
    return std::vector<uint64_t>(r.spec().seed().begin(),
                                 r.spec().seed().end());
  };
  if (seeds(result) != seeds(first) ||
      SerializeDeterministically(ExtremesOf(result.spec())) !=
          SerializeDeterministically(extremes)) {
    return absl::InvalidArgumentError(
        absl::StrCat(NameOf(result), " and ", NameOf(first),
                     ": different seeds or extremes"));
  }
  return absl::OkStatus();
}

absl::Status AddDistances(const ExperimentResult& result, const Run& run,
                          bool every_step, int optimum,
                          SeedDistances* distances) {
  const auto& linf =
      every_step ? run.max_step_distance_linf() : run.max_distance_linf();
  const auto& l2 =
      every_step ? run.max_step_distance_l2() : run.max_distance_l2();
  if (linf.size() <= optimum || l2.size() <= optimum) {
    return absl::InvalidArgumentError(absl::StrCat(
        NameOf(result), ": extremes.distance_steps: its runs have no such "
        "distances; a GPU measures none at every step"));
  }
  distances->linf.Add(run.seed(), linf[optimum], result.target());
  distances->l2.Add(run.seed(), l2[optimum], result.target());
  return absl::OkStatus();
}

}  // namespace

std::string DescribeExtremes(const ExperimentSpec& spec) {
  const ExtremesSpec extremes = ExtremesOf(spec);
  const std::string runs =
      extremes.counts() == ExtremesSpec::SELECTED_OF_ALL
          ? "the grid points that have the lowest mean loss of their method "
            "and batch size, exploded or not"
      : extremes.counts() == ExtremesSpec::EPOCH_MEAN_LOSS_BELOW
          ? absl::StrCat("all runs whose mean training loss stays below ",
                         extremes.max_epoch_mean_loss())
          : "all runs that did not explode";
  return absl::StrCat("over ", runs,
                      extremes.join_seeds() == ExtremesSpec::MEAN_OF_SEEDS
                          ? ": each seed's, then the mean"
                          : ": the extreme of all seeds");
}

absl::StatusOr<FamilyExtremes> ComputeFamilyExtremes(
    absl::Span<const ExperimentResult> results) {
  FamilyExtremes out;
  if (results.empty()) return out;
  const ExtremesSpec extremes = ExtremesOf(results[0].spec());
  const bool every_step =
      extremes.distance_steps() == ExtremesSpec::EVERY_STEP;
  const int seeds = results[0].spec().seed_size();
  SeedDistances paper, exact;
  std::vector<std::pair<std::string, SeedExtremes>> lowest;
  for (const ExperimentResult& result : results) {
    RETURN_IF_ERROR(CheckFamily(result, results[0], extremes));
    const std::string& method = result.spec().method(0).name();
    auto at = std::find_if(lowest.begin(), lowest.end(),
                           [&](const auto& e) { return e.first == method; });
    if (at == lowest.end()) {
      at = lowest.insert(lowest.end(), {method, SeedExtremes()});
    }
    for (const Run* run : CountedRuns(result, extremes)) {
      const bool at_epoch_ends = extremes.evaluations_per_epoch() == 1;
      if (!at_epoch_ends && !run->has_lowest_loss()) {
        return absl::InvalidArgumentError(absl::StrCat(
            NameOf(result), ": extremes.evaluations_per_epoch: its runs have "
            "no lowest loss; a GPU evaluates at epoch ends alone"));
      }
      at->second.Add(run->seed(),
                     at_epoch_ends ? -run->best_loss() : -run->lowest_loss(),
                     result.target());
      if (method != "sgd" && method != "adagrad") continue;
      for (int o = 0; o < result.optimum_size(); ++o) {
        RETURN_IF_ERROR(AddDistances(
            result, *run, every_step, o,
            result.optimum(o).spec().role() == OptimumSpec::PAPER ? &paper
                                                                  : &exact));
      }
    }
  }
  out.paper = paper.Join(extremes, seeds);
  out.exact = exact.Join(extremes, seeds);
  for (const auto& [method, values] : lowest) {
    const std::optional<Extreme> joined = values.Join(extremes, seeds, -1.0);
    if (joined.has_value()) out.lowest_loss.push_back({method, *joined});
  }
  return out;
}

}  // namespace anisograd
