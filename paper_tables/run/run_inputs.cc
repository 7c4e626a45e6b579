#include "paper_tables/run/run_inputs.h"

#include <map>
#include <tuple>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "analysis/provenance.h"
#include "experiments/gpt2/smoothness/smoothness.pb.h"
#include "experiments/gpt2/spec/result.pb.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

template <typename Message>
absl::StatusOr<std::vector<Message>> ReadAll(
    const std::vector<std::string>& paths) {
  std::vector<Message> messages;
  for (const std::string& path : paths) {
    RETURN_IF_ERROR(ReadBinaryProto(path, &messages.emplace_back()));
  }
  return messages;
}

// Tables and claims of such a file have no names of their own beside another's.
template <typename Message>
absl::StatusOr<std::optional<Message>> ReadAtMostOne(
    const std::vector<std::string>& paths) {
  if (paths.size() > 1) {
    return absl::InvalidArgumentError(absl::StrCat(
        paths[1], ": beside ", paths[0], ": a run has one of these"));
  }
  ASSIGN_OR_RETURN(const std::vector<Message> messages,
                   ReadAll<Message>(paths));
  if (messages.empty()) return std::optional<Message>();
  return std::optional<Message>(messages[0]);
}

// Each cell's file, so that a second one is refused.
class CellFiles {
 public:
  absl::Status Add(const ExperimentResult& cell, const std::string& path) {
    const ExperimentSpec& spec = cell.spec();
    const auto [at, is_new] = path_of_.insert(
        {{spec.name(), spec.method(0).name(), spec.batch_size(0)}, path});
    if (is_new) return absl::OkStatus();
    return absl::InvalidArgumentError(absl::StrCat(
        path, ": ", spec.name(), " ", spec.method(0).name(), " at batch size ",
        spec.batch_size(0), " stands twice, in ", at->second, " too"));
  }

 private:
  std::map<std::tuple<std::string, std::string, int64_t>, std::string> path_of_;
};

absl::Status AddFamily(const std::vector<ExperimentResult>& cells,
                       const ConstantsResult& constants,
                       const std::vector<ExperimentResult>& fresh,
                       const Published& published, RunInputs* inputs) {
  ASSIGN_OR_RETURN(ConvexQuantities quantities,
                   ComputeConvexQuantities(cells, constants));
  quantities.in_paper = published.HasDataset(quantities.label());
  if (quantities.in_paper) {
    inputs->families.push_back({cells, {}, constants});
    for (const ExperimentResult& cell : fresh) {
      if (cell.dataset().name() == constants.dataset().name()) {
        inputs->families.back().fresh.push_back(cell);
      }
    }
  }
  inputs->datasets.push_back(std::move(quantities));
  return absl::OkStatus();
}

absl::Status ReadFamilies(const RunFiles& files, const Published& published,
                          RunInputs* inputs) {
  std::vector<std::string> families;
  std::map<std::string, std::vector<ExperimentResult>> by_family;
  CellFiles cells, fresh_cells;
  for (const std::string& path : files.results) {
    ASSIGN_OR_RETURN(ExperimentResult result, ReadResult(path));
    RETURN_IF_ERROR(cells.Add(result, path));
    AddOnce(result.spec().name(), &families);
    by_family[result.spec().name()].push_back(std::move(result));
  }
  std::vector<ExperimentResult> fresh;
  for (const std::string& path : files.fresh) {
    ASSIGN_OR_RETURN(fresh.emplace_back(), ReadResult(path));
    RETURN_IF_ERROR(fresh_cells.Add(fresh.back(), path));
  }
  std::map<std::string, std::string> path_of_constants;
  for (const std::string& path : files.constants) {
    ConstantsResult constants;
    RETURN_IF_ERROR(ReadBinaryProto(path, &constants));
    const std::string& name = constants.dataset().name();
    const auto error = [&](const std::string& what) {
      return absl::InvalidArgumentError(
          absl::StrCat(path, ": dataset.name: \"", name, "\" ", what));
    };
    const auto [other, is_new] = path_of_constants.emplace(name, path);
    if (!is_new) return error(absl::StrCat("is that of ", other->second, " too"));
    bool any = false;
    for (const std::string& family : families) {
      const auto at = by_family.find(family);
      if (at == by_family.end() || at->second[0].dataset().name() != name) {
        continue;
      }
      RETURN_IF_ERROR(
          AddFamily(at->second, constants, fresh, published, inputs));
      any = true;
      by_family.erase(at);
    }
    if (!any) return error("has no results");
  }
  if (!by_family.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--constants: none for ", by_family.begin()->first));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<RunInputs> ReadRunInputs(const RunFiles& files,
                                        const Published& published) {
  RunInputs inputs;
  RETURN_IF_ERROR(ReadFamilies(files, published, &inputs));
  ASSIGN_OR_RETURN(const std::vector<Gpt2Result> fine_tuning,
                   ReadAll<Gpt2Result>(files.fine_tuning));
  ASSIGN_OR_RETURN(inputs.fine_tuning,
                   ComputeFineTuningQuantities(fine_tuning));
  ASSIGN_OR_RETURN(const std::optional<Gpt2SmoothnessResult> smoothness,
                   ReadAtMostOne<Gpt2SmoothnessResult>(files.smoothness));
  if (smoothness) {
    ASSIGN_OR_RETURN(inputs.smoothness,
                     ComputeGeneralizedSmoothness(*smoothness));
  }
  ASSIGN_OR_RETURN(inputs.measured, ReadAll<ProblemConstants>(files.measured));
  ASSIGN_OR_RETURN(inputs.held_out,
                   ReadAtMostOne<HeldOutResult>(files.held_out));
  ASSIGN_OR_RETURN(inputs.curvature,
                   ReadAll<Gpt2CurvatureResult>(files.curvature));
  ASSIGN_OR_RETURN(inputs.theory, ReadAll<CellBounds>(files.theory));
  ASSIGN_OR_RETURN(inputs.adversary,
                   ReadAtMostOne<AdversaryRecord>(files.adversary));
  ASSIGN_OR_RETURN(inputs.tails, ReadAll<TailRecord>(files.tails));
  return inputs;
}

}  // namespace anisograd
