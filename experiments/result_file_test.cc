#include "experiments/result_file.h"

#include <functional>
#include <string>

#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

ExperimentResult Whole() {
  ExperimentResult result;
  EXPECT_TRUE(ParseTextProto(R"(
    spec {
      method { name: "sgd" }
      batch_size: 4
      grid { learning_rate: 1 learning_rate: 0.1 }
      seed: 1
      seed: 2
    }
    run { loss: [0.7, 0.5] epoch_mean_loss: 0.6 }
    run { loss: 0.7 }
    selected { learning_rate: 1 })",
                             "whole", &result)
                  .ok());
  return result;
}

TEST(ResultFileTest, ReadsWhatIsWhole) {
  const std::string path = testing::TempDir() + "/whole.pb";
  ASSERT_TRUE(
      WriteFileAtomically(path, SerializeDeterministically(Whole())).ok());
  const auto result = ReadResult(path);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->run_size(), 2);
}

TEST(ResultFileTest, NamesTheFieldThatIsDamaged) {
  const std::string path = testing::TempDir() + "/damaged.pb";
  const auto message =
      [&](const std::function<void(ExperimentResult*)>& damage) {
        ExperimentResult result = Whole();
        damage(&result);
        EXPECT_TRUE(
            WriteFileAtomically(path, SerializeDeterministically(result)).ok());
        const auto read = ReadResult(path);
        EXPECT_EQ(read.status().code(), absl::StatusCode::kDataLoss);
        return std::string(read.status().message());
      };
  EXPECT_EQ(message([](auto* r) { r->mutable_spec()->clear_method(); }),
            path + ": spec: not that of one cell");
  EXPECT_EQ(message([](auto* r) { r->mutable_spec()->add_batch_size(8); }),
            path + ": spec: not that of one cell");
  EXPECT_EQ(message([](auto* r) { r->mutable_spec()->clear_seed(); }),
            path + ": run: not one a seed for every grid point");
  EXPECT_EQ(message([](auto* r) { r->mutable_run()->RemoveLast(); }),
            path + ": run: not one a seed for every grid point");
  EXPECT_EQ(message([](auto* r) { r->mutable_run(1)->clear_loss(); }),
            path + ": run[1].loss: missing");
  EXPECT_EQ(message([](auto* r) { r->mutable_run(0)->clear_epoch_mean_loss(); }),
            path + ": run[0].epoch_mean_loss: fewer than losses");
  EXPECT_EQ(message([](auto* r) { r->mutable_spec()->clear_grid(); }),
            path + ": spec.grid.learning_rate: missing");
}

TEST(ResultFileTest, NamesTheFileThatIsNoResult) {
  const std::string path = testing::TempDir() + "/text";
  ASSERT_TRUE(WriteFileAtomically(path, "text").ok());
  EXPECT_EQ(ReadResult(path).status().message(),
            path + ": not a binary anisograd.ExperimentResult");
  EXPECT_EQ(ReadResult(path + ".none").status().code(),
            absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace anisograd
