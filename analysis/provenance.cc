#include "analysis/provenance.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace anisograd {

std::string NameOf(const ExperimentResult& result) {
  if (!result.target().empty()) return result.target();
  const ExperimentSpec& spec = result.spec();
  return absl::StrCat(
      spec.name(), " ", spec.method_size() == 1 ? spec.method(0).name() : "?",
      " at batch size ",
      spec.batch_size_size() == 1 ? absl::StrCat(spec.batch_size(0)) : "?");
}

std::string ScaleNote(const std::string& reduced, const StartRecord& start,
                      const TokenRecord& dataset) {
  std::vector<std::string> parts;
  if (!reduced.empty()) parts.push_back(reduced);
  if (start.stand_in()) parts.push_back(start.note());
  if (dataset.stand_in()) parts.push_back(dataset.note());
  return absl::StrJoin(parts, "; ");
}

std::string StartNote(const StartRecord& start) {
  if (start.stand_in() || start.note().empty()) return "";
  return absl::StrCat("start: ", start.note());
}

std::string RecordedNote(const std::string& device,
                         const std::string& source_revision) {
  if (source_revision.empty()) return "";
  return absl::StrCat("recorded on ", device);
}

std::string ApartEvidence(bool reduced, bool holds,
                          const std::string& evidence) {
  return absl::StrCat(reduced ? "at reduced scale: "
                              : "with a stand-in, not the paper's experiment: ",
                      holds ? "holds: " : "fails: ", evidence);
}

}  // namespace anisograd
