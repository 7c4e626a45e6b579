#ifndef FIGURES_DATA_FIGURE_ROWS_H_
#define FIGURES_DATA_FIGURE_ROWS_H_

#include <string>

#include "paper_tables/run_report.pb.h"

namespace anisograd {

// Plot data (figures/plot_data.h) of published numbers beside reproduced ones.
// Recorded numbers, which stand beside a stand-in's, are none of this run's and
// are left out, and so is what is not above 0, which logarithmic axes have no
// place for; notes count the latter, and say where there is nothing to draw.

// What each method reaches at each batch size, where the paper has a number of
// that method, one panel a data set:
//   panel,method,source,batch_size,value,low,high
// `low` and `high` are a standard deviation over seeds away, `low` at least a
// tenth of the value, so that it has a place on a logarithmic axis.
std::string MakeBatchSizesCsv(const RunReport& report);

// D_inf against D_2 (Table 2) of each data set:
//   dataset,source,d_2,d_inf
std::string MakeDiametersCsv(const RunReport& report);

}  // namespace anisograd

#endif  // FIGURES_DATA_FIGURE_ROWS_H_
