#include "analysis/theory/adversary.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <optional>

#include "Eigen/Core"
#include "analysis/theory/adagrad_bound.h"
#include "analysis/theory/nonconvex_bound.h"
#include "analysis/theory/sgd_bound.h"
#include "tools/base/eigenvalues.h"
#include "tools/base/random.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kSeeds = 8;
constexpr double kEpsilon = 1e-8;

bool IsSgd(Theorem t) {
  return t == Theorem::kSgd || t == Theorem::kSgdNonconvex;
}
bool IsConvex(Theorem t) {
  return t == Theorem::kAdaGrad || t == Theorem::kAdaGradRelaxed ||
         t == Theorem::kSgd;
}

// low (high / low)^u for u in [0, 1], the same bits everywhere.
double Power(double low, double high, double u) {
  return high * ExpNonPositive((u - 1.0) * Log(high / low));
}

// cosh(x) - 1 and sinh(x).
double CoshLessOne(double x) {
  const double e = ExpNonPositive(-std::fabs(x));
  return (1.0 - e) * (1.0 - e) / (2.0 * e);
}
double Sinh(double x) {
  const double e = ExpNonPositive(-std::fabs(x));
  return std::copysign((1.0 - e * e) / (2.0 * e), x);
}

// Takes a genome's numbers one by one.
class Genes {
 public:
  explicit Genes(const std::vector<double>& numbers) : numbers_(numbers) {}
  double Next() { return numbers_[next_++ % numbers_.size()]; }
  double Next(double low, double high) { return low + (high - low) * Next(); }
  double NextPower(double low, double high) { return Power(low, high, Next()); }

 private:
  const std::vector<double>& numbers_;
  size_t next_ = 0;
};

struct Problem {
  int d = 0;
  int64_t steps = 1;
  double batch_size = 1.0;
  double rate = 1.0;
  bool falling = false;
  bool cosh = false;
  VectorXd start, minimum, sigma;
  // Rows a_i; of each term.
  MatrixXd a;
  VectorXd c, delta;
  // A step draws one term alone, scaled by their number: E.1's.
  bool sampled = false;
  bool noisy() const { return sampled || sigma.maxCoeff() > 0.0; }

  double Rate(int64_t t) const {
    return falling ? rate / std::sqrt(static_cast<double>(t + 1)) : rate;
  }

  double TermValue(int i, double x) const {
    if (cosh) return c[i] * CoshLessOne(delta[i] * x) / delta[i] / delta[i];
    const double u = std::fabs(x);
    return u <= delta[i] ? c[i] * x * x / 2
                         : c[i] * delta[i] * (u - delta[i] / 2);
  }
  double TermSlope(int i, double x) const {
    if (cosh) return c[i] * Sinh(delta[i] * x) / delta[i];
    return c[i] * std::min(std::max(x, -delta[i]), delta[i]);
  }
  double Value(const VectorXd& w) const {
    const VectorXd x = a * (w - minimum);
    double sum = 0.0;
    for (int i = 0; i < x.size(); ++i) sum += TermValue(i, x[i]);
    return sum;
  }
  VectorXd Gradient(const VectorXd& w) const {
    VectorXd x = a * (w - minimum);
    for (int i = 0; i < x.size(); ++i) x[i] = TermSlope(i, x[i]);
    return a.transpose() * x;
  }
  VectorXd TermGradient(int i, const VectorXd& w) const {
    const double x = a.row(i).dot(w - minimum);
    return TermSlope(i, x) * a.row(i).transpose() *
           static_cast<double>(a.rows());
  }
};

