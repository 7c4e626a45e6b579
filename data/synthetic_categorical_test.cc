#include "data/synthetic_categorical.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset_spec.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

// Group u is feature 3 or 4 or none, 1 : 3 : 1. v, features 1 and 2, is 1 if u is
// 3, 2 if u is 4, and either, 1 : 4, if u is none. y = +1 for feature 1 with
// probability 1 / 2, for feature 2 with sigma(-2).
DatasetSpec TwoGroups() {
  DatasetSpec spec;
  spec.set_rows(20000);
  spec.set_features(5);
  spec.mutable_synthetic()->set_seed(3);
  CategoricalSpec* categorical =
      spec.mutable_synthetic()->mutable_categorical();
  categorical->set_intercept(-1.0);
  const auto counts = [](CategoricalSpec::Group* group,
                         std::vector<double> count) {
    group->add_given()->mutable_count()->Add(count.begin(), count.end());
  };
  CategoricalSpec::Group* u = categorical->add_group();
  u->set_name("u");
  u->set_first_feature(3);
  for (int k = 0; k < 2; ++k) u->add_score(0.0);
  counts(u, {1, 1, 3});
  CategoricalSpec::Group* v = categorical->add_group();
  v->set_name("v");
  v->set_first_feature(1);
  v->set_parent("u");
  v->add_score(1.0);
  v->add_score(-1.0);
  counts(v, {0, 1, 4});
  counts(v, {0, 7, 0});
  counts(v, {0, 0, 1});
  return spec;
}

TEST(GenerateCategorical, DrawsGroupsGivenTheirParents) {
  const CsrMatrix m = GenerateCategorical(TwoGroups());
  EXPECT_TRUE(HasBinaryValues(m.view()));
  int one = 0, one_positive = 0, two = 0, two_positive = 0;
  for (size_t i = 0; i < m.label.size(); ++i) {
    const std::vector<uint32_t> row(m.index.begin() + m.row_start[i],
                                    m.index.begin() + m.row_start[i + 1]);
    const bool has_one = row[0] == 0;
    (has_one ? one : two) += 1;
    (has_one ? one_positive : two_positive) += m.label[i] > 0;
    if (row.size() == 1) continue;  // u is none
    ASSERT_EQ(row.size(), 2u);
    EXPECT_EQ(row[1], has_one ? 2u : 3u);
  }
  EXPECT_NEAR(one / 20000.0, 0.2 + 0.2 * 0.2, 0.01);
  EXPECT_NEAR(1.0 * one_positive / one, 0.5, 0.03);
  EXPECT_NEAR(1.0 * two_positive / two, 1 / (1 + std::exp(2.0)), 0.01);
}

TEST(GenerateCategorical, IsAFunctionOfTheSeedAndTheRow) {
  DatasetSpec spec = TwoGroups();
  const CsrMatrix a = GenerateCategorical(spec);
  spec.set_rows(50);
  const CsrMatrix b = GenerateCategorical(spec);
  EXPECT_TRUE(std::equal(b.index.begin(), b.index.end(), a.index.begin()));
  EXPECT_TRUE(std::equal(b.label.begin(), b.label.end(), a.label.begin()));
  spec.mutable_synthetic()->set_seed(4);
  EXPECT_NE(GenerateCategorical(spec).index, b.index);
}

// What the official a9a has: 14 groups, 11 to 14 ones a row, |L|_1 = 14.869, 24 %
// positive, L_inf = 7.274 and 24,947 distinct rows.
TEST(GenerateCategorical, StandInOfA9aIsLikeIt) {
  ASSERT_OK_AND_ASSIGN(const DatasetSpec spec,
                       ReadDatasetSpec("data/specs/a9a.textproto"));
  ASSERT_EQ(spec.synthetic().categorical().group_size(), 14);
  const CsrMatrix m = GenerateCategorical(spec);
  const double rows = static_cast<double>(spec.rows());
  EXPECT_NEAR(1.0 + static_cast<double>(m.index.size()) / rows, 14.87, 0.005);
  double positive = 0.0;
  std::vector<std::vector<uint32_t>> distinct;
  for (int64_t i = 0; i < spec.rows(); ++i) {
    positive += m.label[i] > 0;
    distinct.emplace_back(m.index.begin() + m.row_start[i],
                          m.index.begin() + m.row_start[i + 1]);
    ASSERT_GE(distinct.back().size(), 11u);
    ASSERT_LE(distinct.back().size(), 14u);
  }
  EXPECT_NEAR(positive / rows, 0.2408, 0.008);
  std::sort(distinct.begin(), distinct.end());
  const auto end = std::unique(distinct.begin(), distinct.end());
  EXPECT_NEAR(static_cast<double>(end - distinct.begin()), 24947, 2500);

  // The largest eigenvalue of X'X/n with the bias feature, by power iteration.
  std::vector<double> v(spec.features() + 1, 1.0);
  double eigenvalue = 0.0;
  for (int step = 0; step < 30; ++step) {
    std::vector<double> next(v.size());
    for (int64_t i = 0; i < spec.rows(); ++i) {
      double dot = v.back();
      for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
        dot += v[m.index[k]];
      }
      for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
        next[m.index[k]] += dot / rows;
      }
      next.back() += dot / rows;
    }
    double squared = 0.0;
    for (const double x : next) squared += x * x;
    eigenvalue = std::sqrt(squared);
    for (double& x : next) x /= eigenvalue;
    v = next;
  }
  EXPECT_NEAR(eigenvalue, 7.27, 0.03);
}

}  // namespace
}  // namespace anisograd
