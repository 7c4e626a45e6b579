#include "analysis/claims.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <iterator>
#include <optional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/method_pair.h"

namespace anisograd {
namespace {

// How often a claim was tested and held, on official data and on stand-ins.
class Tally {
 public:
  // `detail` is shown where it is not empty: "a4a 0.3".
  void Add(const ConvexQuantities& d, bool holds, const std::string& detail) {
    Count& count = d.dataset.stand_in() ? stand_ins_ : official_;
    ++count.tested;
    count.held += holds;
    if (!detail.empty()) count.details.push_back(detail);
  }

  void Judge(Claim* claim) const {
    claim->evidence = official_.Evidence("");
    claim->apart = stand_ins_.Evidence(" on stand-ins");
    if (official_.tested == 0) return;
    claim->verdict = official_.held == official_.tested
                         ? Claim::Verdict::kHolds
                         : Claim::Verdict::kFails;
  }

 private:
  struct Count {
    int tested = 0, held = 0;
    std::vector<std::string> details;

    std::string Evidence(const std::string& where) const {
      if (tested == 0) return "";
      return absl::StrFormat(
          "%d of %d%s%s", held, tested, where,
          details.empty()
              ? ""
              : absl::StrCat(" (", absl::StrJoin(details, ", "), ")"));
    }
  };
  Count official_, stand_ins_;
};

// Whether D_inf and D_2 were measured.
bool HasDiameters(const ConvexQuantities& d) { return d.diameters.l2 > 0.0; }

}  // namespace

std::string Claim::AllEvidence() const {
  if (evidence.empty() && apart.empty()) return "nothing to test it on";
  return absl::StrCat(evidence, evidence.empty() || apart.empty() ? "" : "; ",
                      apart);
}

Claim CheckAdaGradBelowSgd(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_below_sgd",
              "AdaGrad reaches a lower loss than SGD in every cell of Table 3"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    for (const MethodPair& pair : PairMethods(d)) {
      if (pair.adagrad_is == AdaGradIs::kNotCompared) continue;
      const bool below = pair.adagrad_is == AdaGradIs::kBelow;
      tally.Add(d, below,
                below ? ""
                      : absl::StrCat("not ", d.label(), " at M = ",
                                     pair.sgd->batch_size));
    }
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckAdaGradDegradesLess(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_degrades_less",
              "From M = 64 to M = 1024 AdaGrad loses less than SGD"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    // The difference, and the factor.
    struct Rise {
      double by, times;
    };
    const auto rise = [&](const char* method) -> std::optional<Rise> {
      const CellQuantities* small = d.FindCell(method, 64);
      const CellQuantities* large = d.FindCell(method, 1024);
      if (small == nullptr || large == nullptr || !small->suboptimality ||
          !large->suboptimality) {
        return std::nullopt;
      }
      const double from = small->suboptimality->value;
      const double to = large->suboptimality->value;
      return Rise{to - from, to / from};
    };
    const std::optional<Rise> sgd = rise("sgd"), adagrad = rise("adagrad");
    if (!sgd || !adagrad) continue;
    // By the difference alone a method that is lower throughout would hold with
    // the same factor.
    tally.Add(d, adagrad->by < sgd->by && adagrad->times < sgd->times,
              absl::StrFormat("%s %+.1e, %.2f times, against %+.1e, %.2f times",
                              d.label(), adagrad->by, adagrad->times, sgd->by,
                              sgd->times));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckAdaGradUnaffected(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_unaffected_by_batch_size",
              "Up to M = 256 AdaGrad's suboptimality stays within a factor of 2"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    double least = 0.0, most = 0.0;
    int cells = 0;
    for (const CellQuantities& cell : d.cells) {
      if (cell.method != "adagrad" || cell.batch_size > 256 ||
          !cell.suboptimality) {
        continue;
      }
      const double value = cell.suboptimality->value;
      least = cells == 0 ? value : std::min(least, value);
      most = cells == 0 ? value : std::max(most, value);
      ++cells;
    }
    if (cells < 2) continue;
    tally.Add(d, least > 0.0 && most <= 2.0 * least,
              absl::StrFormat("%s %.2f", d.label(), most / least));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckBelowNonsmoothRate(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_beats_nonsmooth_rate",
              "AdaGrad's suboptimality rises by less than sqrt(M), the nonsmooth "
              "rate"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    // From the smallest to the largest batch size, and the root of their ratio.
    struct Rise {
      double times, limit;
    };
    const auto rise = [&](const char* method) -> std::optional<Rise> {
      const CellQuantities *first = nullptr, *last = nullptr;
      for (const CellQuantities& cell : d.cells) {
        if (cell.method != method || !cell.suboptimality) continue;
        if (first == nullptr || cell.batch_size < first->batch_size) {
          first = &cell;
        }
        if (last == nullptr || cell.batch_size > last->batch_size) last = &cell;
      }
      if (first == last || !(first->suboptimality->value > 0.0)) {
        return std::nullopt;
      }
      return Rise{last->suboptimality->value / first->suboptimality->value,
                  std::sqrt(static_cast<double>(last->batch_size) /
                            static_cast<double>(first->batch_size))};
    };
    const std::optional<Rise> adagrad = rise("adagrad"), sgd = rise("sgd");
    if (!adagrad) continue;
    // SGD's beside it: where that one is below the root too, the claim says
    // nothing of AdaGrad.
    tally.Add(d, adagrad->times < adagrad->limit,
              absl::StrFormat("%s %.2f of %.0f%s", d.label(), adagrad->times,
                              adagrad->limit,
                              sgd ? absl::StrFormat(", SGD %.2f", sgd->times)
                                  : ""));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckLowestLoss(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_lowest_loss",
              "AdaGrad's lowest loss (Table 5) is below SGD's"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    std::optional<double> sgd, adagrad;
    for (const auto& [method, value] : d.min_suboptimality) {
      if (method == "sgd") sgd = value.value;
      if (method == "adagrad") adagrad = value.value;
    }
    if (!sgd || !adagrad) continue;
    tally.Add(d, *adagrad < *sgd,
              absl::StrFormat("%s %.1e against %.1e", d.label(), *adagrad,
                              *sgd));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckDatasetShapes(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"dataset_shapes",
              "Samples, features and non-zeros are as Section 6.1 says"};
  // As printed, with those of real-sim and rcv1 the wrong way round.
  struct Shape {
    const char* name;
    int64_t rows, features;
    double nonzeros;
  };
  constexpr Shape kPrinted[] = {{"a4a", 4781, 123, 14},
                                {"a6a", 11220, 123, 14},
                                {"a9a", 32561, 123, 14},
                                {"real-sim", 20242, 47236, 51.29},
                                {"rcv1", 72309, 20958, 74.05}};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    for (const Shape& shape : kPrinted) {
      if (d.label() != shape.name) continue;
      const double nonzeros = static_cast<double>(d.dataset.nonzeros()) /
                              static_cast<double>(d.dataset.rows());
      const bool as_printed =
          d.dataset.rows() == shape.rows &&
          d.dataset.features() == shape.features &&
          std::fabs(nonzeros - shape.nonzeros) <= 0.05 * shape.nonzeros;
      tally.Add(d, as_printed,
                as_printed ? ""
                           : absl::StrFormat("%s %d x %d where %d x %d stands",
                                             d.label(), d.dataset.rows(),
                                             d.dataset.features(), shape.rows,
                                             shape.features));
    }
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckDiametersOnSparseData(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"dinf_much_smaller_than_d2",
              "On large sparse data D_inf is at most a tenth of D_2"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.features() < kLargeFeatures || !HasDiameters(d)) continue;
    tally.Add(d, d.diameters.c_var() <= 0.1,
              absl::StrFormat("%s %.3f", d.label(), d.diameters.c_var()));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckVarianceBound(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"variance_bound_favours_adagrad",
              "R1 < 1: the bounds' variance terms favour AdaGrad"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    if (!HasDiameters(d) || !(d.constants.noise_l2() > 0.0)) continue;
    const double r1 = d.diameters.r1(d.constants);
    tally.Add(d, r1 < 1.0, absl::StrFormat("%s %.2f", d.label(), r1));
  }
  tally.Judge(&claim);
  return claim;
}

Claim CheckBiasBound(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"bias_bound_favours_adagrad",
              "R2 < 1: the bounds' bias terms favour AdaGrad, with an |L|_1 "
              "that Assumption 3.3 allows"};
  Tally tally;
  for (const ConvexQuantities& d : datasets) {
    if (!HasDiameters(d) || !(d.constants.smoothness_l1_valid() > 0.0) ||
        !(d.constants.smoothness_linf() > 0.0)) {
      continue;
    }
    const double r2 = d.diameters.r2(d.constants);
    tally.Add(d, r2 < 1.0,
              absl::StrFormat("%s %.2g where the trace gives %.2g", d.label(),
                              r2, d.diameters.c_bias(d.constants)));
  }
  tally.Judge(&claim);
  return claim;
}

std::vector<Claim> CheckConvexClaims(
    absl::Span<const ConvexQuantities> datasets) {
  std::vector<ConvexQuantities> papers;
  std::copy_if(datasets.begin(), datasets.end(), std::back_inserter(papers),
               [](const ConvexQuantities& d) { return d.in_paper; });
  return {CheckAdaGradBelowSgd(papers),    CheckAdaGradDegradesLess(papers),
          CheckAdaGradUnaffected(papers),  CheckBelowNonsmoothRate(papers),
          CheckLowestLoss(papers),         CheckDatasetShapes(papers),
          CheckDiametersOnSparseData(papers), CheckVarianceBound(papers),
          CheckBiasBound(papers)};
}

}  // namespace anisograd
