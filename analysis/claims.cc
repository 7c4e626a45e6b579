#include "analysis/claims.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"

namespace anisograd {
namespace {

// " (stand-in)" after the name of a data set that is one.
std::string Named(const ConvexQuantities& d) {
  return absl::StrCat(d.dataset.name(),
                      d.dataset.stand_in() ? " (stand-in)" : "");
}

Claim::Verdict Judge(int tested, int held) {
  if (tested == 0) return Claim::Verdict::kNotTested;
  return held == tested ? Claim::Verdict::kHolds : Claim::Verdict::kFails;
}

}  // namespace

Claim CheckAdaGradBelowSgd(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_below_sgd",
              "AdaGrad reaches a lower loss than SGD in every cell of Table 3"};
  int pairs = 0, lower = 0, on_stand_ins = 0;
  std::vector<std::string> failures;
  for (const ConvexQuantities& d : datasets) {
    for (const CellQuantities& cell : d.cells) {
      if (cell.method != "sgd") continue;
      const CellQuantities* other = d.FindCell("adagrad", cell.batch_size);
      if (other == nullptr || !other->suboptimality || !cell.suboptimality) {
        continue;
      }
      ++pairs;
      on_stand_ins += d.dataset.stand_in();
      if (other->suboptimality->value < cell.suboptimality->value) {
        ++lower;
      } else {
        failures.push_back(
            absl::StrCat(Named(d), " at M = ", cell.batch_size));
      }
    }
  }
  claim.verdict = Judge(pairs, lower);
  claim.evidence = absl::StrFormat(
      "%d of %d pairs%s%s", lower, pairs,
      on_stand_ins > 0
          ? absl::StrCat(", ", on_stand_ins, " of them on stand-ins")
          : "",
      failures.empty() ? ""
                       : absl::StrCat("; not ", absl::StrJoin(failures, ", ")));
  return claim;
}

Claim CheckAdaGradDegradesLess(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"adagrad_degrades_less",
              "From M = 64 to M = 1024 AdaGrad loses less than SGD"};
  int tested = 0, held = 0;
  std::vector<std::string> parts;
  for (const ConvexQuantities& d : datasets) {
    const auto rise = [&](const char* method) -> std::optional<double> {
      const CellQuantities* small = d.FindCell(method, 64);
      const CellQuantities* large = d.FindCell(method, 1024);
      if (small == nullptr || large == nullptr || !small->suboptimality ||
          !large->suboptimality) {
        return std::nullopt;
      }
      return large->suboptimality->value - small->suboptimality->value;
    };
    const auto sgd = rise("sgd"), adagrad = rise("adagrad");
    if (!sgd || !adagrad) continue;
    ++tested;
    held += *adagrad < *sgd;
    parts.push_back(
        absl::StrFormat("%s %+.1e against %+.1e", Named(d), *adagrad, *sgd));
  }
  claim.verdict = Judge(tested, held);
  claim.evidence = absl::StrJoin(parts, "; ");
  return claim;
}

Claim CheckDiametersOnSparseData(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"dinf_much_smaller_than_d2",
              "On large sparse data D_inf is much smaller than D_2"};
  int tested = 0, held = 0;
  std::vector<std::string> parts;
  for (const ConvexQuantities& d : datasets) {
    if (d.dataset.features() < 10000 || !(d.diameters.l2 > 0.0)) continue;
    ++tested;
    held += d.diameters.c_var() <= 0.1;
    parts.push_back(
        absl::StrFormat("%s D_inf / D_2 = %.3f", Named(d), d.diameters.c_var()));
  }
  claim.verdict = Judge(tested, held);
  claim.evidence =
      absl::StrCat(absl::StrJoin(parts, "; "), " (holds at 0.1 or below)");
  return claim;
}

Claim CheckBoundsFavourAdaGrad(absl::Span<const ConvexQuantities> datasets) {
  Claim claim{"bounds_favour_adagrad",
              "C_var < 1 and C_bias < 1: the bounds favour AdaGrad"};
  int tested = 0, held = 0;
  std::vector<std::string> parts;
  for (const ConvexQuantities& d : datasets) {
    if (!(d.diameters.l2 > 0.0)) continue;
    ++tested;
    const double c_var = d.diameters.c_var();
    const double c_bias = d.diameters.c_bias(d.constants);
    held += c_var < 1.0 && c_bias < 1.0;
    parts.push_back(
        absl::StrFormat("%s %.2f, %.2g", Named(d), c_var, c_bias));
  }
  claim.verdict = Judge(tested, held);
  claim.evidence = absl::StrJoin(parts, "; ");
  return claim;
}

std::vector<Claim> CheckConvexClaims(
    absl::Span<const ConvexQuantities> datasets) {
  std::vector<ConvexQuantities> paper;
  std::copy_if(datasets.begin(), datasets.end(), std::back_inserter(paper),
               [](const ConvexQuantities& d) { return d.in_paper; });
  return {CheckAdaGradBelowSgd(paper), CheckAdaGradDegradesLess(paper),
          CheckDiametersOnSparseData(paper), CheckBoundsFavourAdaGrad(paper)};
}

}  // namespace anisograd
