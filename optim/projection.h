#ifndef OPTIM_PROJECTION_H_
#define OPTIM_PROJECTION_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "optim/optimizer.pb.h"

namespace anisograd {

// Projections of Option I in Algorithms 1 to 3, Pi_W^H(w) = argmin_{z in W}
// |z - w|_H^2 for a diagonal H (Section 3.1).

// In place, for H = Id: onto the box clamp(w_j, -r, r), onto the ball
// w min(1, r / |w|_2). InvalidArgument for a bad spec.
absl::Status ProjectEuclidean(const ProjectionSpec& spec,
                              absl::Span<double> weights);

// In place, for H = diag(scale), scale_j > 0: AdaGrad's Lambda_t.
//
// Onto the box the scale plays no part. Onto the ball, where |w|_2 > r,
// z_j = w_j scale_j / (scale_j + mu) with the mu > 0 that puts z on the sphere;
// mu is found by Newton's method on 1 / |z(mu)|_2 - 1 / r, which is nearly
// linear and concave in mu, so that Newton from 0 rises to the root without
// passing it. InvalidArgument for a bad spec or scale.
absl::Status ProjectWeighted(const ProjectionSpec& spec,
                             absl::Span<const double> scale,
                             absl::Span<double> weights);

}  // namespace anisograd

#endif  // OPTIM_PROJECTION_H_
