#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_RESULT_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_RESULT_H_

#include "absl/status/status.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"

namespace anisograd {

// OK where a result is one that a run of its spec may have written, so that
// readers need not look at sizes again: the spec is valid; every coordinate has
// its sample and tensor; every probe stands at its iteration and has the spec's
// radii and points along ascent in their order; every array has an element per
// coordinate, and all are finite; and losses and probes are as many as the spec
// asks for, or no more where the run exploded. Else InvalidArgument "FIELD:
// reason".
absl::Status ValidateSmoothnessResult(const Gpt2SmoothnessResult& result);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_RESULT_H_