Problem MakeProblem(Theorem theorem, const std::vector<double>& genome) {
  Genes genes(genome);
  Problem p;
  p.cosh = theorem == Theorem::kAdaGradGeneralized;
  p.d = 2 + static_cast<int>(genes.Next(0.0, 4.0));
  p.steps = std::llround(genes.NextPower(1.0, 128.0));
  p.batch_size = genes.Next() < 0.5 ? 1.0 : 4.0;
  p.rate = genes.NextPower(1e-2, 1e1);
  p.falling = genes.Next() < 0.2 && IsConvex(theorem);
  const bool noise = genes.Next() < 0.5;
  p.sampled = theorem == Theorem::kAdaGradRelaxed && genes.Next() < 0.7;
  const double mix = std::max(0.0, genes.Next(-1.0, 1.0));
  const double scale = genes.NextPower(1e-3, 1e3);
  p.start = p.minimum = p.sigma = p.c = p.delta = VectorXd::Zero(p.d);
  p.a = MatrixXd::Identity(p.d, p.d);
  for (int j = 0; j < p.d; ++j) {
    p.start[j] = std::min(1.0, std::max(-1.0, genes.Next(-1.5, 1.5)));
    p.minimum[j] = std::min(1.0, std::max(-1.0, genes.Next(-1.5, 1.5)));
    p.c[j] = scale * genes.NextPower(1e-3, 1.0);
    // Above 1 most Huber terms are squares on the whole box.
    p.delta[j] = genes.NextPower(1e-3, 1e2);
    p.sigma[j] = noise ? scale * genes.NextPower(1e-3, 1.0) : 0.0;
    for (int k = 0; k < p.d; ++k) p.a(j, k) += mix * genes.Next(-1.0, 1.0);
  }
  if (p.cosh) {
    p.a.setIdentity();
    p.delta = p.delta.cwiseMin(3.0);
  }
  return p;
}

// hessian <= H everywhere.
MatrixXd HessianBound(const Problem& p) {
  return p.a.transpose() * p.c.asDiagonal() * p.a;
}
double LargestEigenvalue(const MatrixXd& h) {
  // Enlarged by its own rounding.
  return SymmetricEigenvalues(h).maxCoeff() * (1 + 1e-12);
}
// Every term drawn alone is smooth with it (docs/theory.md).
VectorXd ExpectedDiagonal(const Problem& p) {
  VectorXd l = VectorXd::Zero(p.d);
  for (int i = 0; i < p.a.rows(); ++i) {
    const VectorXd row = p.a.row(i).cwiseAbs().transpose();
    l = l.cwiseMax(static_cast<double>(p.a.rows()) * p.c[i] * row.sum() * row);
  }
  return l;
}

// What one run measures. To sums whose expectation a theorem bounds, terms of
// conditional mean 0 are added, n_t = g_t - grad f(w_t) times what is known
// before it: the expectation stays, and by the proofs every single path of SGD
// obeys the bound. An average over few seeds then cannot exceed it by luck, which
// a search would find.
struct Path {
  double mean_value = 0.0;
  // (1/T) sum_t of |grad f(w_t)|_1^2 and |grad f(w_t)|_2^2.
  double squares_l1 = 0.0;
  double squares_l2 = 0.0;
};

Path Run(Theorem theorem, const Problem& p, RandomStream stream) {
  const double l =
      IsSgd(theorem) ? LargestEigenvalue(HessianBound(p)) : 0.0;
  const double convex_c = std::min(1.0, 2.0 - p.rate * l);
  const double gradient_c = 1.0 - p.rate * l / 2.0;
  VectorXd w = p.start;
  VectorXd v = VectorXd::Constant(p.d, kEpsilon * kEpsilon);
  Path path;
  for (int64_t t = 0; t < p.steps; ++t) {
    const VectorXd gradient = p.Gradient(w);
    path.mean_value += p.Value(w);
    path.squares_l1 += gradient.lpNorm<1>() * gradient.lpNorm<1>();
    VectorXd g = p.sampled ? VectorXd::Zero(p.d) : gradient;
    const int draws = static_cast<int>(p.batch_size);
    for (int m = 0; p.noisy() && m < draws; ++m) {
      if (p.sampled) {
        g += p.TermGradient(static_cast<int>(stream.NextBelow(p.a.rows())), w) /
             draws;
      }
      for (int j = 0; j < p.d; ++j) {
        const double sign = (stream.Next() >> 63) != 0 ? 1.0 : -1.0;
        g[j] += sign * p.sigma[j] / draws;
      }
    }
    const VectorXd noise = g - gradient;
    const double rate = p.Rate(t), slope = gradient.dot(noise);
    const double excess =
        noise.squaredNorm() - p.sigma.squaredNorm() / p.batch_size;
    path.mean_value += (noise.dot(w - p.minimum) -
                        (IsSgd(theorem) ? rate * (slope + excess / 2) : 0.0)) /
                       convex_c;
    path.squares_l2 +=
        gradient.squaredNorm() +
        ((1.0 - l * rate) * slope - l * rate * excess / 2) / gradient_c;
    if (IsSgd(theorem)) {
      w -= rate * g;
    } else {
      v += g.cwiseProduct(g);
      w -= rate * g.cwiseQuotient(v.cwiseSqrt());
    }
    if (IsConvex(theorem)) w = w.cwiseMax(-1.0).cwiseMin(1.0);
  }
  const double steps = static_cast<double>(p.steps);
  path.mean_value /= steps;
  path.squares_l1 /= steps;
  path.squares_l2 /= steps;
  return path;
}

