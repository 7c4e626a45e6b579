#include "analysis/page/conclusion.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/method_pair.h"

namespace anisograd {
namespace {

// "AdaGrad's loss is below SGD's at 6 of 6 batch sizes (SGD's distance to f(w*) is
// 3.1 to 23 times AdaGrad's)".
std::string DescribeLeads(const ConvexQuantities& quantities, int* below,
                          int* compared) {
  std::vector<double> leads;
  *below = *compared = 0;
  for (const MethodPair& pair : PairMethods(quantities)) {
    *compared += pair.adagrad_is != AdaGradIs::kNotCompared;
    *below += pair.adagrad_is == AdaGradIs::kBelow;
    if (pair.lead) leads.push_back(*pair.lead);
  }
  if (*compared == 0) return "SGD and AdaGrad cannot be compared";
  std::string text =
      absl::StrFormat("AdaGrad's loss is below SGD's at %d of %d batch sizes",
                      *below, *compared);
  if (!leads.empty()) {
    const auto [least, most] = std::minmax_element(leads.begin(), leads.end());
    absl::StrAppendFormat(
        &text, " (SGD's distance to f(w*) is %.2g to %.2g times AdaGrad's)",
        *least, *most);
  }
  return text;
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

std::string Conclude(const ConvexQuantities& quantities,
                     const std::optional<Anisotropy>& anisotropy) {
  int below = 0, compared = 0;
  const std::string leads =
      DescribeLeads(quantities, &below, &compared);
  const std::string start = absl::StrCat(
      "On ", quantities.label(),
      quantities.dataset.stand_in() ? " (a stand-in) " : " ", leads);
  if (!anisotropy) {
    return absl::StrCat(start,
                        "; without measured distances the theorem's ratios are "
                        "not known.");
  }
  const Anisotropy& a = *anisotropy;
  // With r2's interval; neither where it holds 1.
  const bool variance_below = a.r1 < 1.0;
  const bool bias_below = a.r2_upper < 1.0, bias_above = a.r2_lower >= 1.0;
  std::string verdict;
  if (compared == 0) {
    verdict = "which predicts what could not be measured";
  } else if (!bias_below && !bias_above) {
    verdict = absl::StrFormat(
        "so that the constants as known, R2 from %.4g to %.4g, do not decide "
        "whether the bias term of Theorem 4.1 is below SGD's; its variance term "
        "is%s",
        a.r2_lower, a.r2_upper, variance_below ? "" : " not");
  } else if (below < compared) {
    verdict = variance_below && bias_below
                  ? "so that the ratios promise more than the runs show"
                  : "so that the theorem promises no lead, and there is none at "
                    "every batch size";
  } else if (variance_below && bias_below) {
    verdict =
        "so that with constants that the assumptions allow both terms of "
        "Theorem 4.1 are below SGD's: the paper's explanation stands";
  } else if (!variance_below && bias_above) {
    verdict =
        "so that with constants that the assumptions allow both terms of "
        "Theorem 4.1 are above SGD's: the lead is there, and the theorem does "
        "not explain it";
  } else {
    verdict = absl::StrCat(
        "so that with constants that the assumptions allow the ",
        variance_below ? "variance" : "bias", " term alone of Theorem 4.1 is "
        "below SGD's: the theorem explains a part of the lead at most");
  }
  return absl::StrCat(start, "; ", DescribeAnisotropy(a), ", ", verdict, ".");
}

}  // namespace anisograd
