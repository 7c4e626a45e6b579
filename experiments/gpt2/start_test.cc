#include "experiments/gpt2/start.h"

#include <string>

#include "absl/strings/match.h"
#include "experiments/gpt2/tiny_experiment.h"
#include "experiments/gpt2/weights.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

Gpt2Start Official() {
  Gpt2Start start;
  start.set_kind(Gpt2Start::OFFICIAL_WEIGHTS);
  start.set_seed(1);
  return start;
}

TEST(Start, RandomIsGpt2sInitialisation) {
  const Gpt2Config model = TinyFamily().model();
  Gpt2Start random;
  random.set_kind(Gpt2Start::RANDOM);
  random.set_seed(1);
  ASSERT_OK_AND_ASSIGN(const Start start, MakeStart(random, model, ""));
  EXPECT_EQ(start.parameters, InitialParameters(model, 1));
  EXPECT_FALSE(start.record.stand_in());
  random.set_seed(2);
  ASSERT_OK_AND_ASSIGN(const Start other, MakeStart(random, model, ""));
  EXPECT_NE(start.record.digest(), other.record.digest());
}

TEST(Start, OfficialWeightsAreReadOrStoodInForAndSaidSo) {
  const Gpt2Config model = TinyFamily().model();
  const std::vector<float> weights = InitialParameters(model, 9);
  const std::string path = testing::TempDir() + "/weights.safetensors";
  ASSERT_OK(SaveGpt2Weights(path, ParameterLayout(model), weights, {}));
  ASSERT_OK_AND_ASSIGN(const Start read, MakeStart(Official(), model, path));
  EXPECT_EQ(read.parameters, weights);
  EXPECT_FALSE(read.record.stand_in());

  ASSERT_OK_AND_ASSIGN(const Start random, MakeStart(Official(), model, ""));
  EXPECT_EQ(random.parameters, InitialParameters(model, 1));
  EXPECT_TRUE(random.record.stand_in());
  EXPECT_TRUE(absl::StrContains(random.record.note(), "random start"));
}

TEST(Start, WeightsOfAnotherShapeAreRefused) {
  Gpt2Config model = TinyFamily().model();
  const std::string path = testing::TempDir() + "/other.safetensors";
  ASSERT_OK(SaveGpt2Weights(path, ParameterLayout(model),
                            InitialParameters(model), {}));
  model.set_context(11);
  const absl::Status status = MakeStart(Official(), model, path).status();
  EXPECT_FALSE(status.ok());
  EXPECT_TRUE(absl::StrContains(status.message(), path)) << status;
  EXPECT_TRUE(absl::StrContains(status.message(), "wpe.weight")) << status;

  // A name that is given must be a file: nothing stands in for a mistake.
  const absl::Status missing =
      MakeStart(Official(), model, path + ".none").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(absl::StrContains(missing.message(), path + ".none")) << missing;
}

}  // namespace
}  // namespace anisograd
