#include "analysis/top_eigenvalue.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>

#include "data/synthetic.h"
#include "gtest/gtest.h"
#include "tools/base/eigenvalues.h"

namespace anisograd {
namespace {

double DenseTop(const Gram& gram) {
  return SymmetricEigenvalues(gram.Dense()).maxCoeff();
}

CsrMatrix MakeData(bool with_signs) {
  CsrMatrix m = GenerateExponentialTail(300, 40, 0.1, 5);
  for (size_t k = 0; k < m.value.size(); ++k) {
    m.value[k] = std::fabs(m.value[k]) * (with_signs && k % 3 == 0 ? -1 : 1);
  }
  return m;
}

// X = [1 1; 1 0], n = 2: H = [1 1/2; 1/2 1/2], lambda = (3 + sqrt 5) / 4.
TEST(TopEigenvalue, ByHand) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 2, 3};
  m.index = {0, 1, 0};
  m.value = {1, 1, 1};
  m.label = {1, -1};
  const TopEigenvalue top = ComputeTopEigenvalue(Gram(m.view()));
  EXPECT_NEAR(top.lower, (3 + std::sqrt(5)) / 4, 1e-9);
  EXPECT_NEAR(top.upper, (3 + std::sqrt(5)) / 4, 2e-9);
  // diag(1, 0) H diag(1, 0).
  EXPECT_NEAR(ComputeTopEigenvalue(Gram(m.view()), Eigen::Vector2d(1, 0)).upper,
              1.0, 1e-9);
}

// Power iteration between Collatz and Rayleigh, and Lanczos with Cholesky, of
// the same matrix: -X has the same H, but signs.
TEST(TopEigenvalue, TwoEstimatorsAgree) {
  CsrMatrix m = MakeData(false);
  const TopEigenvalue power = ComputeTopEigenvalue(Gram(m.view()));
  for (double& x : m.value) x = -x;
  const Gram negative(m.view());
  const TopEigenvalue lanczos = ComputeTopEigenvalue(negative);
  EXPECT_EQ(power.certificate, TopEigenvalue::Certificate::kCollatz);
  EXPECT_EQ(lanczos.certificate, TopEigenvalue::Certificate::kCholesky);
  const double truth = DenseTop(negative);
  for (const TopEigenvalue& top : {power, lanczos}) {
    EXPECT_LE(top.lower, truth * (1 + 1e-13)) << CertificateName(top.certificate);
    EXPECT_GE(top.upper, truth * (1 - 1e-13)) << CertificateName(top.certificate);
    EXPECT_LE(top.upper, top.lower * (1 + 1e-8));
  }
}

TEST(TopEigenvalue, HoldsForSignedData) {
  const CsrMatrix m = MakeData(true);
  const Gram gram(m.view());
  const TopEigenvalue top = ComputeTopEigenvalue(gram);
  EXPECT_NEAR(top.lower, DenseTop(gram), 1e-10);
  EXPECT_GE(top.upper, DenseTop(gram));
}

// Too many dimensions for a factor: the bound of a random start.
TEST(TopEigenvalue, ManyDimensionsHaveTheRandomStartsBound) {
  CsrMatrix m;
  m.features = 3000;
  for (uint32_t j = 0; j < 3000; ++j) {
    m.row_start.push_back(j);
    m.index.push_back(j);
    m.value.push_back(j == 1234 ? -40 : 1.0 + j / 300.0);
    m.label.push_back(1);
  }
  m.row_start.push_back(3000);
  const TopEigenvalue top = ComputeTopEigenvalue(Gram(m.view()));
  EXPECT_EQ(top.certificate, TopEigenvalue::Certificate::kRandomStart);
  EXPECT_NEAR(top.lower, 1600.0 / 3000, 1e-9);
  EXPECT_GT(top.upper, 1600.0 / 3000);
}

// `rows` rows of three features each, of 3000; signed.
CsrMatrix FewRows(int rows) {
  CsrMatrix m;
  m.features = 3000;
  m.row_start = {0};
  for (int i = 0; i < rows; ++i) {
    for (const double x : {1.0, -2.0, 3.0}) {
      m.index.push_back(static_cast<uint32_t>(m.index.size()));
      m.value.push_back(x + 0.5 * i);
    }
    m.row_start.push_back(static_cast<uint32_t>(m.index.size()));
    m.label.push_back(i % 2 == 0 ? 1 : -1);
  }
  return m;
}

// Lanczos ends before the random start's bound begins.
TEST(TopEigenvalue, FewRowsOfManyDimensionsAreSeenWhole) {
  for (const int rows : {1, 2, 5, 13, 14}) {
    const CsrMatrix m = FewRows(rows);
    double most = 0.0;
    for (int i = 0; i < rows; ++i) {
      double square = 0.0;
      for (int k = 3 * i; k < 3 * i + 3; ++k) square += m.value[k] * m.value[k];
      most = std::max(most, square / rows);
    }
    const TopEigenvalue top = ComputeTopEigenvalue(Gram(m.view()));
    EXPECT_EQ(top.certificate, TopEigenvalue::Certificate::kRandomStart);
    EXPECT_NEAR(top.lower, most, 1e-10 * most) << rows;
    EXPECT_GE(top.upper, top.lower) << rows;
    EXPECT_LE(top.upper, rows <= 12 ? most * (1 + 1e-10) : 100 * most) << rows;
  }
}

// One that converges in few steps goes on until they say something.
TEST(TopEigenvalue, AFarLargerOneHasABoundToo) {
  CsrMatrix m = FewRows(900);
  for (double& x : m.value) x = std::fmod(x, 3.0) - 1.0;
  m.value[7] = 1e6;
  const TopEigenvalue top = ComputeTopEigenvalue(Gram(m.view()));
  EXPECT_NEAR(top.lower * 900, 1e12, 1e2);
  EXPECT_LE(top.upper, 100 * top.lower);
}

TEST(TopEigenvalue, OfNothingIsNothing) {
  CsrMatrix m;
  m.features = 2;
  m.row_start = {0, 0};
  m.label = {1};
  const TopEigenvalue top = ComputeTopEigenvalue(Gram(m.view()));
  EXPECT_EQ(top.lower, 0.0);
  EXPECT_EQ(top.upper, 0.0);
}

}  // namespace
}  // namespace anisograd
