#include "data/synthetic_text.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "data/dataset_spec.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// rcv1's, with fewer rows.
DatasetSpec Rcv1() {
  auto spec = ReadDatasetSpec("data/specs/rcv1.textproto");
  EXPECT_TRUE(spec.ok()) << spec.status();
  spec->set_rows(4000);
  return *std::move(spec);
}

void ExpectValid(const CsrMatrix& m) {
  for (size_t i = 0; i < m.label.size(); ++i) {
    ASSERT_LT(m.row_start[i], m.row_start[i + 1]);
    double norm_squared = 0.0;
    for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
      ASSERT_GT(m.value[k], 0.0);
      ASSERT_LT(m.index[k], m.features);
      if (k > m.row_start[i]) {
        ASSERT_LT(m.index[k - 1], m.index[k]);
      }
      norm_squared += m.value[k] * m.value[k];
    }
    EXPECT_NEAR(norm_squared, 1.0, 1e-12);
  }
}

// What the documents that it was calibrated on have (docs/protocol.md): 75.1
// non-zeros, half of them at most 60; the most frequent features in shares of 0.43
// (1st), 0.11 (100th), 0.016 (1,000th) of the documents; 27,258 features occur in
// 20,242 of them; half of the documents are positive.
TEST(GenerateText, StandInOfRcv1IsLikeRealDocuments) {
  const DatasetSpec spec = Rcv1();
  const CsrMatrix m = GenerateText(spec);
  ExpectValid(m);
  const double rows = static_cast<double>(spec.rows());
  EXPECT_NEAR(static_cast<double>(m.index.size()) / rows, 75.1, 3.0);
  std::vector<double> share(spec.features());
  for (const uint32_t j : m.index) share[j] += 1.0 / rows;
  std::sort(share.rbegin(), share.rend());
  EXPECT_NEAR(share[0], 0.43, 0.15);
  EXPECT_NEAR(share[99], 0.11, 0.03);
  EXPECT_NEAR(share[999], 0.016, 0.004);
  std::vector<uint32_t> length;
  for (size_t i = 0; i < m.label.size(); ++i) {
    length.push_back(m.row_start[i + 1] - m.row_start[i]);
  }
  std::sort(length.begin(), length.end());
  EXPECT_NEAR(length[length.size() / 2], 60, 5);
  EXPECT_NEAR(std::count(m.label.begin(), m.label.end(), 1) / rows, 0.5, 0.03);
}

// The class means tell most documents apart, but not all.
TEST(GenerateText, LabelsGoWithTheWords) {
  const DatasetSpec spec = Rcv1();
  const CsrMatrix m = GenerateText(spec);
  std::vector<double> direction(spec.features());
  const auto score = [&](size_t i) {
    double dot = 0.0;
    for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
      dot += m.value[k] * direction[m.index[k]];
    }
    return dot;
  };
  for (size_t i = 0; i < 2000; ++i) {
    for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
      direction[m.index[k]] += m.label[i] * m.value[k] / 2000;
    }
  }
  double threshold = 0.0;
  for (size_t i = 0; i < 2000; ++i) threshold += score(i) / 2000;
  int right = 0;
  for (size_t i = 2000; i < 4000; ++i) {
    right += (score(i) > threshold) == (m.label[i] > 0);
  }
  EXPECT_GT(right, 1700);
  EXPECT_LT(right, 1990);
}

TEST(GenerateText, IsAFunctionOfTheSeed) {
  DatasetSpec spec = Rcv1();
  spec.set_rows(50);
  const CsrMatrix a = GenerateText(spec);
  EXPECT_EQ(GenerateText(spec).value, a.value);
  spec.mutable_synthetic()->set_seed(8);
  EXPECT_NE(GenerateText(spec).index, a.index);
}

// Every parameter at both ends of what is valid: it ends, and rows are valid.
TEST(GenerateText, EndsAtTheExtremes) {
  for (const double exponent : {0.0, 1e300}) {
    for (const double mean : {1.0, 10.0}) {
      for (const double deviation : {0.0, 5.0}) {
        for (const double most : {0.0, 1.0}) {
          DatasetSpec spec;
          spec.set_name("extreme");
          spec.set_rows(20);
          spec.set_features(20);
          spec.set_mean_nonzeros(mean);
          spec.add_positive_label("1");
          spec.add_negative_label("-1");
          TextSpec* text = spec.mutable_synthetic()->mutable_text();
          text->set_frequency_exponent(exponent);
          text->set_frequency_offset(1.0 - most);
          text->set_length_deviation(0.6 * deviation);
          text->set_repeat(0.95 * most);
          text->set_topics(most > 0.0 ? 64 : 1);
          text->set_class_deviation(deviation);
          text->set_topic_deviation(deviation);
          text->set_stray_most(most);
          text->set_stray_power(most > 0.0 ? 1e300 : 1e-300);
          ASSERT_OK(ValidateDataset(spec));
          ExpectValid(GenerateText(spec));
        }
      }
    }
  }
}

}  // namespace
}  // namespace anisograd
