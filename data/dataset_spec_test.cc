#include "data/dataset_spec.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

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

// With a stand-in of the plain kind.
DatasetSpec Plain() {
  DatasetSpec spec;
  spec.set_name("x");
  spec.set_rows(10);
  spec.set_features(100);
  spec.set_mean_nonzeros(7.5);
  spec.add_positive_label("1");
  spec.add_negative_label("-1");
  spec.mutable_synthetic()->set_values(SyntheticSpec::BINARY);
  return spec;
}

// With groups "a", features 1 and 2, and "b", feature 3, given a.
DatasetSpec Categorical() {
  DatasetSpec spec = Plain();
  SyntheticSpec* synthetic = spec.mutable_synthetic();
  synthetic->clear_values();
  const std::string text = R"(
      group { name: "a" first_feature: 1 score: [0, 1]
              given { count: [0, 1, 2] } }
      group { name: "b" first_feature: 3 score: 2 parent: "a"
              given {} given { count: [1, 2] } given { count: [1, 0] } })";
  EXPECT_OK(ParseTextProto(text, "b", synthetic->mutable_categorical()));
  return spec;
}

// With rcv1's stand-in.
DatasetSpec Text() {
  auto spec = ReadDatasetSpec("data/specs/rcv1.textproto");
  EXPECT_TRUE(spec.ok()) << spec.status();
  return *std::move(spec);
}

TEST(DatasetSpec, LabelsOfOneClass) {
  DatasetSpec spec = Plain();
  spec.add_negative_label("");
  EXPECT_EQ(ValidateDataset(spec).message(),
            "negative_label[1]: must not be empty");
  for (const char* label : {"1", "+1", "1.0"}) {
    spec.set_negative_label(1, label);
    EXPECT_EQ(ValidateDataset(spec).message(),
              absl::StrCat("negative_label[1]: \"", label,
                           "\" is a positive_label too"));
  }
  spec.set_negative_label(1, "one");
  EXPECT_OK(ValidateDataset(spec));
}

// Dense data has no stand-in of the plain kind, and needs none.
TEST(DatasetSpec, SyntheticIsOptionalAndItsLimitsAreItsOwn) {
  DatasetSpec spec = Plain();
  EXPECT_OK(ValidateDataset(spec));
  spec.set_mean_nonzeros(100);
  EXPECT_FALSE(ValidateDataset(spec).ok());
  spec.clear_synthetic();
  EXPECT_OK(ValidateDataset(spec));
  spec = Categorical();
  spec.set_mean_nonzeros(100);
  EXPECT_OK(ValidateDataset(spec));
}

TEST_P(BadDatasetSpec, IsRefusedByName) {
  const std::string field = GetParam().field;
  DatasetSpec spec = field.find(".text.") != field.npos          ? Text()
                     : field.find(".categorical.") != field.npos ? Categorical()
                                                                  : Plain();
  ASSERT_OK(ValidateDataset(spec));
  GetParam().spoil(&spec);
  const absl::Status status = ValidateDataset(spec);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BadDatasetSpec,
    testing::Values(
        BadField{"name: ", [](DatasetSpec* s) { s->clear_name(); }},
        BadField{"rows: ", [](DatasetSpec* s) { s->set_rows(-1); }},
        BadField{"features: ", [](DatasetSpec* s) { s->set_features(0); }},
        BadField{"mean_nonzeros: ",
                 [](DatasetSpec* s) { s->set_mean_nonzeros(50.5); }},
        BadField{"mean_nonzeros: ",
                 [](DatasetSpec* s) {
                   s->clear_synthetic();
                   s->set_mean_nonzeros(100.5);
                 }},
        BadField{"mean_nonzeros: ",
                 [](DatasetSpec* s) { s->set_mean_nonzeros(0.5); }},
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
                 }},
        BadField{"synthetic: power_law_exponent, values",
                 [](DatasetSpec* s) {
                   s->mutable_synthetic()->mutable_text();
                 }}));

CategoricalSpec::Group* GroupB(DatasetSpec* s) {
  return s->mutable_synthetic()->mutable_categorical()->mutable_group(1);
}
TextSpec* TextOf(DatasetSpec* s) {
  return s->mutable_synthetic()->mutable_text();
}

