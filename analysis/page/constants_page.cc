#include "analysis/page/constants_page.h"

#include <cstddef>
#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "analysis/method_pair.h"
#include "analysis/page/conclusion.h"
#include "tools/base/wrap_words.h"

namespace anisograd {
namespace {

constexpr size_t kColumns = 100;

std::string Wrap(const std::string& text) {
  return absl::StrJoin(WrapWords(text, kColumns), "\n") + "\n";
}

// "3.2e-09", "0": how far apart two ends are, relative to the lower.
std::string Gap(double lower, double upper) {
  return absl::StrFormat("%.1g", lower > 0.0 ? upper / lower - 1.0 : 0.0);
}

void AddCurvature(const ProblemConstants& c, std::string* out) {
  const CurvatureRecord& h = c.gram();
  absl::StrAppend(out, "\nCurvature, H = X'X/n; f's Hessian is at most H/4, "
                       "which it is at w = 0\n");
  const auto line = [&](const char* name, double value,
                        const std::string& certificate) {
    absl::StrAppendFormat(out, "  %-28s %11.5g  of f %11.5g   %s\n", name,
                          value, value / 4.0, certificate);
  };
  line("tr H, the paper's |L|_1", h.trace(), "no valid |L|_1 unless H is diagonal");
  line("L_inf, top eigenvalue", h.top_upper(),
       absl::StrCat("gap ", Gap(h.top_lower(), h.top_upper()), ", ",
                    h.top_certificate()));
  line("least valid |L|_1", h.valid_l1(),
       absl::StrCat("gap ", Gap(h.valid_l1_lower(), h.valid_l1()), ", ",
                    h.valid_certificate()));
  absl::StrAppendFormat(out, "  %-28s %11.2g\n", "its effective sparsity",
                        h.sparsity());
  absl::StrAppendFormat(
      out, "  %-28s %11.5g  one number for all: %.5g a coordinate   gap %s\n",
      "|L*|_1, expected (E.4), of f", c.expected_l1(), c.expected_isotropic(),
      Gap(c.expected_l1_lower(), c.expected_l1()));
}

void AddNoise(const ProblemConstants& c, std::string* out) {
  absl::StrAppend(out, "\nNoise of one sample's gradient\n");
  const auto line = [&](const std::string& name, const NoiseRecord& noise,
                        const std::string& what) {
    absl::StrAppendFormat(
        out, "  %-28s |.|_1 %9.5g  |.|_2 %9.5g  sparsity %6.2g   %s\n", name,
        noise.l1(), noise.l2(), noise.sparsity(), what);
  };
  line("sigma at w = 0", c.noise_at_zero(), "no bound elsewhere");
  line("sqrt(H_jj)", c.noise_root_of_diagonal(), "bounds every w");
  line("B_j, the least known", c.noise_universal(), "bounds every w");
  if (c.has_noise_at_optimum()) {
    line("sigma_* (E.3)", c.noise_at_optimum(),
         absl::StrFormat("+-%.1g, +-%.1g", c.noise_at_optimum().l1_error(),
                         c.noise_at_optimum().l2_error()));
  } else {
    absl::StrAppend(out, "  sigma_* (E.3)                there is no certified "
                         "w*\n");
  }
}

void AddPath(const ProblemConstants& c, std::string* out) {
  absl::StrAppendFormat(out, "\nAlong the path, f's own Hessian and noise\n"
                             "  %-28s %8s %9s %9s %9s %9s %9s %9s\n",
                        "w", "f", "tr", "top", "|L|_1", "|sigma|_1",
                        "|sigma|_2", "grad spars.");
  for (const PathPoint& p : c.path()) {
    absl::StrAppendFormat(
        out, "  %-28s %8.5f %9.4g %9.4g %9.4g %9.4g %9.4g %9.2g\n", p.where(),
        p.loss(), p.curvature().trace(), p.curvature().top_upper(),
        p.curvature().valid_l1(), p.noise().l1(), p.noise().l2(),
        p.gradient_sparsity());
  }
}

void AddAnisotropy(const ConvexQuantities& q, const ProblemConstants& c,
                   const std::optional<Anisotropy>& a, std::string* out) {
  absl::StrAppend(out, "\nWho is anisotropic: the share of the coordinates that "
                       "carries it, from 1/d to 1\n");
  if (!a) {
    absl::StrAppend(out, "  no distances were measured\n");
    return;
  }
  absl::StrAppendFormat(
      out,
      "  curvature |L|_1 / (d L_inf)  %9.3g\n"
      "  noise |B|_1^2 / (d |B|_2^2)  %9.3g\n"
      "  geometry D_2^2 / (d D_inf^2) %9.3g   D_2 = %.4g, D_inf = %.4g%s\n"
      "  R1 = sqrt(noise / geometry)  %9.3g   variance terms, AdaGrad's over "
      "SGD's; with sigma at 0 %.3g\n"
      "  R2 = curvature / geometry    %9.3g   bias terms; in [%.4g, %.4g]; with "
      "the trace, C_bias = %.3g\n",
      a->curvature, a->noise, a->geometry, q.diameters.l2, q.diameters.linf,
      c.has_distance_case() == ProblemConstants::kInitialDistanceL2
          ? absl::StrFormat("; |w_0 - w*| = %.4g, %.4g",
                            c.initial_distance_l2(), c.initial_distance_linf())
          : "",
      a->r1,
      q.diameters.c_var() * c.noise_at_zero().l1() / c.noise_at_zero().l2(), a->r2, a->r2_lower, a->r2_upper,
      q.diameters.c_bias(q.constants));
}

void AddLeads(const ConvexQuantities& q, std::string* out) {
  absl::StrAppendFormat(out, "\nMeasured, f - f(w*)\n  %6s %11s %11s %9s\n", "M",
                        "SGD", "AdaGrad", "ratio");
  const auto value = [](const CellQuantities& cell) {
    return cell.suboptimality
               ? absl::StrFormat("%.3g", cell.suboptimality->value)
               : "exploded";
  };
  for (const MethodPair& pair : PairMethods(q)) {
    absl::StrAppendFormat(
        out, "  %6d %11s %11s %9s\n", pair.sgd->batch_size, value(*pair.sgd),
        value(*pair.adagrad),
        pair.lead ? absl::StrFormat("%.3g", *pair.lead) : "-");
  }
}

}  // namespace

std::string RenderConstantsPage(const ConvexQuantities& quantities,
                                const ProblemConstants& constants,
                                absl::string_view bounds) {
  const DatasetRecord& data = constants.dataset();
  const std::optional<Anisotropy> anisotropy =
      ComputeAnisotropy(constants, quantities.diameters);
  std::string out = absl::StrFormat(
      "%s: %d rows, %d features, %d dimensions, %.4g non-zeros a row\n",
      quantities.label(), data.rows(), data.features(), constants.dimension(),
      static_cast<double>(data.nonzeros()) / static_cast<double>(data.rows()));
  if (data.stand_in()) absl::StrAppend(&out, Wrap("STAND-IN: " + data.note()));
  AddCurvature(constants, &out);
  AddNoise(constants, &out);
  AddPath(constants, &out);
  AddAnisotropy(quantities, constants, anisotropy, &out);
  absl::StrAppend(&out, "\nThe theorems' bounds (docs/theory.md)\n", bounds);
  AddLeads(quantities, &out);
  absl::StrAppend(&out, "\n", Wrap(Conclude(quantities, anisotropy)));
  return out;
}

}  // namespace anisograd
