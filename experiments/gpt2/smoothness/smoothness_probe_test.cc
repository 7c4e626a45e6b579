#include "experiments/gpt2/smoothness/smoothness_probe.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "experiments/gpt2/net/model.h"
#include "experiments/gpt2/smoothness/full_objective.h"
#include "experiments/gpt2/smoothness/nearby_point.h"
#include "experiments/gpt2/smoothness/smoothness_coordinates.h"
#include "experiments/gpt2/smoothness/smoothness_result.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/spec_parts.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

// Four examples; ids 0, 7 and 10 do not occur in the first three.
TokenFile Tokens() {
  TokenFile file;
  file.digest = "of the tokens";
  file.tokens.vocabulary_size = 11;
  file.tokens.end_of_text = 9;
  file.tokens.tokens = {1, 5, 3, 4, 9, 2, 8, 9, 6, 6, 1, 9, 10, 7, 9};
  file.tokens.offsets = {0, 5, 8, 12, 15};
  file.tokens.prompt_lengths = {2, 1, 2, 1};
  return file;
}

Gpt2SmoothnessSpec Spec() {
  Gpt2SmoothnessSpec spec;
  const absl::Status status = ParseTextProto(R"(
    name: "tiny" dataset: "tokens"
    model {
      layers: 2 heads: 2 width: 8 context: 7 vocabulary: 11
      attention_dropout: 0.1 layer_norm_epsilon: 1e-5 initializer_range: 0.3
    }
    start { kind: RANDOM seed: 1 }
    sequence_mode: PACKED sequence_length: 6 tokens_per_pass: 8 sequences: 3
    arithmetic: FLOAT32
    optimizer { adam { beta1: 0.9 beta2: 0.999 epsilon: 1e-8 } }
    learning_rate: 0.01 steps: 5 probe_interval: 2
    direction: NORMAL radius: [0.01, 0.001] points_per_radius: 2
    ascent_points: 2 coordinates_per_kind: 3 aggregate_coordinates: 40 seed: 7
  )", "spec", &spec);
  EXPECT_TRUE(status.ok()) << status;
  return spec;
}

std::vector<float> Parameters(const Gpt2Config& config) {
  const ParameterLayout layout(config);
  std::vector<float> parameters(static_cast<size_t>(layout.size()));
  InitializeParameters(config, layout, 1, absl::MakeSpan(parameters));
  return parameters;
}

Gpt2SmoothnessResult Probe(const Gpt2SmoothnessSpec& spec, int threads = 1) {
  ThreadPool pool(threads);
  const auto model = MakeCpuTrainableModel(spec.model(), &pool);
  return RunSmoothnessProbe(spec, Tokens(), {}, Parameters(spec.model()),
                            model.get(), &pool)
      .value();
}

FullObjective Objective(const Gpt2SmoothnessSpec& spec,
                        const SequenceSet& sequences) {
  return FullObjective::Create(sequences, spec.sequences(), 1,
                               spec.tokens_per_pass())
      .value();
}

SequenceSet Sequences(const TokenFile& file) {
  Gpt2Protocol protocol;
  protocol.set_sequence_mode(Gpt2Protocol::PACKED);
  protocol.set_sequence_length(6);
  return SequenceSet::Create(file.tokens, protocol).value();
}

TEST(FullObjective, IsTheMeanOverAllPredictedTokens) {
  const TokenFile file = Tokens();
  const SequenceSet sequences = Sequences(file);
  const Gpt2SmoothnessSpec spec = Spec();
  const FullObjective objective = Objective(spec, sequences);
  EXPECT_EQ(objective.sequences(), 3);
  EXPECT_EQ(objective.real_tokens(), 12);
  EXPECT_EQ(objective.longest(), 5);
  EXPECT_EQ(objective.token_ids(),
            (std::vector<int32_t>{1, 2, 3, 4, 5, 6, 8, 9}));

  ThreadPool pool(1);
  Gpt2<float> model(spec.model(), &pool);
  model.SetParameters(Parameters(spec.model()));
  // Sequences of 5, 3 and 4 tokens predict 4, 2 and 3.
  SequenceBatch all;
  for (int64_t i = 0; i < 3; ++i) sequences.Append(i, &all);
  TokenBatch batch;
  batch.tokens = all.tokens;
  batch.targets = all.targets;
  batch.starts = all.starts;
  model.ZeroGradients();
  const LossSum sum =
      model.LossAndGradient(batch, std::nullopt, 1.0 / 9).value();
  const std::vector<float> expected(model.gradients().begin(),
                                    model.gradients().end());
  EXPECT_NEAR(objective.LossAndGradient(&model).value(), sum.sum / 9, 1e-6);
  for (size_t j = 0; j < expected.size(); ++j) {
    ASSERT_NEAR(model.gradients()[j], expected[j], 1e-6);
  }
}