absl::Span<const double> View(const VectorXd& v) {
  return {v.data(), static_cast<size_t>(v.size())};
}

double SgdBound(const Problem& p, double smoothness, double sigma,
                double initial, double distance) {
  SgdRun run;
  run.steps = p.steps;
  run.first_rate = p.rate;
  run.last_rate = p.Rate(p.steps - 1);
  run.initial_distance = initial;
  run.distance = distance;
  for (int64_t t = 0; t < p.steps; ++t) {
    run.noise_rates += p.Rate(t) / p.batch_size;
  }
  const auto bound = BoundSgd(run, smoothness, sigma);
  return bound.ok() && bound->has_value() ? (*bound)->total() : 0.0;
}

double SgdGradientBound(const Problem& p, double smoothness, double sigma,
                        double gap) {
  const auto bound = BoundSgdGradient({p.steps, p.batch_size, p.rate, gap},
                                      smoothness, sigma);
  return bound.ok() ? bound->value_or(0.0) : 0.0;
}

double AdaGradBound(const Problem& p, const VectorXd& smoothness,
                    const VectorXd& sigma, const VectorXd& distance,
                    double initial) {
  AdaGradRun run;
  run.steps = p.steps;
  run.inverse_batches = static_cast<double>(p.steps) / p.batch_size;
  run.first_rate = p.rate;
  run.last_rate = p.Rate(p.steps - 1);
  run.epsilon = kEpsilon;
  run.initial_distance = initial;
  const auto bound =
      BoundAdaGrad(run, View(smoothness), View(sigma), View(distance));
  return bound.ok() ? bound->solved : 0.0;
}

// L0_j = c_j e^y and L1_j = kappa_j e^y with y e^y = sqrt(d): within
// |w - w'|_2 <= sqrt(d) / |L1|_inf cosh grows by e^y at most, and cosh <= 1 +
// |sinh|.
double GeneralizedGrowth(int d) {
  double y = 0.0;
  for (int i = 0; i < 60; ++i) {
    y -= (y - std::sqrt(d) * ExpNonPositive(-y)) / (1 + y);
  }
  return (1 + 1e-12) / ExpNonPositive(-y);
}

double NonconvexBound(const Problem& p, const VectorXd& smoothness,
                      const VectorXd& l1, const VectorXd& sigma, double gap) {
  NonconvexRun run;
  run.steps = p.steps;
  run.batch_size = p.batch_size;
  run.rate = p.rate;
  run.epsilon = kEpsilon;
  run.initial_gap = gap;
  const auto bound =
      BoundAdaGradGradient(run, View(smoothness), View(l1), View(sigma));
  return bound.ok() && bound->has_value() ? **bound : 0.0;
}

