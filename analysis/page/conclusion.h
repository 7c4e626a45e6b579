#ifndef ANALYSIS_PAGE_CONCLUSION_H_
#define ANALYSIS_PAGE_CONCLUSION_H_

#include <optional>
#include <string>

#include "analysis/convex.h"
#include "analysis/problem_constants.pb.h"

namespace anisograd {

// Who is anisotropic, on one scale from 1 / d, where one coordinate carries it all,
// to 1, where all carry the same:
//
//   curvature   |L|_1 / (d L_inf)             L valid, and least
//   noise       |sigma|_1^2 / (d |sigma|_2^2) sigma a bound at every w
//   geometry    D_2^2 / (d D_inf^2)
//
// The ratios of Theorem 4.1's terms to SGD's (Appendix B) are their quotients:
//
//   R1 = D_inf |sigma|_1 / (D_2 |sigma|_2) = sqrt(noise / geometry)
//   R2 = |L|_1 D_inf^2 / (L_inf D_2^2)     = curvature / geometry
//
// so that the theorem favours AdaGrad where noise and curvature are carried by
// fewer coordinates than the distances are. Errors: the largest eigenvalue and the
// least |L|_1 are taken at their certified upper and lower ends, whichever makes
// `r2_lower` and `r2_upper` hold.
struct Anisotropy {
  double curvature = 0.0, noise = 0.0, geometry = 0.0;
  double r1 = 0.0, r2 = 0.0;
  double r2_lower = 0.0, r2_upper = 0.0;
};

// nullopt where no diameters were measured, or X = 0.
std::optional<Anisotropy> ComputeAnisotropy(const ProblemConstants& constants,
                                            const Diameters& diameters);

// One sentence: who leads by how much, what is anisotropic, and whether the ratios
// with valid constants are on the leader's side.
std::string Conclude(const ConvexQuantities& quantities,
                     const std::optional<Anisotropy>& anisotropy);

}  // namespace anisograd

#endif  // ANALYSIS_PAGE_CONCLUSION_H_
