#include "analysis/method_pair.h"

#include <cstdint>

#include "gtest/gtest.h"

namespace anisograd {
namespace {

void AddCell(const char* method, int64_t m, std::optional<Quantity> value,
             ConvexQuantities* q) {
  CellQuantities cell;
  cell.method = method;
  cell.batch_size = m;
  cell.suboptimality = value;
  q->cells.push_back(cell);
}

TEST(CompareMethods, AnExplosionIsNoLowerLoss) {
  const Quantity low{1.0}, high{3.0};
  EXPECT_EQ(CompareMethods(high, low), AdaGradIs::kBelow);
  EXPECT_EQ(CompareMethods(low, high), AdaGradIs::kNotBelow);
  EXPECT_EQ(CompareMethods(low, low), AdaGradIs::kNotBelow);
  EXPECT_EQ(CompareMethods(high, std::nullopt), AdaGradIs::kNotBelow);
  EXPECT_EQ(CompareMethods(std::nullopt, low), AdaGradIs::kNotCompared);
  EXPECT_EQ(CompareMethods(std::nullopt, std::nullopt),
            AdaGradIs::kNotCompared);
}

TEST(PairMethods, PairsByBatchSizeAndTheNumberAskedFor) {
  ConvexQuantities q;
  AddCell("adagrad", 4, Quantity{2.0}, &q);
  AddCell("adagrad", 16, Quantity{-1.0}, &q);
  AddCell("sgd", 16, Quantity{1.0}, &q);
  AddCell("sgd", 4, Quantity{6.0}, &q);
  AddCell("sgd", 1, Quantity{9.0}, &q);
  const std::vector<MethodPair> pairs = PairMethods(q);
  ASSERT_EQ(pairs.size(), 2u);
  EXPECT_EQ(pairs[0].sgd->batch_size, 4);
  EXPECT_EQ(pairs[0].adagrad, &q.cells[0]);
  EXPECT_EQ(pairs[0].adagrad_is, AdaGradIs::kBelow);
  EXPECT_EQ(pairs[0].lead, 3.0);
  EXPECT_EQ(pairs[1].adagrad_is, AdaGradIs::kBelow);
  EXPECT_FALSE(pairs[1].lead.has_value());
  q.cells[3].suboptimality_general = Quantity{5.0};
  EXPECT_EQ(PairMethods(q, &CellQuantities::suboptimality_general)[0].adagrad_is,
            AdaGradIs::kNotBelow);
}

}  // namespace
}  // namespace anisograd
