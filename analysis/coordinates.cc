#include "analysis/coordinates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include "Eigen/Core"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "analysis/gradient_noise.h"
#include "analysis/gram.h"
#include "tools/base/vector_math.h"

namespace anisograd {

Coordinates ComputeCoordinates(const LogisticProblem& problem) {
  const Eigen::VectorXd squares = Gram(problem.view()).Diagonal();
  const GradientNoise noise =
      NoiseAt(problem, std::vector<double>(problem.dimension()));
  Coordinates out;
  out.smoothness.assign(squares.begin(), squares.end());
  out.noise.assign(noise.sigma.begin(), noise.sigma.end());
  for (std::vector<double>* values : {&out.smoothness, &out.noise}) {
    std::sort(values->begin(), values->end(), std::greater<double>());
  }
  return out;
}

std::string MakeCoordinatesCsv(absl::Span<const Coordinates> problems,
                               int most) {
  std::string csv =
      "# caption: How unlike coordinates are: L_j = H_jj of H = X'X/n, whose sum is "
      "the paper's |L|_1, and the deviation sigma_j of a sample's gradient at w = "
      "0, each from the largest to the smallest.\n";
  for (const Coordinates& p : problems) {
    if (!p.dataset.note().empty()) {
      absl::StrAppend(&csv, "# note: ", p.dataset.name(), ": ",
                      p.dataset.note(), ".\n");
    }
  }
  csv += "quantity,dataset,rank,value\n";
  const auto add = [&](const char* quantity, const Coordinates& p,
                       const std::vector<double>& values) {
    const int64_t d = static_cast<int64_t>(values.size());
    const double step =
        Log(static_cast<double>(std::max<int64_t>(d, 2))) / (most - 1);
    int64_t last = 0;
    for (int i = 0; i < most; ++i) {
      const int64_t rank = std::min<int64_t>(
          d, std::llround(1.0 / ExpNonPositive(-i * step)));
      if (rank == last || !(values[rank - 1] > 0.0)) continue;
      last = rank;
      absl::StrAppendFormat(&csv, "%s,%s,%d,%.4g\n", quantity,
                            p.dataset.name(), rank, values[rank - 1]);
    }
  };
  for (const Coordinates& p : problems) add("L_j", p, p.smoothness);
  for (const Coordinates& p : problems) add("sigma_j", p, p.noise);
  return csv;
}

}  // namespace anisograd
