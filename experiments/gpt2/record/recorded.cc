#include "experiments/gpt2/record/recorded.h"

#include <cstddef>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/gpt2/smoothness/smoothness_result.h"
#include "experiments/gpt2/train/cell.h"
#include "experiments/spec_parts.h"
#include "google/protobuf/text_format.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// As in the names of targets and recorded files.
std::string Name(const Gpt2ExperimentSpec& cell) {
  return absl::StrCat(cell.name(), "_", cell.method(0).name(), "_m",
                      cell.batch_size(0));
}
std::string Name(const Gpt2SmoothnessSpec& spec) { return spec.name(); }

// What every kind of recorded result must say.
template <typename Result, typename Spec>
absl::Status CheckOrigin(const Result& result, const Spec& spec) {
  const std::string digest = SpecDigest(spec);
  if (result.spec_digest() != digest) {
    return BadField("spec_digest",
                    absl::StrCat("stale: recorded for spec ",
                                 result.spec_digest(), ", but that of ",
                                 Name(spec), " is now ", digest,
                                 "; run it again and record that, or delete "
                                 "the file"));
  }
  if (SpecDigest(result.spec()) != digest) {
    return BadField("spec", "is not the one that spec_digest is of");
  }
  if (result.device().empty()) return BadField("device", "must be set");
  if (result.source_revision().empty()) {
    return BadField("source_revision", "must be set");
  }
  if (result.dataset().digest().empty() || result.start().digest().empty()) {
    return BadField("digest", "of dataset and start must be set");
  }
  if (result.start().has_pretraining()) {
    if (!result.start().stand_in()) {
      return BadField("start.stand_in", "must be true of pre-trained weights");
    }
    if (result.start().pretraining().parameters_digest() !=
        result.start().digest()) {
      return BadField("parameters_digest", "is not the start's digest");
    }
  }
  return absl::OkStatus();
}

absl::Status CheckContents(const Gpt2Result& result,
                           const Gpt2ExperimentSpec& cell) {
  const std::vector<Gpt2Run> plan = PlanGpt2Runs(cell);
  const int runs = static_cast<int>(plan.size());
  if (result.run_size() != runs) {
    return BadField("run", absl::StrCat("has ", result.run_size(),
                                        " runs, the grid has ", runs));
  }
  for (int r = 0; r < runs; ++r) {
    if (!IsRunOf(plan[static_cast<size_t>(r)], result.run(r))) {
      return BadField(absl::StrCat("run[", r, "]"),
                      "is not of this learning rate, schedule and seed of the "
                      "grid");
    }
  }
  Gpt2Result again = result;
  SelectGpt2Runs(&again);
  if (SerializeDeterministically(again) != SerializeDeterministically(result)) {
    return BadField("selected", "is not what the runs give");
  }
  return absl::OkStatus();
}

absl::Status CheckContents(const Gpt2SmoothnessResult& result,
                           const Gpt2SmoothnessSpec&) {
  return ValidateSmoothnessResult(result);
}

template <typename Result, typename Spec>
absl::Status Check(const Result& result, const Spec& spec) {
  RETURN_IF_ERROR(CheckOrigin(result, spec));
  return CheckContents(result, spec);
}

template <typename Result, typename Spec>
absl::StatusOr<Result> Read(const std::string& path, const Spec& spec) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  Result result;
  RETURN_IF_ERROR(ParseTextProto(text, path, &result));
  const absl::Status status = Check(result, spec);
  if (!status.ok()) {
    return absl::FailedPreconditionError(
        AtField(status, text, path).message());
  }
  return result;
}

template <typename Result, typename Spec>
absl::StatusOr<std::string> Text(const Result& result, const Spec& spec,
                                 absl::string_view proto_file) {
  const absl::Status status = Check(result, spec);
  if (!status.ok()) return absl::FailedPreconditionError(status.message());
  // Lists on one line: a number a line would make the files twice as long.
  google::protobuf::TextFormat::Printer printer;
  printer.SetUseShortRepeatedPrimitives(true);
  std::string text;
  printer.PrintToString(result, &text);
  return absl::StrCat("# proto-file: ", proto_file, "\n# proto-message: ",
                      result.GetDescriptor()->full_name(), "\n\n", text);
}

}  // namespace

absl::StatusOr<Gpt2Result> ReadRecordedResult(const std::string& path,
                                              const Gpt2ExperimentSpec& cell) {
  return Read<Gpt2Result>(path, cell);
}

absl::StatusOr<Gpt2SmoothnessResult> ReadRecordedResult(
    const std::string& path, const Gpt2SmoothnessSpec& spec) {
  return Read<Gpt2SmoothnessResult>(path, spec);
}

absl::Status CheckRecordedData(const TokenRecord& recorded,
                               const TokenFile& tokens) {
  // Where the official data cannot be had, what was recorded on them stays.
  const bool cannot_be_had = tokens.info.stand_in && !recorded.stand_in();
  if (cannot_be_had || recorded.digest() == tokens.digest) {
    return absl::OkStatus();
  }
  return absl::FailedPreconditionError(absl::StrCat(
      "dataset.digest: stale: recorded on ", recorded.digest(), ", but that of ",
      tokens.info.name, " is now ", tokens.digest,
      "; run it again and record that, or delete the file"));
}

absl::Status CheckRecordedIsOfficial(const TokenRecord& dataset,
                                     const StartRecord& start) {
  const auto refused = [](absl::string_view field, absl::string_view note) {
    return absl::FailedPreconditionError(absl::StrCat(
        field, ".stand_in: recorded of a stand-in (", note,
        "), and --//data:require_official refuses that"));
  };
  if (dataset.stand_in()) return refused("dataset", dataset.note());
  if (start.stand_in()) return refused("start", start.note());
  return absl::OkStatus();
}

absl::StatusOr<std::string> RecordedText(const Gpt2Result& result,
                                         const Gpt2ExperimentSpec& cell) {
  return Text(result, cell, "experiments/gpt2/spec/result.proto");
}

absl::StatusOr<std::string> RecordedText(const Gpt2SmoothnessResult& result,
                                         const Gpt2SmoothnessSpec& spec) {
  return Text(result, spec, "experiments/gpt2/smoothness/smoothness.proto");
}

}  // namespace anisograd
