#include "experiments/gpt2/smoothness/curvature_estimate.h"

#include <cmath>
#include <cstddef>

#include "tools/base/normal.h"
#include "tools/base/random.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Vector = std::vector<double>;

constexpr int kGroup = 8;

double Norm(const Vector& v) {
  double squares = 0.0;
  for (const double x : v) squares += x * x;
  return std::sqrt(squares);
}

// cos(pi / 16)^8, by half angles from cos(pi / 4): no library's cosine.
double GroupFactor() {
  double c = std::sqrt(0.5);
  for (int i = 0; i < 2; ++i) c = std::sqrt((1.0 + c) / 2.0);
  const double fourth = (c * c) * (c * c);
  return fourth * fourth;
}

class Hessian {
 public:
  Hessian(const GradientFunction& gradient, absl::Span<const float> w)
      : gradient_(gradient), w_(w), moved_(w.size()), plus_(w.size()),
        minus_(w.size()) {}

  absl::Status Apply(const Vector& v, double radius, Vector* out) {
    const double step = radius / Norm(v);
    RETURN_IF_ERROR(GradientAt(v, step, &plus_));
    RETURN_IF_ERROR(GradientAt(v, -step, &minus_));
    out->resize(v.size());
    for (size_t j = 0; j < v.size(); ++j) {
      (*out)[j] = (static_cast<double>(plus_[j]) - minus_[j]) / (2.0 * step);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status GradientAt(const Vector& v, double step,
                          std::vector<float>* out) {
    for (size_t j = 0; j < v.size(); ++j) {
      moved_[j] = static_cast<float>(w_[j] + step * v[j]);
    }
    return gradient_(moved_, absl::MakeSpan(*out));
  }

  const GradientFunction& gradient_;
  const absl::Span<const float> w_;
  std::vector<float> moved_, plus_, minus_;
};

// |x_1 ... x_8|^(1/8) times what takes its bias away, of every coordinate.
absl::StatusOr<Vector> RowSums(Hessian* hessian, const std::vector<bool>& free,
                               uint64_t seed, int group, double radius) {
  Vector product(free.size(), 1.0), cauchy(free.size()), image;
  for (int i = 0; i < kGroup; ++i) {
    const RandomStream stream(seed, RandomPurpose::kEstimates,
                              static_cast<uint32_t>(16 + kGroup * group + i));
    for (size_t j = 0; j < free.size(); ++j) {
      cauchy[j] =
          free[j] ? NormalAt(stream, 2 * j) / NormalAt(stream, 2 * j + 1) : 0.0;
    }
    RETURN_IF_ERROR(hessian->Apply(cauchy, radius, &image));
    for (size_t j = 0; j < free.size(); ++j) {
      product[j] *= free[j] ? std::fabs(image[j]) : 0.0;
    }
  }
  const double factor = GroupFactor();
  for (double& x : product) {
    x = factor * std::sqrt(std::sqrt(std::sqrt(x)));
  }
  return product;
}

double Sum(const Vector& v) {
  double sum = 0.0;
  for (const double x : v) sum += x;
  return sum;
}

}  // namespace

absl::StatusOr<CurvatureEstimate> EstimateCurvature(
    const GradientFunction& gradient, absl::Span<const float> w,
    const std::vector<bool>& free, const CurvatureOptions& options) {
  CurvatureEstimate out;
  Hessian hessian(gradient, w);
  Vector sums(w.size()), values;
  for (int group = 0; group < options.groups; ++group) {
    ASSIGN_OR_RETURN(const Vector rows, RowSums(&hessian, free, options.seed,
                                                group, options.radius));
    values.push_back(Sum(rows));
    for (size_t j = 0; j < sums.size(); ++j) sums[j] += rows[j] / options.groups;
  }
  ASSIGN_OR_RETURN(const Vector nearer, RowSums(&hessian, free, options.seed, 0,
                                                options.radius / 2.0));
  const double n = static_cast<double>(values.size());
  const double mean = Sum(values) / n;
  double squares = 0.0;
  for (const double x : values) squares += (x - mean) * (x - mean);
  out.set_norm_11(mean);
  out.set_norm_11_error(std::sqrt(squares / (n - 1.0) / n));
  out.set_radius_change(Sum(nearer) / values[0] - 1.0);
  double count = 0.0;
  for (const bool f : free) count += f;
  const double norm = Norm(sums), total = Sum(sums);
  out.set_sparsity(norm > 0.0 ? total * total / (count * norm * norm) : 0.0);

  Vector v(w.size()), image;
  const RandomStream stream(options.seed, RandomPurpose::kEstimates, 3);
  for (size_t j = 0; j < v.size(); ++j) {
    v[j] = free[j] ? NormalAt(stream, j) : 0.0;
  }
  for (int step = 0; step <= options.power_steps; ++step) {
    const double scale = 1.0 / Norm(v);
    for (double& x : v) x *= scale;
    RETURN_IF_ERROR(hessian.Apply(v, options.radius, &image));
    double lambda = 0.0, rest = 0.0;
    for (size_t j = 0; j < v.size(); ++j) lambda += v[j] * image[j];
    for (size_t j = 0; j < v.size(); ++j) {
      const double r = image[j] - lambda * v[j];
      rest += r * r;
    }
    out.set_top_eigenvalue(lambda);
    out.set_top_residual(std::sqrt(rest));
    if (!(Norm(image) > 0.0)) break;
    v = image;
  }
  return out;
}

}  // namespace anisograd
