#ifndef ANALYSIS_PROVENANCE_H_
#define ANALYSIS_PROVENANCE_H_

#include <algorithm>
#include <string>
#include <vector>

#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/result.pb.h"

namespace anisograd {

// What a message calls a result of one cell: its target, or, of one that was trained
// by hand without --target, "a4a sgd at batch size 64".
std::string NameOf(const ExperimentResult& result);

// What results of GPT-2 must say about themselves wherever they are shown.

// What is reduced or stands in, in one line, from the spec's `reduced` and the
// notes of stand-ins; empty at full scale on official data from the official
// weights.
std::string ScaleNote(const std::string& reduced, const StartRecord& start,
                      const TokenRecord& dataset);

// "start: NOTE", what training started from; empty where it is a stand-in,
// which ScaleNote has.
std::string StartNote(const StartRecord& start);

// "recorded on DEVICE", or empty for a result of this machine, which has no
// source revision.
std::string RecordedNote(const std::string& device,
                         const std::string& source_revision);

// `evidence` of what has a ScaleNote, preceded by what it is and whether the
// claim holds there: "at reduced scale: holds: ...". The paper's sentences are
// about GPT-2 124M, from its official weights, on all of Alpaca, so that such a
// claim is kNotTested. `reduced`: whether anything is, and not only a stand-in.
std::string ApartEvidence(bool reduced, bool holds,
                          const std::string& evidence);

// Appends `value` where it is not among `values`.
template <typename T>
void AddOnce(const T& value, std::vector<T>* values) {
  if (std::find(values->begin(), values->end(), value) == values->end()) {
    values->push_back(value);
  }
}

// Ascending, each once.
template <typename T>
std::vector<T> SortedOnce(std::vector<T> values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
  return values;
}

}  // namespace anisograd

#endif  // ANALYSIS_PROVENANCE_H_
