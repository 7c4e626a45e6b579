// Writes a family's spec, of a protocol; or one cell's, or one optimum's, part
// of a family's spec.
//
//   expand_spec --spec=small.textproto --name=a9a
//       --dataset=data/specs/a9a.textproto --out=F
//   expand_spec --spec=a9a_family.textproto --method=adagrad --batch_size=64
//       --out=F
//   expand_spec --spec=a9a_family.textproto --optimum=paper --out=F
//
// A cell may search --grid instead of its family's; or be evaluated afresh: --like,
// a result of it, gives the one grid point that is run, the selected one, with
// --seeds that it was not selected on, as a part of another family, --family.

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "data/dataset_spec.h"
#include "experiments/result.pb.h"
#include "experiments/result_file.h"
#include "experiments/spec.pb.h"
#include "experiments/spec_validation.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

ABSL_FLAG(std::string, spec, "",
          "the family, or the protocol, an ExperimentSpec in text form");
ABSL_FLAG(std::string, name, "", "the family's, to make it of a protocol");
ABSL_FLAG(std::string, dataset, "", "the family's, a DatasetSpec in text form");
ABSL_FLAG(bool, added, false,
          "the data set is none of the paper's: nothing that the protocol has "
          "because of these");
ABSL_FLAG(std::string, method, "", "the cell's method");
ABSL_FLAG(int64_t, batch_size, 0, "the cell's batch size");
ABSL_FLAG(std::string, optimum, "", "an optimum's role, instead of a cell");
ABSL_FLAG(std::string, grid, "", "the cell's, a Grid in text form");
ABSL_FLAG(std::string, like, "",
          "an ExperimentResult of the cell, whose selected grid point is run");
ABSL_FLAG(std::vector<std::string>, seeds, {}, "with --like: of its runs");
ABSL_FLAG(std::string, family, "", "with --like: the family's name");
ABSL_FLAG(std::string, out, "", "where to write the expanded spec");

namespace anisograd {
namespace {

constexpr ProgramUsage kUsage = {
    "Writes a family's spec, of a protocol; or one cell's, or one optimum's, "
    "part of a family's spec.",
    "--spec=F.textproto --out=OUT.textproto [--name=NAME "
    "--dataset=DATASET.textproto [--added] | --method=NAME --batch_size=M "
    "[--grid=GRID.textproto | --like=F.result.pb [--seeds=A,B --family=NAME]] | "
    "--optimum=ROLE]"};

// Replaces seeds and grid of `cell` by --seeds and the point that --like selected.
absl::Status EvaluateAfresh(const std::string& path, ExperimentSpec* cell) {
  ASSIGN_OR_RETURN(const ExperimentResult like, ReadResult(path));
  if (like.spec_digest() != SpecDigest(*cell)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": spec: not that of the cell"));
  }
  if (!like.has_selected()) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": selected: every grid point exploded"));
  }
  const std::string name = absl::GetFlag(FLAGS_family);
  if (!IsTargetName(name)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--family: must be letters, digits, '_' and '-', got \"",
                     name, "\""));
  }
  cell->set_name(name);
  cell->clear_grid();
  cell->mutable_grid()->add_learning_rate(like.selected().learning_rate());
  *cell->mutable_grid()->add_schedule() = like.selected().schedule();
  cell->clear_seed();
  for (const std::string& text : absl::GetFlag(FLAGS_seeds)) {
    uint64_t seed;
    if (!absl::SimpleAtoi(text, &seed)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--seeds: \"", text, "\" is not a number"));
    }
    if (std::count(like.spec().seed().begin(), like.spec().seed().end(),
                   seed) > 0) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--seeds: ", seed, " is among those that ", path, " selected by"));
    }
    if (std::count(cell->seed().begin(), cell->seed().end(), seed) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--seeds: ", seed, " stands twice"));
    }
    cell->add_seed(seed);
  }
  if (cell->seed().empty()) {
    return absl::InvalidArgumentError("--seeds is required with --like");
  }
  return InFile(ValidateExperiment(*cell), path);
}

// Flags of one kind of part are errors with another.
absl::Status CheckFlags() {
  if (IsGiven("name")) {
    if (!IsGiven("dataset")) {
      return absl::InvalidArgumentError("--dataset is required with --name");
    }
    return RefuseFlags({"method", "batch_size", "optimum"},
                       "--name, which makes a whole family");
  }
  RETURN_IF_ERROR(RefuseFlags({"dataset"}, "a part of a family"));
  if (IsGiven("optimum")) {
    if (IsGiven("method")) {
      return absl::InvalidArgumentError(
          "--method, --optimum: give one of them");
    }
    return RefuseFlags({"batch_size"}, "--optimum");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExperimentSpec> Expand(const std::string& path) {
  RETURN_IF_ERROR(CheckFlags());
  const std::string name = absl::GetFlag(FLAGS_name);
  if (!name.empty()) {
    ASSIGN_OR_RETURN(const DatasetSpec dataset,
                     ReadDatasetSpec(absl::GetFlag(FLAGS_dataset)));
    ASSIGN_OR_RETURN(
        ExperimentSpec family,
        ReadFamily(path, name, dataset.name(), dataset.features()));
    if (absl::GetFlag(FLAGS_added)) {
      UseNothingOfThePapersData(dataset.features(),
                                {OptimumSpec::PAPER, OptimumSpec::EXACT},
                                &family);
    }
    return family;
  }
  ASSIGN_OR_RETURN(const ExperimentSpec family, ReadExperiment(path));
  const std::string role = absl::GetFlag(FLAGS_optimum);
  absl::StatusOr<ExperimentSpec> part =
      role.empty() ? ExpandCell(family, absl::GetFlag(FLAGS_method),
                                absl::GetFlag(FLAGS_batch_size))
                   : ExpandOptimum(family, role);
  if (!part.ok()) return InFile(part.status(), path);
  const std::string grid = absl::GetFlag(FLAGS_grid);
  if (!grid.empty()) {
    part->clear_grid();
    ASSIGN_OR_RETURN(const std::string text, ReadFile(grid));
    RETURN_IF_ERROR(ParseTextProto(text, grid, part->mutable_grid()));
    RETURN_IF_ERROR(AtField(ValidateGrid(part->grid(), ""), text, grid));
  }
  if (!absl::GetFlag(FLAGS_like).empty()) {
    RETURN_IF_ERROR(EvaluateAfresh(absl::GetFlag(FLAGS_like), &*part));
  }
  return part;
}

absl::Status WriteExpanded() {
  ASSIGN_OR_RETURN(const ExperimentSpec spec, Expand(absl::GetFlag(FLAGS_spec)));
  return WriteFileAtomically(
      absl::GetFlag(FLAGS_out),
      absl::StrCat("# proto-file: experiments/spec.proto\n"
                   "# proto-message: anisograd.ExperimentSpec\n\n",
                   ToTextProto(spec)));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::WriteExpanded);
}
