#include "analysis/least_diagonal.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "tools/base/normal.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

using Eigen::VectorXd;
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic,
                           Eigen::RowMajor>;

// X by columns.
struct Columns {
  explicit Columns(const CsrView& view) : start(view.features + 1, 0) {
    for (const uint32_t j : view.index) ++start[j + 1];
    for (int64_t j = 0; j < view.features; ++j) start[j + 1] += start[j];
    std::vector<uint32_t> next(start.begin(), start.end() - 1);
    row.resize(view.index.size());
    value.resize(view.index.size());
    for (int64_t i = 0; i < view.rows; ++i) {
      for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
        const uint32_t at = next[view.index[k]]++;
        row[at] = static_cast<uint32_t>(i);
        value[at] = view.value[k];
      }
    }
  }
  std::vector<uint32_t> start, row;
  std::vector<double> value;
};

// The unit vectors v_j, the rows of V, and X V.
class Mixing {
 public:
  Mixing(const Gram& gram, int rank, uint64_t seed)
      : gram_(gram),
        columns_(gram.view()),
        diagonal_(gram.Diagonal()),
        vectors_(gram.dimension(), rank),
        images_(Rows::Zero(gram.view().rows, rank)),
        norms_(VectorXd::Zero(gram.dimension())) {
    const RandomStream stream(seed, RandomPurpose::kEstimates, 2);
    for (int64_t j = 0; j < vectors_.rows(); ++j) {
      for (int r = 0; r < rank; ++r) {
        vectors_(j, r) = NormalAt(stream, j * rank + r);
      }
      vectors_.row(j).normalize();
      for (uint32_t k = columns_.start[j]; k < columns_.start[j + 1]; ++k) {
        images_.row(columns_.row[k]) += columns_.value[k] * vectors_.row(j);
      }
    }
  }

  void Sweep() {
    const double n = static_cast<double>(gram_.view().rows);
    Eigen::RowVectorXd g(vectors_.cols());
    for (int64_t j = 0; j < vectors_.rows(); ++j) {
      g.setZero();
      for (uint32_t k = columns_.start[j]; k < columns_.start[j + 1]; ++k) {
        const uint32_t i = columns_.row[k];
        g += (gram_.weight(i) * columns_.value[k]) * images_.row(i);
      }
      g = g / n - diagonal_[j] * vectors_.row(j);
      norms_[j] = g.norm();
      // Features that share no row with another are free.
      if (!(norms_[j] > 0.0)) continue;
      g = g / norms_[j] - vectors_.row(j);
      vectors_.row(j) += g;
      for (uint32_t k = columns_.start[j]; k < columns_.start[j + 1]; ++k) {
        images_.row(columns_.row[k]) += columns_.value[k] * g;
      }
    }
  }

  // |g_j| + H_jj as the last sweep saw them.
  VectorXd Candidate() const { return norms_ + diagonal_; }

  // <H, V'V> = (1/n) sum_i c_i |sum_j x_ij v_j|^2; vectors are of unit norm.
  double DualValue() const {
    double sum = 0.0;
    for (int64_t i = 0; i < images_.rows(); ++i) {
      sum += gram_.weight(i) * images_.row(i).squaredNorm();
    }
    return sum / static_cast<double>(images_.rows());
  }

 private:
  const Gram& gram_;
  Columns columns_;
  VectorXd diagonal_;
  Rows vectors_, images_;
  VectorXd norms_;
};

// Makes L feasible: times the largest eigenvalue of L^(-1/2) H L^(-1/2).
void MakeFeasible(const Gram& gram, LeastDiagonal* least) {
  const VectorXd scale = least->diagonal.unaryExpr(
      [](double l) { return l > 0.0 ? 1.0 / std::sqrt(l) : 0.0; });
  const TopEigenvalue top = ComputeTopEigenvalue(gram, scale, 1e-10);
  least->diagonal *= top.upper;
  least->certificate = top.certificate;
  least->sum = least->diagonal.sum();
}

}  // namespace

LeastDiagonal ComputeLeastDiagonal(const Gram& gram,
                                   const LeastDiagonalOptions& options) {
  LeastDiagonal least;
  if (gram.non_negative() && !options.always_mix) {
    least.closed_form = true;
    least.diagonal = gram.Apply(VectorXd::Ones(gram.dimension()));
    least.sum = least.lower_bound = least.diagonal.sum();
    return least;
  }
  least.rank = static_cast<int>(std::min(
      std::sqrt(2.0 * gram.dimension()) + 1.0,
      std::max(8.0, options.memory / (8.0 * gram.view().rows))));
  Mixing mixing(gram, least.rank, options.seed);
  const double sweep_cost =
      2.0 * static_cast<double>(gram.view().index.size()) * least.rank;
  LeastDiagonal best;
  double lower_bound = 0.0;
  for (int check = 8;; check *= 2) {
    while (least.sweeps < check) {
      mixing.Sweep();
      ++least.sweeps;
    }
    lower_bound = std::max(lower_bound, mixing.DualValue());
    least.diagonal = mixing.Candidate();
    MakeFeasible(gram, &least);
    if (best.sweeps == 0 || least.sum < best.sum) best = least;
    best.lower_bound = lower_bound;
    best.sweeps = least.sweeps;
    // Rounding may lift the lower bound above; the two are the value then.
    best.lower_bound = std::min(best.lower_bound, best.sum);
    if (best.gap() <= options.gap || 2 * check > options.max_sweeps ||
        2.0 * check * sweep_cost > options.budget) {
      return best;
    }
  }
}

}  // namespace anisograd
