#include "experiments/gpt2/net/token_batch.h"

#include <string>
#include <vector>

#include "experiments/gpt2/net/config.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

struct Arrays {
  std::vector<int32_t> tokens = {1, 2, 3, 4, 5};
  std::vector<int32_t> targets = {2, kNoTarget, 4, 5, kNoTarget};
  std::vector<int64_t> starts = {0, 2, 5};
  int64_t first_token = 0;
};

std::string Check(const Arrays& arrays) {
  Gpt2Config config = Gpt2Small();
  config.set_context(3);
  config.set_vocabulary(6);
  TokenBatch batch;
  batch.tokens = arrays.tokens;
  batch.targets = arrays.targets;
  batch.starts = arrays.starts;
  batch.first_token = arrays.first_token;
  return std::string(ValidateTokenBatch(config, batch).message());
}

TEST(TokenBatch, Good) {
  Arrays a;
  EXPECT_EQ(Check(a), "");
  // The least and the greatest id.
  a.tokens = {0, 5, 0, 5, 0};
  a.targets = {0, 5, 0, 5, 0};
  EXPECT_EQ(Check(a), "");
}

TEST(TokenBatch, EveryFaultIsNamed) {
  Arrays a;
  a.tokens[1] = 6;
  EXPECT_EQ(Check(a), "batch: token 1 is 6; must be in [0, 6)");
  a = Arrays();
  a.tokens[0] = -1;
  EXPECT_EQ(Check(a), "batch: token 0 is -1; must be in [0, 6)");
  a = Arrays();
  a.targets[2] = 6;
  EXPECT_EQ(Check(a), "batch: target 2 is 6; must be in [0, 6) or -1");
  a = Arrays();
  a.targets.pop_back();
  EXPECT_EQ(Check(a), "batch: 5 tokens, but 4 targets");
  a = Arrays();
  a.starts = {0, 1, 5};
  EXPECT_EQ(Check(a), "batch: sequence 1 has 4 tokens; must be in [1, 3]");
  a = Arrays();
  a.starts = {0, 2, 2, 5};
  EXPECT_EQ(Check(a), "batch: sequence 1 has 0 tokens; must be in [1, 3]");
  a = Arrays();
  a.starts = {0, 2, 4};
  EXPECT_EQ(Check(a), "batch: sequence starts must go from 0 to 5");
  a = Arrays();
  a.starts.clear();
  EXPECT_EQ(Check(a), "batch: sequence starts must go from 0 to 5");
  a = Arrays();
  a.first_token = -1;
  EXPECT_EQ(Check(a), "batch: first token is negative");
}

}  // namespace
}  // namespace anisograd