TEST(FullObjective, RefusesMoreSequencesThanThereAre) {
  const TokenFile file = Tokens();
  const absl::Status status =
      FullObjective::Create(Sequences(file), 5, 1, 8).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StrContains(status.message(), "sequences: 5 of the 4"));
}

TEST(Coordinates, CoverEveryKindWithinItsRows) {
  const TokenFile file = Tokens();
  const SequenceSet sequences = Sequences(file);
  const Gpt2SmoothnessSpec spec = Spec();
  const ParameterLayout layout(spec.model());
  const auto coordinates =
      DrawCoordinates(spec, layout, Objective(spec, sequences));
  std::map<std::string, int> kinds;
  std::set<std::pair<std::string, int64_t>> uniform, stratified;
  for (const ProbedCoordinate& c : coordinates) {
    const ParameterTensor* const tensor = layout.Find(c.tensor());
    ASSERT_NE(tensor, nullptr);
    EXPECT_GE(c.index(), 0);
    EXPECT_LT(c.index(), tensor->size);
    EXPECT_EQ(c.kind(), TensorKind(c.tensor()));
    auto& seen =
        c.sample() == ProbedCoordinate::STRATIFIED ? stratified : uniform;
    EXPECT_TRUE(seen.insert({c.tensor(), c.index()}).second);
    if (c.sample() != ProbedCoordinate::STRATIFIED) continue;
    ++kinds[c.kind()];
    const int64_t row = c.index() / 8;
    if (c.kind() == "wte.weight") {
      EXPECT_TRUE(row != 0 && row != 7 && row != 10) << row;
    }
    if (c.kind() == "wpe.weight") {
      EXPECT_LT(row, 5);
    }
  }
  // wte, wpe, 12 tensors of a block, ln_f's two.
  EXPECT_EQ(kinds.size(), 16u);
  for (const auto& [kind, count] : kinds) EXPECT_EQ(count, 3) << kind;
  EXPECT_EQ(uniform.size(), 40u);
}

TEST(SmoothnessProbe, PointsAndGradientsAreThoseOfTheTrajectory) {
  const Gpt2SmoothnessSpec spec = Spec();
  const Gpt2SmoothnessResult result = Probe(spec);
  const TokenFile file = Tokens();
  const SequenceSet sequences = Sequences(file);
  const FullObjective objective = Objective(spec, sequences);
  ThreadPool pool(1);
  const auto trained = MakeCpuTrainableModel(spec.model(), &pool);
  Gpt2<float> model(spec.model(), &pool);
  const std::vector<float> parameters = Parameters(spec.model());
  ASSERT_OK(trained->Reset(spec.optimizer(), parameters));

  EXPECT_EQ(result.outcome(), Run::CONVERGED);
  ASSERT_EQ(result.loss_size(), 5);
  ASSERT_EQ(result.probe_size(), 3);
  std::vector<float> w(parameters.size()), nearby(parameters.size());
  std::vector<float> there(parameters.size());
  uint32_t point = 0;
  for (int t = 0; t < 5; ++t) {
    trained->model().GetParameters(absl::MakeSpan(w));
    const double loss = objective.LossAndGradient(&trained->model()).value();
    EXPECT_EQ(result.loss(t), static_cast<float>(loss));
    EXPECT_EQ(result.gradient_norm(t),
              static_cast<float>(trained->GradientNorm()));
    std::vector<float> gradient(w.size());
    trained->model().GetGradients(absl::MakeSpan(gradient));
    trained->Step(spec.learning_rate(), 0.0);
    if (t % 2 == 1) continue;
    const SmoothnessProbe& probe = result.probe(t / 2);
    EXPECT_EQ(probe.iteration(), t);
    ASSERT_EQ(probe.nearby_size(), 6);
    for (int k = 0; k < 6; ++k) {
      const NearbyPoint& at = probe.nearby(k);
      EXPECT_EQ(at.radius(), k < 4 ? 0.01 : 0.001);
      EXPECT_EQ(at.ascent(), k == 2 || k == 3);
      if (at.ascent()) {
        MakeAscentPoint(model.layout(), w, at.radius(), gradient, there, &pool,
                        absl::MakeSpan(nearby));
      } else {
        MakeNearbyPoint(model.layout(), w, at.radius(), spec.direction(),
                        spec.seed(), point++, &pool, absl::MakeSpan(nearby));
      }
      model.SetParameters(nearby);
      ASSERT_TRUE(objective.LossAndGradient(&model).ok());
      there.assign(model.gradients().begin(), model.gradients().end());
      ASSERT_EQ(at.gradient_size(), result.coordinate_size());
      for (int i = 0; i < result.coordinate_size(); ++i) {
        const ProbedCoordinate& c = result.coordinate(i);
        const size_t j = static_cast<size_t>(
            model.layout().Find(c.tensor())->offset + c.index());
        ASSERT_EQ(probe.gradient(i), gradient[j]);
        ASSERT_EQ(at.gradient(i), model.gradients()[j]);
        ASSERT_FLOAT_EQ(at.displacement(i), w[j] - nearby[j]);
      }
    }
  }
}

