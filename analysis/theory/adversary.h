#ifndef ANALYSIS_THEORY_ADVERSARY_H_
#define ANALYSIS_THEORY_ADVERSARY_H_

#include <cstdint>
#include <string>
#include <vector>

namespace anisograd {

// The theorems that the adversary attacks. kSgd... are D.1 and D.3.
enum class Theorem {
  kAdaGrad,             // 4.1
  kAdaGradRelaxed,      // E.1's relaxed form
  kSgd,                 // D.1
  kAdaGradNonconvex,    // 4.3
  kAdaGradGeneralized,  // 5.3
  kSgdNonconvex,        // D.3
};
inline constexpr Theorem kTheorems[] = {
    Theorem::kAdaGrad,          Theorem::kSgd,
    Theorem::kAdaGradRelaxed,   Theorem::kAdaGradNonconvex,
    Theorem::kSgdNonconvex,     Theorem::kAdaGradGeneralized,
};
// "4.1", "E.1, relaxed", "D.1", "4.3", "5.3", "D.3".
std::string TheoremName(Theorem theorem);

// What the constants that a bound is given are multiplied by. With 1 they are
// true ones, and no ratio can exceed 1.
struct Falsification {
  double smoothness = 1.0;
  double sigma = 1.0;
  double distance = 1.0;  // and sqrt of the initial gap
};

// A made-up problem in 2 to 5 dimensions that meets a theorem's assumptions, of
// numbers in [0, 1): how many dimensions and steps, step, noise, start, minimum,
// and a sum of terms
//
//   c_i phi(<a_i, w - w*> / delta_i) delta_i^2,   phi Huber's or a square,
//
// a_i near or on the axes, with Rademacher noise of each coordinate. For 5.3
// c_j (cosh(kappa_j (w_j - w*_j)) - 1) / kappa_j^2, which Assumption 3.3 does not
// admit. W is the box [-1, 1]^d where the theorem projects. Constants are exact
// or, for a_i off the axes, row sums of |hessian|.
//
// What the theorem bounds, measured over runs with `kSeeds` seeds (one where
// there is no noise), and the bound; both are 0 where the bound says nothing.
struct Duel {
  double measured = 0.0;
  double bound = 0.0;
  int dimension = 0;
  int64_t steps = 0;
  bool noisy = false;
  double ratio() const { return bound > 0.0 ? measured / bound : 0.0; }
  // By more than rounding: tight bounds are attained to the last digits.
  bool Violated() const { return ratio() > 1.0 + 1e-10; }
};
Duel MeetAdversary(Theorem theorem, const std::vector<double>& genome,
                   const Falsification& falsification = {});

// How many numbers a genome has.
inline constexpr int kGenomeSize = 64;

// The largest ratio() found: in each of `rounds` rounds, half of `budget` /
// `rounds` problems drawn at random, and as many changes of the best of them.
struct AdversaryResult {
  Duel tightest;
  std::vector<double> genome;
  int duels = 0;
  // Duels that violated the bound.
  int violations = 0;
};
AdversaryResult SearchAdversary(Theorem theorem, int budget, int rounds,
                                uint64_t seed,
                                const Falsification& falsification = {});

}  // namespace anisograd

#endif  // ANALYSIS_THEORY_ADVERSARY_H_
