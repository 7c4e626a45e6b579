// Reads a figure's CSV file for gnuplot and for the terminal.
//
//   plot_data_main --csv=F --curve=NAME:TYPE,... --point=NAME:TYPE,...
//       --title=TEXT --note_width=N --out=PREFIX
//
// writes PREFIX.definitions.gp and PREFIX.txt.

#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "figures/plot_data.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

ABSL_FLAG(std::string, csv, "", "the figure's data");
ABSL_FLAG(std::vector<std::string>, curve, {}, "columns constant on a curve");
ABSL_FLAG(std::vector<std::string>, point, {}, "columns of each point");
ABSL_FLAG(std::string, title, "", "one line for the terminal");
ABSL_FLAG(int, note_width, 100, "characters a line of the notes");
ABSL_FLAG(std::string, out, "", "the outputs' common prefix");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Reads a figure's CSV file for gnuplot and for the terminal.",
    "--csv=F --curve=NAME:TYPE,... --point=NAME:TYPE,... --title=TEXT "
    "--out=OUT_PREFIX [--note_width=N]"};

absl::Status Run() {
  ASSIGN_OR_RETURN(
      const PlotSchema schema,
      ParsePlotSchema(absl::GetFlag(FLAGS_curve), absl::GetFlag(FLAGS_point)));
  const std::string csv = absl::GetFlag(FLAGS_csv);
  ASSIGN_OR_RETURN(const std::string text, ReadFile(csv));
  ASSIGN_OR_RETURN(const PlotData data, ParsePlotData(text, schema, csv));
  const std::string out = absl::GetFlag(FLAGS_out);
  RETURN_IF_ERROR(WriteFileAtomically(
      out + ".definitions.gp",
      GnuplotDefinitions(schema, data, absl::GetFlag(FLAGS_note_width))));
  return WriteFileAtomically(
      out + ".txt", DescribeFigure(absl::GetFlag(FLAGS_title), data));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Run);
}
