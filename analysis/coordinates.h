#ifndef ANALYSIS_COORDINATES_H_
#define ANALYSIS_COORDINATES_H_

#include <string>
#include <vector>

#include "absl/types/span.h"
#include "experiments/logistic/problem/problem.h"
#include "experiments/result.pb.h"

namespace anisograd {

// How unlike the coordinates of a problem are.
struct Coordinates {
  DatasetRecord dataset;
  // L_j = H_jj of H = X'X / n, whose sum is the paper's |L|_1 (Table 2's
  // caption), and sigma_j, the deviation of coordinate j of one sample's gradient
  // at w = 0; each in descending order.
  std::vector<double> smoothness, noise;
};

Coordinates ComputeCoordinates(const LogisticProblem& problem);

// Plot data (figures/plot_data.h), sorted values against their rank:
//   quantity,dataset,rank,value
// with `quantity` "L_j" or "sigma_j". Of many coordinates those at evenly spaced
// logarithms of the rank, `most` or a few less; what is 0, which a logarithmic axis
// has no place for, is left out.
std::string MakeCoordinatesCsv(absl::Span<const Coordinates> problems,
                               int most = 150);

}  // namespace anisograd

#endif  // ANALYSIS_COORDINATES_H_
