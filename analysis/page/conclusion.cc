#include "analysis/page/conclusion.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace anisograd {
namespace {

// "AdaGrad's loss is below SGD's at all 6 batch sizes (3.1 to 23 times nearer to
// f(w*))".
std::string DescribeLeads(const std::vector<Lead>& leads, int* below,
                          int* compared) {
  double least = 0.0, most = 0.0;
  *below = *compared = 0;
  for (const Lead& lead : leads) {
    if (!lead.ratio) continue;
    least = *compared == 0 ? *lead.ratio : std::min(least, *lead.ratio);
    most = std::max(most, *lead.ratio);
    ++*compared;
    *below += *lead.ratio > 1.0;
  }
  if (*compared == 0) return "SGD and AdaGrad cannot be compared";
  return absl::StrFormat(
      "AdaGrad's loss is below SGD's at %d of %d batch sizes (SGD's distance to "
      "f(w*) is %.2g to %.2g times AdaGrad's)",
      *below, *compared, least, most);
}

// "curvature (0.25) and noise (0.54) are spread over a larger share of the
// coordinates than the distances (0.09): R1 = 2.4, R2 = 2.8".
std::string DescribeAnisotropy(const Anisotropy& a) {
  const auto than = [&](double share) {
    return share < a.geometry ? "smaller" : "larger";
  };
  const std::string ratios =
      absl::StrFormat("R1 = %.2f, R2 = %.2f", a.r1, a.r2);
  if ((a.curvature < a.geometry) == (a.noise < a.geometry)) {
    return absl::StrFormat(
        "curvature (%.2g) and noise (%.2g) are spread over a %s share of the "
        "coordinates than the distances (%.2g), %s",
        a.curvature, a.noise, than(a.noise), a.geometry, ratios);
  }
  return absl::StrFormat(
      "curvature (%.2g) is spread over a %s and noise (%.2g) over a %s share of "
      "the coordinates than the distances (%.2g), %s",
      a.curvature, than(a.curvature), a.noise, than(a.noise), a.geometry,
      ratios);
}

}  // namespace

std::optional<Anisotropy> ComputeAnisotropy(const ProblemConstants& constants,
                                            const Diameters& diameters) {
  const CurvatureRecord& h = constants.gram();
  const NoiseRecord& noise = constants.noise_universal();
  if (!(diameters.linf > 0.0) || !(diameters.l2 > 0.0) ||
      !(h.top_lower() > 0.0) || !(noise.l2() > 0.0)) {
    return std::nullopt;
  }
  const double d = static_cast<double>(constants.dimension());
  const double ratio = diameters.l2 / diameters.linf;
  Anisotropy a;
  a.curvature = h.valid_l1() / (d * h.top_upper());
  a.noise = noise.sparsity();
  a.geometry = ratio * ratio / d;
  a.r1 = noise.l1() / (noise.l2() * ratio);
  a.r2 = a.curvature / a.geometry;
  a.r2_lower =
      h.valid_l1_lower() / (h.top_upper() * ratio * ratio);
  a.r2_upper = h.valid_l1() / (h.top_lower() * ratio * ratio);
  return a;
}

std::vector<Lead> ComputeLeads(const ConvexQuantities& quantities) {
  std::vector<Lead> leads;
  for (const CellQuantities& sgd : quantities.cells) {
    const CellQuantities* adagrad =
        quantities.FindCell("adagrad", sgd.batch_size);
    if (sgd.method != "sgd" || adagrad == nullptr) continue;
    Lead lead = {sgd.batch_size, std::nullopt};
    if (sgd.suboptimality && adagrad->suboptimality &&
        sgd.suboptimality->value > 0.0 && adagrad->suboptimality->value > 0.0) {
      lead.ratio = sgd.suboptimality->value / adagrad->suboptimality->value;
    }
    leads.push_back(lead);
  }
  return leads;
}

std::string Conclude(const ConvexQuantities& quantities,
                     const std::optional<Anisotropy>& anisotropy) {
  int below = 0, compared = 0;
  const std::string leads =
      DescribeLeads(ComputeLeads(quantities), &below, &compared);
  const std::string start = absl::StrCat(
      "On ", quantities.label(),
      quantities.dataset.stand_in() ? " (a stand-in) " : " ", leads);
  if (!anisotropy) {
    return absl::StrCat(start,
                        "; without measured distances the theorem's ratios are "
                        "not known.");
  }
  const Anisotropy& a = *anisotropy;
  std::string verdict;
  if (compared == 0) {
    verdict = "which predicts what could not be measured";
  } else if (below < compared) {
    verdict = a.r1 < 1.0 && a.r2_upper < 1.0
                  ? "so that the ratios promise more than the runs show"
                  : "so that the theorem promises no lead, and there is none at "
                    "every batch size";
  } else if (a.r1 < 1.0 && a.r2_upper < 1.0) {
    verdict =
        "so that with constants that the assumptions allow both terms of "
        "Theorem 4.1 are below SGD's: the paper's explanation stands";
  } else if (a.r1 >= 1.0 && a.r2_lower >= 1.0) {
    verdict =
        "so that with constants that the assumptions allow both terms of "
        "Theorem 4.1 are above SGD's: the lead is there, and the theorem does "
        "not explain it";
  } else {
    verdict = absl::StrCat(
        "so that with constants that the assumptions allow the ",
        a.r1 < 1.0 ? "variance" : "bias", " term alone of Theorem 4.1 is below "
        "SGD's: the theorem explains a part of the lead at most");
  }
  return absl::StrCat(start, "; ", DescribeAnisotropy(a), ", ", verdict, ".");
}

}  // namespace anisograd
