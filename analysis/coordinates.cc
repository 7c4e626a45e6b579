#include "analysis/coordinates.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "tools/base/vector_math.h"

namespace anisograd {

Coordinates ComputeCoordinates(const LogisticProblem& problem) {
  const CsrView& view = problem.view();
  const double n = static_cast<double>(view.rows);
  // At w = 0 a sample's gradient is -y x / 2.
  std::vector<double> squares(view.features), mean(view.features);
  for (int64_t i = 0; i < view.rows; ++i) {
    for (uint32_t k = view.row_start[i]; k < view.row_start[i + 1]; ++k) {
      const double x = view.value[k];
      squares[view.index[k]] += x * x / n;
      mean[view.index[k]] -= 0.5 * view.label[i] * x / n;
    }
  }
  Coordinates out;
  for (int64_t j = 0; j < view.features; ++j) {
    out.smoothness.push_back(squares[j]);
    out.noise.push_back(
        std::sqrt(std::max(0.0, 0.25 * squares[j] - mean[j] * mean[j])));
  }
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
