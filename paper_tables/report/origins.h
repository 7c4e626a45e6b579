#ifndef PAPER_TABLES_REPORT_ORIGINS_H_
#define PAPER_TABLES_REPORT_ORIGINS_H_

#include <string>

#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/result.pb.h"
#include "nlohmann/json.hpp"

namespace anisograd {

// What the report page says of one result when a number's cell is opened.
struct Origin {
  // Label of the target, by which the report's rows refer to it.
  std::string target;
  // Those of these that the result has:
  //   spec      its spec, as text
  //   readings  [[field, value], ...] of the spec's messages, those that are read
  //             in one way among several included
  //   facts     [[field, value], ...] of the result itself
  //   data      [[field, value], ...] of its data set
  //   seeds     [[seed, value], ...] of the selected runs
  //   seed_unit what the values are
  //   outcomes  [[what, count], ...]
  //   selected  the selected grid point, in words
  //   series    {"x", "y", "points": [[x, y], ...]}, a curve
  //   curve     {"family", "batch_size", "method"}, by which a figure's data have it
  nlohmann::json json = nlohmann::json::object();
  // For the list of inputs.
  std::string dataset, data_digest, data_note;
  // The device of a recorded result, or empty.
  std::string recorded_on;
};

Origin MakeOrigin(const ExperimentResult& result);
Origin MakeOrigin(const ConstantsResult& result);
Origin MakeOrigin(const Gpt2Result& result);
Origin MakeOrigin(const Gpt2SmoothnessResult& result);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_ORIGINS_H_