double Bound(Theorem theorem, const Problem& p, const Falsification& f) {
  const MatrixXd h = HessianBound(p);
  const VectorXd l = f.smoothness * VectorXd(h.cwiseAbs().rowwise().sum());
  const VectorXd sigma = f.sigma * p.sigma;
  const VectorXd distance =
      f.distance * VectorXd(p.minimum.cwiseAbs().array() + 1.0);
  const double initial = f.distance * (p.start - p.minimum).norm();
  const double gap = f.distance * f.distance * p.Value(p.start);
  switch (theorem) {
    case Theorem::kAdaGrad:
      return AdaGradBound(p, l, sigma, distance, initial);
    case Theorem::kAdaGradRelaxed:
      return AdaGradBound(
          p, p.sampled ? VectorXd(f.smoothness * ExpectedDiagonal(p)) : l,
          sigma, distance, initial);
    case Theorem::kSgd:
      return SgdBound(p, f.smoothness * LargestEigenvalue(h), sigma.norm(),
                      initial, distance.norm());
    case Theorem::kAdaGradNonconvex:
      return NonconvexBound(p, l, VectorXd::Zero(p.d), sigma, gap);
    case Theorem::kSgdNonconvex:
      return SgdGradientBound(p, f.smoothness * LargestEigenvalue(h),
                              sigma.norm(), gap);
    case Theorem::kAdaGradGeneralized: {
      const double growth = f.smoothness * GeneralizedGrowth(p.d);
      return NonconvexBound(p, growth * p.c, growth * p.delta, sigma, gap);
    }
  }
  return 0.0;
}

}  // namespace

std::string TheoremName(Theorem theorem) {
  switch (theorem) {
    case Theorem::kAdaGrad: return "4.1";
    case Theorem::kAdaGradRelaxed: return "E.1, relaxed";
    case Theorem::kSgd: return "D.1";
    case Theorem::kAdaGradNonconvex: return "4.3";
    case Theorem::kAdaGradGeneralized: return "5.3";
    case Theorem::kSgdNonconvex: return "D.3";
  }
  return "";
}

Duel MeetAdversary(Theorem theorem, const std::vector<double>& genome,
                   const Falsification& falsification) {
  const Problem p = MakeProblem(theorem, genome);
  Duel duel;
  duel.dimension = p.d;
  duel.steps = p.steps;
  duel.noisy = p.noisy();
  duel.bound = Bound(theorem, p, falsification);
  if (!(duel.bound > 0.0)) return duel;
  const int seeds = duel.noisy ? kSeeds : 1;
  double mean = 0.0;
  for (int s = 0; s < seeds; ++s) {
    const Path path =
        Run(theorem, p, RandomStream(s, RandomPurpose::kEstimates, 1));
    mean += IsConvex(theorem) ? path.mean_value
            : theorem == Theorem::kSgdNonconvex ? path.squares_l2
                                                : std::sqrt(path.squares_l1);
  }
  mean /= seeds;
  const bool root = !IsConvex(theorem) && !IsSgd(theorem);
  duel.measured = root ? mean * mean : mean;
  return duel;
}

AdversaryResult SearchAdversary(Theorem theorem, int budget, int rounds,
                                uint64_t seed,
                                const Falsification& falsification) {
  RandomStream stream(seed, RandomPurpose::kEstimates,
                      static_cast<uint32_t>(theorem) + 100);
  AdversaryResult result;
  const auto meet = [&](const std::vector<double>& genome) {
    const Duel duel = MeetAdversary(theorem, genome, falsification);
    ++result.duels;
    result.violations += duel.Violated();
    return duel;
  };
  const int half = budget / rounds / 2;
  for (int round = 0; round < rounds; ++round) {
    std::vector<double> best, genome(kGenomeSize);
    Duel best_duel;
    for (int i = 0; i < half; ++i) {
      for (double& x : genome) x = stream.NextUniform();
      const Duel duel = meet(genome);
      if (best.empty() || duel.ratio() > best_duel.ratio()) {
        best = genome;
        best_duel = duel;
      }
    }
    for (int i = 0; i < half; ++i) {
      genome = best;
      const double width = Power(0.3, 0.003, static_cast<double>(i) / half);
      for (double& x : genome) {
        if (stream.NextUniform() < 0.8) continue;
        const double y = x + stream.NextUniform(-width, width);
        x = std::min(std::max(y, 0.0), 1.0 - 0x1.0p-53);
      }
      const Duel duel = meet(genome);
      if (duel.ratio() > best_duel.ratio()) {
        best = genome;
        best_duel = duel;
      }
    }
    if (round == 0 || best_duel.ratio() > result.tightest.ratio()) {
      result.tightest = best_duel;
      result.genome = best;
    }
  }
  return result;
}

}  // namespace anisograd