INSTANTIATE_TEST_SUITE_P(
    Categorical, BadDatasetSpec,
    testing::Values(
        BadField{"synthetic.categorical.group: ",
                 [](DatasetSpec* s) {
                   s->mutable_synthetic()
                       ->mutable_categorical()
                       ->clear_group();
                 }},
        BadField{"synthetic.categorical.intercept: ",
                 [](DatasetSpec* s) {
                   s->mutable_synthetic()
                       ->mutable_categorical()
                       ->set_intercept(std::nan(""));
                 }},
        BadField{"synthetic.categorical.group[1].score: ",
                 [](DatasetSpec* s) { GroupB(s)->clear_score(); }},
        BadField{"synthetic.categorical.group[1].score: ",
                 [](DatasetSpec* s) { GroupB(s)->set_score(0, HUGE_VAL); }},
        BadField{"synthetic.categorical.group[1].first_feature: ",
                 [](DatasetSpec* s) { GroupB(s)->set_first_feature(2); }},
        BadField{"synthetic.categorical.group[1].first_feature: ",
                 [](DatasetSpec* s) { GroupB(s)->set_first_feature(101); }},
        BadField{"synthetic.categorical.group[1].first_feature: ",
                 [](DatasetSpec* s) { GroupB(s)->clear_first_feature(); }},
        BadField{"synthetic.categorical.group[1].parent: ",
                 [](DatasetSpec* s) { GroupB(s)->set_parent("b"); }},
        BadField{"synthetic.categorical.group[1].given: must be there 1",
                 [](DatasetSpec* s) { GroupB(s)->clear_parent(); }},
        BadField{"synthetic.categorical.group[1].given[2]: must",
                 [](DatasetSpec* s) {
                   GroupB(s)->mutable_given(2)->clear_count();
                 }},
        BadField{"synthetic.categorical.group[1].given[2]: must",
                 [](DatasetSpec* s) {
                   GroupB(s)->mutable_given(2)->set_count(0, 0.0);
                 }},
        BadField{"synthetic.categorical.group[1].given[2].count: ",
                 [](DatasetSpec* s) {
                   GroupB(s)->mutable_given(2)->set_count(0, -1.0);
                 }},
        BadField{"synthetic.categorical.group[1].name: ",
                 [](DatasetSpec* s) { GroupB(s)->set_name("a"); }}));

INSTANTIATE_TEST_SUITE_P(
    Text, BadDatasetSpec,
    testing::Values(
        BadField{"synthetic.text.frequency_exponent: ",
                 [](DatasetSpec* s) {
                   TextOf(s)->set_frequency_exponent(-1);
                 }},
        BadField{"synthetic.text.frequency_offset: ",
                 [](DatasetSpec* s) {
                   TextOf(s)->set_frequency_offset(HUGE_VAL);
                 }},
        BadField{"synthetic.text.length_deviation: ",
                 [](DatasetSpec* s) { TextOf(s)->set_length_deviation(4); }},
        BadField{"synthetic.text.repeat: ",
                 [](DatasetSpec* s) { TextOf(s)->set_repeat(1); }},
        BadField{"synthetic.text.topics: ",
                 [](DatasetSpec* s) { TextOf(s)->clear_topics(); }},
        BadField{"synthetic.text.class_deviation: ",
                 [](DatasetSpec* s) { TextOf(s)->set_class_deviation(6); }},
        BadField{"synthetic.text.topic_deviation: ",
                 [](DatasetSpec* s) { TextOf(s)->set_topic_deviation(-1); }},
        BadField{"synthetic.text.stray_most: ",
                 [](DatasetSpec* s) {
                   TextOf(s)->set_stray_most(std::nan(""));
                 }},
        BadField{"synthetic.text.stray_power: ", [](DatasetSpec* s) {
                   TextOf(s)->set_stray_power(0);
                 }}));

TEST(DatasetSpec, ErrorsNameFileLineAndField) {
  const std::string path = testing::TempDir() + "/bad.textproto";
  ASSERT_OK(WriteFileAtomically(
      path, "name: \"x\"\nfeatures: 1\n\nrows: 0\n"));
  EXPECT_EQ(ReadDatasetSpec(path).status().message(),
            path + ":4: rows: must be in 1 .. 2^31, got 0");
  DatasetSpec spec = Categorical();
  GroupB(&spec)->set_parent("c");
  const std::string text = ToTextProto(spec);
  ASSERT_OK(WriteFileAtomically(path, text));
  const auto line = 1 + std::count(text.begin(),
                                   text.begin() + text.find("parent: "), '\n');
  EXPECT_EQ(ReadDatasetSpec(path).status().message(),
            absl::StrCat(path, ":", line,
                         ": synthetic.categorical.group[1].parent: no earlier "
                         "group is named c"));
  ASSERT_OK(WriteFileAtomically(path, "name: \"x\"\nrowz: 1\n"));
  EXPECT_THAT(std::string(ReadDatasetSpec(path).status().message()),
              HasSubstr(path + ":2:"));
}

// The least and the most of each number that is valid.
TEST(DatasetSpec, WhereNumbersBeginAndEnd) {
  DatasetSpec spec = Plain();
  spec.clear_synthetic();
  spec.set_mean_nonzeros(1);
  const int64_t most = int64_t{1} << 31;
  for (const int64_t n : {int64_t{1}, most}) {
    spec.set_rows(n);
    spec.set_features(n);
    EXPECT_OK(ValidateDataset(spec));
  }
  for (const int64_t n : {int64_t{0}, most + 1}) {
    spec.set_rows(n);
    EXPECT_THAT(std::string(ValidateDataset(spec).message()),
                HasSubstr("rows: "));
    spec.set_rows(1);
    spec.set_features(n);
    EXPECT_THAT(std::string(ValidateDataset(spec).message()),
                HasSubstr("features: "));
    spec.set_features(1);
  }
}

}  // namespace
}  // namespace anisograd
