#include "experiments/gpt2/net/cuda/embedding.h"

#include <cstdint>
#include <vector>

#include "experiments/gpt2/net/cuda/batch_index.h"
#include "experiments/gpt2/net/cuda/device_testing.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/dropout.h"
#include "experiments/gpt2/net/embedding.h"
#include "experiments/gpt2/net/token_batch.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/base/thread_pool.h"

namespace anisograd {
namespace cuda {
namespace {

constexpr int64_t kVocabulary = 13, kContext = 96, kTokens = 167;

// Sequences of 1, 70 and 96 tokens. Token 5 is every other one, so that its sum
// takes pieces; most positions are there twice.
struct Example {
  Example() : starts({0, 1, 71, kTokens}) {
    RandomStream stream(1, RandomPurpose::kTest);
    for (int64_t i = 0; i < kTokens; ++i) {
      tokens.push_back(
          i % 2 == 0 ? 5 : static_cast<int32_t>(stream.NextBelow(kVocabulary)));
    }
    targets.assign(kTokens, kNoTarget);
  }
  TokenBatch batch() const { return {tokens, starts, targets, 0}; }

  std::vector<int64_t> starts;
  std::vector<int32_t> tokens, targets;
};

TEST(Embedding, ForwardLikeTheCpuWithTheSameDropout) {
  ThreadPool pool(1);
  const Example example;
  const auto tokens = OnDevice(example.tokens);
  const auto positions = OnDevice(MakeRowIndex(example.starts).position);
  for (const int64_t width : {4, 32, 260, 768, 1600}) {
    const std::vector<float> wte = RandomNumbers<float>(kVocabulary * width, 2);
    const std::vector<float> wpe = RandomNumbers<float>(kContext * width, 3);
    const auto dev_wte = OnDevice(wte);
    const auto dev_wpe = OnDevice(wpe);
    for (const double p : {0.0, 0.1}) {
      const Dropout dropout({7, 2}, 0, DropoutSite::kEmbedding, p);
      constexpr int64_t kFirstRow = 333;
      std::vector<float> expected(static_cast<size_t>(kTokens * width));
      const MatrixView<float> out(expected.data(), kTokens, width);
      anisograd::EmbeddingForward<float>(
          &pool, example.batch(), {wte.data(), kVocabulary, width},
          {wpe.data(), kContext, width}, out);
      anisograd::ApplyDropout<float>(&pool, dropout, kFirstRow, out);
      auto x = NewOnDevice<float>(kTokens * width);
      ASSERT_OK(EmbeddingForward(nullptr, tokens.data(), positions.data(),
                                 DropoutParameters(dropout), kFirstRow,
                                 {dev_wte.data(), kVocabulary, width},
                                 {dev_wpe.data(), kContext, width},
                                 {x.data(), kTokens, width}));
      // One sum and one product of the same numbers.
      EXPECT_TRUE(SameBits(expected, OnHost(x))) << width << " " << p;
    }
  }
}

// table[key] += rows, on the device; the index of keys in [0, end).
std::vector<float> AddRows(const std::vector<int32_t>& keys, int64_t end,
                           int64_t width, const std::vector<float>& dx,
                           const std::vector<float>& before) {
  const InvertedIndex index =
      MakeInvertedIndex(keys, static_cast<int32_t>(end));
  const auto ids = OnDevice(index.ids);
  const auto key_pieces = OnDevice(index.key_pieces);
  const auto piece_rows = OnDevice(index.piece_rows);
  const auto rows = OnDevice(index.rows);
  DeviceInvertedIndex device;
  device.keys = index.keys();
  device.pieces = index.pieces();
  device.ids = ids.data();
  device.key_pieces = key_pieces.data();
  device.piece_rows = piece_rows.data();
  device.rows = rows.data();
  const auto dev_dx = OnDevice(dx);
  auto workspace = NewOnDevice<float>(index.pieces() * width);
  auto table = OnDevice(before);
  DieUnlessOk(EmbeddingBackward(
      nullptr, device,
      {dev_dx.data(), static_cast<int64_t>(keys.size()), width},
      workspace.data(), {table.data(), end, width}));
  return OnHost(table);
}

TEST(Embedding, BackwardAddsLikeTheCpu) {
  ThreadPool pool(1);
  const Example example;
  const std::vector<int32_t> positions = MakeRowIndex(example.starts).position;
  for (const int64_t width : {4, 32, 260, 768, 1600}) {
    SCOPED_TRACE(width);
    const std::vector<float> dx = RandomNumbers<float>(kTokens * width, 2);
    const std::vector<float> dwte =
        RandomNumbers<float>(kVocabulary * width, 3);
    const std::vector<float> dwpe = RandomNumbers<float>(kContext * width, 4);
    const std::vector<double> wide_dx = Widened(dx);
    std::vector<double> expected_dwte = Widened(dwte);
    std::vector<double> expected_dwpe = Widened(dwpe);
    anisograd::EmbeddingBackward<double>(
        &pool, example.batch(), {wide_dx.data(), kTokens, width},
        {expected_dwte.data(), kVocabulary, width},
        {expected_dwpe.data(), kContext, width});
    const std::vector<float> actual_dwte =
        AddRows(example.tokens, kVocabulary, width, dx, dwte);
    // Up to 90 numbers below 1, 32 at a time.
    ExpectNear("dwte", actual_dwte, expected_dwte, 4e-6);
    ExpectNear("dwpe", AddRows(positions, kContext, width, dx, dwpe),
               expected_dwpe, 4e-7);
    EXPECT_TRUE(SameBits(
        actual_dwte, AddRows(example.tokens, kVocabulary, width, dx, dwte)));
  }
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
