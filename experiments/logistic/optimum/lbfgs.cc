#include "experiments/logistic/optimum/lbfgs.h"

#include <cmath>
#include <deque>
#include <limits>
#include <utility>
#include <vector>

#include "Eigen/Core"
#include "absl/types/span.h"
#include "experiments/logistic/optimum/column_scales.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;

struct Pair {
  VectorXd step;    // w_{k+1} - w_k
  VectorXd change;  // grad f(w_{k+1}) - grad f(w_k)
  double curvature; // step' change
};

// Algorithm 7.4: an approximation of H^-1 gradient.
VectorXd ApplyInverseHessian(const std::deque<Pair>& pairs, VectorXd vector) {
  std::vector<double> alpha(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].step.dot(vector) / pairs[i].curvature;
    vector -= alpha[i] * pairs[i].change;
  }
  if (!pairs.empty()) {
    vector *= pairs.back().curvature / pairs.back().change.squaredNorm();
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].change.dot(vector) / pairs[i].curvature;
    vector += (alpha[i] - beta) * pairs[i].step;
  }
  return vector;
}

// A point with its loss and gradient, in scaled coordinates.
struct Point {
  VectorXd weights;
  double loss = 0.0;
  VectorXd gradient;
};

// f as a function of u, where w_j = inverse_scale_j u_j.
class ScaledProblem {
 public:
  explicit ScaledProblem(const LogisticProblem& problem)
      : problem_(problem), inverse_scale_(InverseColumnScales(problem.view())) {}

  VectorXd Unscale(const VectorXd& u) const {
    return u.cwiseProduct(inverse_scale_);
  }

  Point Evaluate(VectorXd u) const {
    Point point;
    point.weights = std::move(u);
    const VectorXd w = Unscale(point.weights);
    point.gradient.resize(w.size());
    point.loss = problem_.LossAndGradient(
        absl::MakeConstSpan(w.data(), w.size()),
        absl::MakeSpan(point.gradient.data(), point.gradient.size()));
    point.gradient = point.gradient.cwiseProduct(inverse_scale_);
    return point;
  }

 private:
  const LogisticProblem& problem_;
  const VectorXd inverse_scale_;
};

// What f cannot be told from, by its roundings.
double IndistinctAbove(double loss) { return loss + 1e-15 * loss; }

// A point from `from` along `direction` with sufficient decrease (1e-4) and
// curvature (0.9), or, after 40 trials, the last one. Where f is flat but for
// roundings the slope says it (Hager and Zhang 2005, approximate Wolfe conditions).
Point LineSearch(const ScaledProblem& problem, const Point& from,
                 const VectorXd& direction) {
  const double slope = direction.dot(from.gradient);
  double low = 0.0, high = std::numeric_limits<double>::infinity(), step = 1.0;
  Point trial;
  for (int i = 0; i < 40; ++i) {
    trial = problem.Evaluate(from.weights + step * direction);
    const double trial_slope = trial.gradient.dot(direction);
    const bool decreases =
        trial.loss <= from.loss + 1e-4 * step * slope ||
        (trial.loss <= IndistinctAbove(from.loss) &&
         trial_slope <= (2 * 1e-4 - 1) * slope);
    if (!decreases) {
      high = step;
    } else if (trial_slope < 0.9 * slope) {
      low = step;
    } else {
      break;
    }
    step = std::isfinite(high) ? 0.5 * (low + high) : 2.0 * step;
  }
  return trial;
}

}  // namespace

Minimum MinimizeWithLbfgs(const LogisticProblem& problem,
                          const LbfgsOptimum& options,
                          const std::function<void(int64_t)>& progress) {
  const double separated = LossThatSeparates(problem);
  const ScaledProblem scaled(problem);
  std::deque<Pair> pairs;
  Point point = scaled.Evaluate(VectorXd::Zero(problem.dimension()));
  Minimum minimum;
  while (point.gradient.norm() > options.gradient_tolerance() &&
         point.loss >= separated &&
         minimum.iterations < options.max_iterations()) {
    VectorXd direction = -ApplyInverseHessian(pairs, point.gradient);
    if (!(direction.dot(point.gradient) < 0.0)) direction = -point.gradient;
    Point next = LineSearch(scaled, point, direction);
    if (!(next.loss < point.loss ||
          (next.loss <= IndistinctAbove(point.loss) &&
           next.gradient.norm() < point.gradient.norm()))) {
      // Either nothing is lower, or the pairs have led astray: by roundings of
      // steps along which f hardly bends.
      if (pairs.empty()) break;
      pairs.clear();
      continue;
    }
    Pair pair{next.weights - point.weights, next.gradient - point.gradient, 0.0};
    pair.curvature = pair.step.dot(pair.change);
    if (pair.curvature > 0.0) {
      pairs.push_back(std::move(pair));
      if (static_cast<int>(pairs.size()) > options.memory()) pairs.pop_front();
    }
    point = std::move(next);
    ++minimum.iterations;
    if (progress) progress(minimum.iterations);
  }
  const VectorXd w = scaled.Unscale(point.weights);
  minimum.weights.assign(w.data(), w.data() + w.size());
  return minimum;
}

}  // namespace anisograd
