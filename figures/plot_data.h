#ifndef FIGURES_PLOT_DATA_H_
#define FIGURES_PLOT_DATA_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// A column of a figure's CSV file.
struct PlotColumn {
  enum class Type {
    kInteger,  // fits 64 bits
    kNumber,   // finite
    kText,     // not empty
  };
  std::string name;
  Type type = Type::kText;
};

// The columns a figure needs, in any order in the file. Lines that agree in
// every `curve` column make one curve; each line is one point of it.
struct PlotSchema {
  std::vector<PlotColumn> curve;
  std::vector<PlotColumn> point;
};

// Parses "name:integer", "name:number" or "name:text", the latter for curves
// only. InvalidArgument quotes the column.
absl::StatusOr<PlotSchema> ParsePlotSchema(
    const std::vector<std::string>& curve,
    const std::vector<std::string>& point);

// A figure's data. Numbers stay the text that the file has.
struct PlotData {
  struct Curve {
    std::vector<std::string> labels;               // by schema.curve
    std::vector<std::vector<std::string>> points;  // each by schema.point
  };
  std::string caption;             // may be empty
  std::vector<std::string> notes;  // what is reduced or stands in
  // In the order of their first points; none where there was nothing to draw,
  // which the notes explain.
  std::vector<Curve> curves;
};

// Reads a CSV file:
//
//   # caption: one line, optional
//   # note: any number of lines
//   batch_size,method,learning_rate,step,epoch,loss
//   256,SGD,0.1,10,0.25,4.5
//
// Printable ASCII; no quotes, so no commas inside fields. InvalidArgument names
// `path`, line and column for: any other comment, a header whose columns are
// not exactly the schema's, a wrong number of fields, a value not of its
// column's type, no header. There may be no points.
absl::StatusOr<PlotData> ParsePlotData(absl::string_view text,
                                       const PlotSchema& schema,
                                       const std::string& path);

// The gnuplot commands that define
//   curves               number of curves; where it is 0, the arrays below are
//                        not there, and style.gp says so instead of the script
//   curve_NAME[k]        for each curve column, k = 1 .. curves
//   value_NAME[v]        its distinct values in the order of the curves,
//                        v = 1 .. values_NAME
//   which_NAME[k]        the v of curve k
//   $data index k-1      the points of curve k
//   col_NAME             where in $data a point column is
//   notes[n]             the notes in lines of up to `note_width` characters,
//                        n = 1 .. note_lines; no array if there is none
std::string GnuplotDefinitions(const PlotSchema& schema, const PlotData& data,
                               int note_width);

// Title, caption and notes for the terminal.
std::string DescribeFigure(absl::string_view title, const PlotData& data);

}  // namespace anisograd

#endif  // FIGURES_PLOT_DATA_H_
