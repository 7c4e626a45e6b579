#ifndef EXPERIMENTS_LOGISTIC_OPTIMUM_COLUMN_SCALES_H_
#define EXPERIMENTS_LOGISTIC_OPTIMUM_COLUMN_SCALES_H_

#include "Eigen/Core"
#include "data/csr.h"

namespace anisograd {

// 1 / s_j for every column j, where s_j is the power of two at or below the root
// mean square of the column's values that are not zero; 1 for a column of zeros.
//
// Exact solvers work on u_j = s_j w_j, that is on columns x_j / s_j, whatever
// units the data are in: f(w) does not change, and grad_u f = grad f / s. By a
// power of two the change of variables is exact, and indicators, for which
// s_j = 1, are solved in their own coordinates.
Eigen::VectorXd InverseColumnScales(const CsrView& matrix);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_OPTIMUM_COLUMN_SCALES_H_
