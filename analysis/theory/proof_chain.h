#ifndef ANALYSIS_THEORY_PROOF_CHAIN_H_
#define ANALYSIS_THEORY_PROOF_CHAIN_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "analysis/theory/adagrad_bound.h"
#include "analysis/theory/path_replay.h"

namespace anisograd {

// The proof of a convex theorem along a run: numbers each of which the theorem's
// proof says is at most the next, from f(w_average) - f(w*) to the bound. In
// expectation: along one run, or where batches are no independent draws, a number
// may be above the next, and then shows by how much.
struct ProofLink {
  // The inequality that leads to it: "convexity".
  std::string inequality;
  double value = 0.0;
};
struct ProofChain {
  // "output", "average", and then the proof's.
  std::vector<ProofLink> links;
  ConvexBound bound;
  // links[1], the mean of f(w_t) - f(w*), is what the theorem bounds.
  double measured() const { return links[1].value; }
  double slack() const { return bound.total() / measured(); }
  // Whether the measured mean exceeds the bound: the constants or the theorem
  // are wrong, or the run does not meet its assumptions.
  bool Violated() const { return measured() > bound.total(); }
};

// Theorem 4.1 (docs/theory.md, steps 1 to 8) with K from `distance`, the D_inf of
// the theorem for all coordinates. `epsilon` is the rule's. The bound is that of
// BoundAdaGrad with the record's steps.
absl::StatusOr<ProofChain> AdaGradChain(const PathRecord& path,
                                        absl::Span<const double> smoothness,
                                        absl::Span<const double> sigma,
                                        double distance, double epsilon);

// Theorem D.1; nullopt where the first step is at least 2 / L_inf. `distance` is
// D_2, which plays no part at constant steps.
absl::StatusOr<std::optional<ProofChain>> SgdChain(const PathRecord& path,
                                                   double smoothness_linf,
                                                   double sigma_l2,
                                                   double distance);

// The run of the bounds' arguments.
AdaGradRun BoundedRun(const PathRecord& path, double epsilon);

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_PROOF_CHAIN_H_
