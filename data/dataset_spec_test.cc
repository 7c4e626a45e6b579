#include "data/dataset_spec.h"

#include <filesystem>
#include <functional>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

TEST(DatasetSpec, EverySpecInTheTreeIsValid) {
  int specs = 0;
  for (const auto& file : std::filesystem::directory_iterator("data/specs")) {
    ASSERT_OK_AND_ASSIGN(const DatasetSpec spec,
                         ReadDatasetSpec(file.path().string()));
    EXPECT_EQ(spec.name(), file.path().stem().string());
    ++specs;
  }
  EXPECT_GE(specs, 5);
}

struct BadField {
  const char* field;
  std::function<void(DatasetSpec*)> spoil;
};

class BadDatasetSpec : public testing::TestWithParam<BadField> {};

TEST_P(BadDatasetSpec, IsRefusedByName) {
  ASSERT_OK_AND_ASSIGN(DatasetSpec spec,
                       ReadDatasetSpec("data/specs/a9a.textproto"));
  GetParam().spoil(&spec);
  const absl::Status status = ValidateDataset(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadDatasetSpec,
    testing::Values(
        BadField{"name: ", [](DatasetSpec* s) { s->clear_name(); }},
        BadField{"compression: ",
                 [](DatasetSpec* s) { s->clear_compression(); }},
        BadField{"rows: ", [](DatasetSpec* s) { s->set_rows(-1); }},
        BadField{"features: ", [](DatasetSpec* s) { s->set_features(0); }},
        BadField{"mean_nonzeros: ",
                 [](DatasetSpec* s) { s->set_mean_nonzeros(100); }},
        BadField{"positive_label: ",
                 [](DatasetSpec* s) { s->clear_positive_label(); }},
        BadField{"negative_label: ",
                 [](DatasetSpec* s) { s->clear_negative_label(); }},
        BadField{"synthetic.power_law_exponent: ",
                 [](DatasetSpec* s) {
                   s->mutable_synthetic()->set_power_law_exponent(-1);
                 }},
        BadField{"synthetic.values: ",
                 [](DatasetSpec* s) {
                   s->mutable_synthetic()->clear_values();
                 }},
        BadField{"synthetic.label_noise: ", [](DatasetSpec* s) {
                   s->mutable_synthetic()->set_label_noise(-0.5);
                 }}));

TEST(DatasetSpec, ErrorsNameFileLineAndField) {
  const std::string path = testing::TempDir() + "/bad.textproto";
  ASSERT_OK(WriteFileAtomically(
      path, "name: \"x\"\ncompression: NONE\n\nrows: 0\n"));
  EXPECT_EQ(ReadDatasetSpec(path).status().message(),
            path + ":4: rows: must be in 1 .. 2^31, got 0");
  ASSERT_OK(WriteFileAtomically(path, "name: \"x\"\nrowz: 1\n"));
  EXPECT_THAT(std::string(ReadDatasetSpec(path).status().message()),
              HasSubstr(path + ":2:"));
}

}  // namespace
}  // namespace anisograd
