#ifndef EXPERIMENTS_SPEC_VALIDATION_H_
#define EXPERIMENTS_SPEC_VALIDATION_H_

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "experiments/spec.pb.h"
#include "experiments/spec_parts.h"

namespace anisograd {

// OK, or InvalidArgument "FIELD: reason" for the first bad field, the field as
// a path into the message: "logistic.epochs", "grid.learning_rate[2]".
absl::Status ValidateExperiment(const ExperimentSpec& spec);

// Reads, parses and validates the spec at `path`. Errors name file, line and
// field.
absl::StatusOr<ExperimentSpec> ReadExperiment(const std::string& path);

// Makes a family of the protocol at `path`: a spec without name and data set,
// whose initial_radius is divided by the data set's features where it asks for
// that. Errors as above.
absl::StatusOr<ExperimentSpec> ReadFamily(const std::string& path,
                                          const std::string& name,
                                          const std::string& dataset,
                                          int64_t features);

// Takes out of a family what its protocol has because of the paper's data: the
// general rule says when a run counts as exploded, and the optima, now those of
// `roles`, are solved for by what converges on any data, Newton's method or, in many
// dimensions, L-BFGS.
void UseNothingOfThePapersData(
    int64_t features, std::initializer_list<OptimumSpec::Role> roles,
    ExperimentSpec* family);

// The part of a family that its optimum of a role ("paper", "exact") depends
// on: no methods, batch sizes, grid, seeds. InvalidArgument where there is
// none.
absl::StatusOr<ExperimentSpec> ExpandOptimum(const ExperimentSpec& family,
                                             absl::string_view role);

}  // namespace anisograd

#endif  // EXPERIMENTS_SPEC_VALIDATION_H_