TEST(SmoothnessProbe, SameBytesTwiceAndForAnyNumberOfThreads) {
  for (const auto direction :
       {Gpt2SmoothnessSpec::NORMAL, Gpt2SmoothnessSpec::SIGNS}) {
    Gpt2SmoothnessSpec spec = Spec();
    spec.set_direction(direction);
    const std::string bytes = SerializeDeterministically(Probe(spec, 1));
    for (const int threads : {1, 2, 3}) {
      EXPECT_EQ(SerializeDeterministically(Probe(spec, threads)), bytes);
    }
  }
}

TEST(SmoothnessProbe, ProbingDoesNotChangeTheTrajectory) {
  Gpt2SmoothnessSpec spec = Spec();
  const Gpt2SmoothnessResult often = Probe(spec);
  spec.set_probe_interval(5);
  const Gpt2SmoothnessResult once = Probe(spec);
  for (int t = 0; t < 5; ++t) EXPECT_EQ(often.loss(t), once.loss(t));
}

TEST(SmoothnessProbe, ExplosionsAreRecorded) {
  Gpt2SmoothnessSpec spec = Spec();
  spec.set_learning_rate(1e38);
  const Gpt2SmoothnessResult away = Probe(spec);
  EXPECT_EQ(away.outcome(), Run::EXPLODED);
  EXPECT_EQ(away.explosion_step(), 1);
  EXPECT_TRUE(absl::StrContains(away.explosion_reason(), " at w "));
  // What came before is there.
  EXPECT_EQ(away.probe_size(), 1);
  EXPECT_OK(ValidateSmoothnessResult(away));

  spec = Spec();
  spec.set_radius(0, 1e38);
  const Gpt2SmoothnessResult far = Probe(spec);
  EXPECT_EQ(far.outcome(), Run::EXPLODED);
  EXPECT_EQ(far.explosion_step(), 0);
  EXPECT_TRUE(absl::StrContains(far.explosion_reason(), "a nearby point"));
  EXPECT_EQ(far.probe_size(), 0);
  EXPECT_OK(ValidateSmoothnessResult(far));
}

// Probes with a checkpoint at every step; dies behind step `last`.
class ResumedProbe : public testing::Test {
 protected:
  struct Killed {};

  ResumedProbe() : path_(testing::TempDir() + "/probe.ckpt") {
    std::filesystem::remove(path_);
  }
  absl::StatusOr<Gpt2SmoothnessResult> Run(int last,
                                           const Gpt2SmoothnessSpec& spec =
                                               Spec()) {
    SmoothnessOptions options;
    options.checkpoint = path_;
    options.checkpoint_due = [] { return true; };
    first_ = -1;
    options.progress = [&](const Gpt2SmoothnessResult& so_far) {
      if (first_ < 0) first_ = so_far.loss_size() - 1;
      if (so_far.loss_size() - 1 == last) throw Killed();
    };
    ThreadPool pool(1);
    const auto model = MakeCpuTrainableModel(spec.model(), &pool);
    return RunSmoothnessProbe(spec, Tokens(), {}, Parameters(spec.model()),
                              model.get(), &pool, options);
  }
  // What is left where the arrays stay behind; the format stands in
  // checkpoint.h.
  void LeaveArrays() {
    std::string bytes = ReadFile(path_).value();
    uint64_t message = 0;
    std::memcpy(&message, bytes.data() + 72, sizeof(message));
    ASSERT_GT(bytes.size(), 80 + message);
    bytes.resize(80 + message);
    ASSERT_OK(WriteFileAtomically(path_, bytes));
  }

  const std::string path_;
  // The first step that was taken with its probe, if any.
  int first_ = -1;
};

