// Every textproto of this folder and those below it: of a known type, valid,
// and what it is expanded to as well.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "experiments/gpt2/record/recorded.h"
#include "experiments/gpt2/smoothness/smoothness_spec.h"
#include "experiments/gpt2/spec/experiment_spec.h"
#include "experiments/gpt2/start/pretrained_weights.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

constexpr char kFolder[] = "experiments/gpt2";

std::vector<std::string> Textprotos() {
  std::vector<std::string> paths;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(kFolder)) {
    if (entry.path().extension() == ".textproto") {
      paths.push_back(entry.path().string());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

// What the file says it is.
std::string MessageName(const std::string& path) {
  const std::string text = ReadFile(path).value();
  for (absl::string_view line : absl::StrSplit(text, '\n')) {
    if (absl::ConsumePrefix(&line, "# proto-message: ")) {
      return std::string(line);
    }
  }
  return "nothing";
}

std::string SpecOf(const std::string& name) {
  return absl::StrCat(kFolder, "/", name, ".textproto");
}

absl::Status CheckExperiment(const std::string& path) {
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec family, ReadGpt2Experiment(path));
  EXPECT_EQ(SpecOf(family.name()), path);
  for (const Method& method : family.method()) {
    for (const int64_t batch_size : family.batch_size()) {
      ASSIGN_OR_RETURN(const Gpt2ExperimentSpec cell,
                       ExpandCell(family, method.name(), batch_size));
      RETURN_IF_ERROR(ValidateGpt2Experiment(cell));
    }
  }
  return absl::OkStatus();
}

absl::Status CheckSmoothness(const std::string& path) {
  ASSIGN_OR_RETURN(const Gpt2SmoothnessSpec spec, ReadGpt2Smoothness(path));
  EXPECT_EQ(SpecOf(spec.name()), path);
  return absl::OkStatus();
}

// Recorded, of the specs as they stand.
absl::Status CheckResult(const std::string& path) {
  Gpt2Result result;
  RETURN_IF_ERROR(ReadTextProto(path, &result));
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec family,
                   ReadGpt2Experiment(SpecOf(result.spec().name())));
  if (result.spec().method_size() != 1 ||
      result.spec().batch_size_size() != 1) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not of a cell"));
  }
  ASSIGN_OR_RETURN(const Gpt2ExperimentSpec cell,
                   ExpandCell(family, result.spec().method(0).name(),
                              result.spec().batch_size(0)));
  return ReadRecordedResult(path, cell).status();
}

absl::Status CheckSmoothnessResult(const std::string& path) {
  Gpt2SmoothnessResult result;
  RETURN_IF_ERROR(ReadTextProto(path, &result));
  ASSIGN_OR_RETURN(const Gpt2SmoothnessSpec spec,
                   ReadGpt2Smoothness(SpecOf(result.spec().name())));
  return ReadRecordedResult(path, spec).status();
}

// The weights that pretrain.textproto gives are of the model that wants them,
// and are those of one run.
TEST(Textprotos, PretrainedWeightsFitWhatStartsFromThem) {
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec pretrain,
                       ReadGpt2Experiment(SpecOf("pretrain")));
  EXPECT_OK(CheckSavesPretrainedWeights(pretrain));
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec alpaca,
                       ReadGpt2Experiment(SpecOf("alpaca")));
  EXPECT_EQ(alpaca.start().kind(), Gpt2Start::OFFICIAL_WEIGHTS);
  EXPECT_EQ(ToTextProto(pretrain.model()), ToTextProto(alpaca.model()));
  ASSERT_OK_AND_ASSIGN(const Gpt2SmoothnessSpec smoothness,
                       ReadGpt2Smoothness(SpecOf("smoothness_full")));
  EXPECT_EQ(smoothness.start().kind(), Gpt2Start::OFFICIAL_WEIGHTS);
}

// So do the reduced family's.
TEST(Textprotos, TheReducedFamilyStartsFromItsPretraining) {
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec pretrain,
                       ReadGpt2Experiment(SpecOf("alpaca_reduced_pretrain")));
  EXPECT_OK(CheckSavesPretrainedWeights(pretrain));
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec reduced,
                       ReadGpt2Experiment(SpecOf("alpaca_reduced")));
  EXPECT_EQ(reduced.start().kind(), Gpt2Start::PRETRAINED_WEIGHTS);
  EXPECT_EQ(ToTextProto(pretrain.model()), ToTextProto(reduced.model()));
}

// One family three times, but for what the readings are about.
TEST(Textprotos, ReadingsOfAlpacaDifferInTextAndMaskAlone) {
  ASSERT_OK_AND_ASSIGN(const Gpt2ExperimentSpec alpaca,
                       ReadGpt2Experiment(SpecOf("alpaca")));
  EXPECT_TRUE(alpaca.protocol().mask_prompt());
  for (const std::string name : {"alpaca_lmflow", "alpaca_unmasked"}) {
    ASSERT_OK_AND_ASSIGN(Gpt2ExperimentSpec reading,
                         ReadGpt2Experiment(SpecOf(name)));
    EXPECT_NE(reading.dataset(), alpaca.dataset());
    EXPECT_FALSE(reading.protocol().mask_prompt());
    reading.set_name(alpaca.name());
    reading.set_dataset(alpaca.dataset());
    reading.mutable_protocol()->set_mask_prompt(true);
    EXPECT_EQ(ToTextProto(reading), ToTextProto(alpaca));
  }
}

TEST(Textprotos, AreAllValid) {
  const std::map<std::string, std::function<absl::Status(const std::string&)>>
      checks = {
          {"anisograd.Gpt2ExperimentSpec", CheckExperiment},
          {"anisograd.Gpt2SmoothnessSpec", CheckSmoothness},
          {"anisograd.Gpt2Result", CheckResult},
          {"anisograd.Gpt2SmoothnessResult", CheckSmoothnessResult},
      };
  std::map<std::string, int> count;
  for (const std::string& path : Textprotos()) {
    const std::string name = MessageName(path);
    const auto check = checks.find(name);
    if (check == checks.end()) {
      ADD_FAILURE() << path << ": its \"# proto-message:\" names " << name
                    << ", which this test does not know";
      continue;
    }
    EXPECT_OK(check->second(path)) << path;
    ++count[name];
  }
  // The folder was there.
  EXPECT_GE(count["anisograd.Gpt2ExperimentSpec"], 2);
  EXPECT_GE(count["anisograd.Gpt2SmoothnessSpec"], 2);
}

}  // namespace
}  // namespace anisograd