TEST_F(ResumedProbe, HasTheBytesOfAnUninterruptedRun) {
  const std::string expected = SerializeDeterministically(Probe(Spec()));
  for (const bool without_arrays : {false, true}) {
    // w_2 is probed, w_1 and w_3 are not.
    for (int last = 1; last < 5; ++last) {
      std::filesystem::remove(path_);
      EXPECT_THROW(Run(last).IgnoreError(), Killed);
      if (without_arrays) LeaveArrays();
      ASSERT_OK_AND_ASSIGN(const Gpt2SmoothnessResult result, Run(-1));
      // Behind `last` there was no checkpoint yet.
      EXPECT_EQ(first_, last);
      EXPECT_EQ(SerializeDeterministically(result), expected);
    }
  }
}

TEST_F(ResumedProbe, OfAnotherSpecIsRefused) {
  EXPECT_THROW(Run(3).IgnoreError(), Killed);
  Gpt2SmoothnessSpec other = Spec();
  other.set_seed(8);
  const absl::Status status = Run(-1, other).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": spec_digest: "))
      << status;
}

// Of the model itself: |grad f(w') - grad f(w)|_1, over all parameters, never falls
// along ascent where f is nearly a quadratic, as it is not yet at a radius of 0.01.
TEST(SmoothnessProbe, AscentRaisesTheModelsGradientChange) {
  Gpt2SmoothnessSpec spec = Spec();
  spec.set_direction(Gpt2SmoothnessSpec::SIGNS);
  spec.set_radius(0, 5e-4);
  spec.set_ascent_points(3);
  const ParameterLayout layout(spec.model());
  spec.set_aggregate_coordinates(layout.parameter_count());
  const Gpt2SmoothnessResult result = Probe(spec);
  for (const SmoothnessProbe& probe : result.probe()) {
    double before = 0.0, first = 0.0;
    for (int k = 1; k < 5; ++k) {
      double change = 0.0;
      for (int j = 0; j < result.coordinate_size(); ++j) {
        if (result.coordinate(j).sample() != ProbedCoordinate::UNIFORM) continue;
        change += std::fabs(probe.nearby(k).gradient(j) - probe.gradient(j));
      }
      EXPECT_GE(change, 0.98 * before) << probe.iteration() << " " << k;
      if (k == 1) first = change;
      before = change;
    }
    EXPECT_GT(before, 1.5 * first) << probe.iteration();
  }
}

// A right file whose probes are not of this spec, or whose steps are not those
// that this program takes.
TEST_F(ResumedProbe, OfOtherStepsIsRefused) {
  EXPECT_THROW(Run(4).IgnoreError(), Killed);
  Gpt2Checkpoint expected;
  expected.set_spec_digest(SpecDigest(Spec()));
  expected.set_dataset_digest(Tokens().digest);
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(Spec().model(), &pool);
  expected.set_device(model->device());
  ASSERT_OK(model->Reset(Spec().optimizer(), Parameters(Spec().model())));
  ASSERT_OK_AND_ASSIGN(const Gpt2Checkpoint good,
                       RestoreCheckpoint(path_, expected, model.get()));
  const auto refusal =
      [&](const std::function<void(Gpt2SmoothnessResult*)>& spoil) {
        Gpt2SmoothnessResult so_far;
        EXPECT_TRUE(so_far.ParseFromString(good.probes()));
        EXPECT_EQ(so_far.loss_size(), 4);
        spoil(&so_far);
        Gpt2Checkpoint bad = good;
        bad.set_probes(SerializeDeterministically(so_far));
        EXPECT_OK(SaveCheckpoint(path_, bad, nullptr));
        const absl::Status status = Run(-1).status();
        EXPECT_TRUE(absl::StartsWith(status.message(), path_ + ": "))
            << status;
        return status.code();
      };
  EXPECT_EQ(refusal([](auto* r) { r->clear_probe(); }),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(refusal([](auto* r) { r->clear_coordinate(); }),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(refusal([](auto* r) { r->add_gradient_norm(1); }),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(refusal([](auto* r) { r->clear_loss(); }),
            absl::StatusCode::kDataLoss);
  EXPECT_EQ(refusal([](auto* r) { r->set_loss(2, 2 * r->loss(2)); }),
            absl::StatusCode::kFailedPrecondition);
}

TEST(SmoothnessProbe, RefusesTokensBeyondTheVocabulary) {
  Gpt2SmoothnessSpec spec = Spec();
  spec.mutable_model()->set_vocabulary(10);
  ThreadPool pool(1);
  const auto model = MakeCpuTrainableModel(spec.model(), &pool);
  const absl::Status status =
      RunSmoothnessProbe(spec, Tokens(), {}, Parameters(spec.model()),
                         model.get(), &pool)
          .status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(absl::StartsWith(status.message(), "model.vocabulary"));
}

}  // namespace
}  // namespace anisograd
