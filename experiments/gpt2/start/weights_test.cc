#include "experiments/gpt2/start/weights.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "experiments/gpt2/net/config.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::EndsWith;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

Gpt2Config Tiny() {
  Gpt2Config config = Gpt2Small();
  config.set_layers(2);
  config.set_heads(1);
  config.set_width(5);
  config.set_context(4);
  config.set_vocabulary(7);
  return config;
}

// A tiny model's weights, and the tensors of a file that holds them.
class Gpt2Weights : public testing::Test {
 protected:
  Gpt2Weights() : config_(Tiny()), layout_(config_) {
    parameters_.resize(static_cast<size_t>(layout_.size()));
    InitializeParameters(config_, layout_, 1, absl::MakeSpan(parameters_));
    loaded_.resize(parameters_.size(), 7.0f);
    for (const ParameterTensor& tensor : layout_.tensors()) {
      tensors_.push_back(
          {tensor.name, tensor.shape,
           absl::MakeConstSpan(parameters_)
               .subspan(static_cast<size_t>(tensor.offset),
                        static_cast<size_t>(tensor.size))});
    }
  }

  SafetensorsSource& Tensor(absl::string_view name) {
    for (SafetensorsSource& tensor : tensors_) {
      if (tensor.name == name) return tensor;
    }
    ADD_FAILURE() << name;
    return tensors_[0];
  }

  void AddPrefix() {
    for (SafetensorsSource& tensor : tensors_) {
      tensor.name = "transformer." + tensor.name;
    }
  }

  absl::Status Load(const std::string& path) {
    auto file = SafetensorsFile::Open(path);
    if (!file.ok()) return file.status();
    return LoadGpt2Weights(*file, config_, layout_, absl::MakeSpan(loaded_));
  }

  // Writes tensors_ and loads them.
  absl::Status WriteAndLoad() {
    const std::string path = testing::TempDir() + "/tiny.safetensors";
    const absl::Status status = WriteSafetensors(path, {}, tensors_);
    if (!status.ok()) return status;
    return Load(path);
  }

  std::string LoadError() {
    const absl::Status status = WriteAndLoad();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    return std::string(status.message());
  }

  // Bit for bit, the elements between tensors included.
  void ExpectLoaded() {
    EXPECT_EQ(std::memcmp(loaded_.data(), parameters_.data(),
                          loaded_.size() * sizeof(float)),
              0);
  }

  Gpt2Config config_;
  ParameterLayout layout_;
  std::vector<float> parameters_;
  std::vector<float> loaded_;
  std::vector<SafetensorsSource> tensors_;
};

TEST_F(Gpt2Weights, SavedAndLoadedBitForBit) {
  const std::string path = testing::TempDir() + "/saved.safetensors";
  parameters_[0] = -0.0f;
  parameters_[1] = 1e-45f;
  ASSERT_OK(SaveGpt2Weights(path, layout_, parameters_, {{"step", "3"}}));
  ASSERT_OK(Load(path));
  ExpectLoaded();
  ASSERT_OK_AND_ASSIGN(const SafetensorsFile file, SafetensorsFile::Open(path));
  EXPECT_THAT(file.metadata(), UnorderedElementsAre(Pair("format", "pt"),
                                                    Pair("step", "3")));
}

TEST_F(Gpt2Weights, PrefixBuffersAndTiedHead) {
  AddPrefix();
  const std::vector<float> mask(16, 1.0f);
  const std::vector<float> masked = {-1e4f};
  tensors_.insert(tensors_.begin(),
                  {"transformer.h.1.attn.bias", {1, 1, 4, 4}, mask});
  tensors_.push_back({"transformer.h.0.attn.masked_bias", {}, masked});
  tensors_.push_back({"lm_head.weight", {7, 5},
                      Tensor("transformer.wte.weight").values});
  ASSERT_OK(WriteAndLoad());
  ExpectLoaded();
}

// As torch.compile and DataParallel name what they wrap.
TEST_F(Gpt2Weights, PrefixesOfTraining) {
  const std::vector<SafetensorsSource> plain = tensors_;
  for (const auto& [head, body] : {std::pair<std::string, std::string>{"", ""},
                                   {"_orig_mod.", ""},
                                   {"_orig_mod.", "transformer."},
                                   {"module._orig_mod.", "transformer."},
                                   {"", "transformer._orig_mod."}}) {
    tensors_ = plain;
    for (SafetensorsSource& tensor : tensors_) {
      tensor.name = head + body + tensor.name;
    }
    std::fill(loaded_.begin(), loaded_.end(), 7.0f);
    ASSERT_OK(WriteAndLoad());
    ExpectLoaded();
    // With the tied head, and with the head alone.
    tensors_.push_back(
        {head + "lm_head.weight", {7, 5}, tensors_.front().values});
    ASSERT_OK(WriteAndLoad());
    tensors_.erase(tensors_.begin());
    std::fill(loaded_.begin(), loaded_.end(), 7.0f);
    ASSERT_OK(WriteAndLoad());
    ExpectLoaded();
    // All or none: one without the prefix is another tensor.
    if (head.empty()) continue;
    tensors_.back().name = "lm_head.weight";
    EXPECT_THAT(LoadError(),
                EndsWith(absl::StrCat(": tensor \"", head, body,
                                      "wte.weight\": is missing")));
  }
  tensors_ = plain;
  for (SafetensorsSource& tensor : tensors_) {
    tensor.name = "model.transformer." + tensor.name;
  }
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"model.transformer.wpe.weight\": the prefix "
                       "\"model.transformer.\" is made of others than "
                       "\"transformer.\", \"module.\" and \"_orig_mod.\""));
}

TEST_F(Gpt2Weights, MissingTensor) {
  tensors_.pop_back();
  EXPECT_THAT(LoadError(), EndsWith(": tensor \"ln_f.bias\": is missing"));
  AddPrefix();
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"transformer.ln_f.bias\": is missing"));
  tensors_.clear();
  EXPECT_THAT(LoadError(), EndsWith(": tensor \"wte.weight\": is missing"));
}

TEST_F(Gpt2Weights, OneTensorWithoutThePrefix) {
  AddPrefix();
  Tensor("transformer.ln_f.bias").name = "ln_f.bias";
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"transformer.ln_f.bias\": is missing"));
}

TEST_F(Gpt2Weights, WrongShape) {
  // As many elements, transposed.
  Tensor("h.1.mlp.c_fc.weight").shape = {20, 5};
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"h.1.mlp.c_fc.weight\": shape: [20, 5], but "
                       "the model has [5, 20]"));
}

TEST_F(Gpt2Weights, TensorsOfAnotherModel) {
  const std::vector<float> extra(16, 0.0f);
  for (const char* name :
       {"h.2.attn.bias", "h.2.ln_1.bias", "score.weight", "H.0.attn.bias",
        "transformer.h.0.attn.bias", "transformer.lm_head.weight",
        "transformer.wte.weight"}) {
    tensors_.push_back({name, {1, 1, 4, 4}, extra});
    EXPECT_THAT(LoadError(), EndsWith(absl::StrCat(
                                 ": tensor \"", name,
                                 "\": is unknown to the model")));
    tensors_.pop_back();
  }
  AddPrefix();
  tensors_.push_back({"h.0.attn.bias", {1, 1, 4, 4}, extra});
  EXPECT_THAT(LoadError(),
              EndsWith("\"h.0.attn.bias\": is unknown to the model"));
}

TEST_F(Gpt2Weights, BufferOfAnotherContext) {
  const std::vector<float> mask(25, 1.0f);
  tensors_.push_back({"h.0.attn.bias", {1, 1, 5, 5}, mask});
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"h.0.attn.bias\": shape: [1, 1, 5, 5], but "
                       "the model has [1, 1, 4, 4]"));
}

TEST_F(Gpt2Weights, HeadThatIsNotTied) {
  std::vector<float> head(Tensor("wte.weight").values.begin(),
                          Tensor("wte.weight").values.end());
  head.back() = -head.back();
  tensors_.push_back({"lm_head.weight", {7, 5}, head});
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"lm_head.weight\": values: differ from "
                       "wte.weight, but the model's head is tied to it"));
  tensors_.back().shape = {5, 7};
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"lm_head.weight\": shape: [5, 7], but the "
                       "model has [7, 5]"));
}

TEST_F(Gpt2Weights, ValuesThatAreNotFinite) {
  const int64_t last = layout_.final_norm_bias().offset + 4;
  parameters_[static_cast<size_t>(last)] =
      -std::numeric_limits<float>::infinity();
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"ln_f.bias\": values: element 4 is -inf"));
  parameters_[2] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_THAT(LoadError(),
              EndsWith(": tensor \"wte.weight\": values: element 2 is nan"));
}

// A file by hand whose tensors all have one type and, element by element, the
// same bytes.
std::string FileOfType(const ParameterLayout& layout, absl::string_view dtype,
                       const std::string& element) {
  std::string json = "{";
  std::string buffer;
  for (const ParameterTensor& tensor : layout.tensors()) {
    const size_t begin = buffer.size();
    for (int64_t i = 0; i < tensor.size; ++i) buffer += element;
    absl::StrAppend(&json, json.size() > 1 ? "," : "", "\"", tensor.name,
                    "\":{\"dtype\":\"", dtype,
                    "\",\"shape\":", ShapeString(tensor.shape),
                    ",\"data_offsets\":[", begin, ",", buffer.size(), "]}");
  }
  json += "}";
  const uint64_t size = json.size();
  return std::string(reinterpret_cast<const char*>(&size), sizeof(size)) +
         json + buffer;
}

TEST_F(Gpt2Weights, HalfPrecisionBecomesFloat) {
  const std::string path = testing::TempDir() + "/half.safetensors";
  const auto load = [&](absl::string_view dtype, const std::string& element) {
    const absl::Status status =
        WriteFileAtomically(path, FileOfType(layout_, dtype, element));
    return status.ok() ? Load(path) : status;
  };
  const size_t last = static_cast<size_t>(layout_.final_norm_bias().offset) + 4;
  ASSERT_OK(load("F16", std::string("\x00\xbe", 2)));
  EXPECT_EQ(loaded_[0], -1.5f);
  EXPECT_EQ(loaded_[last], -1.5f);
  ASSERT_OK(load("BF16", "\x40\x40"));
  EXPECT_EQ(loaded_[0], 3.0f);
  EXPECT_EQ(loaded_[last], 3.0f);
  EXPECT_THAT(std::string(load("I16", "ab").message()),
              EndsWith(": tensor \"wte.weight\": dtype: I16 is none of F32, "
                       "F16 and BF16"));
  EXPECT_THAT(std::string(load("F16", std::string("\x00\x7c", 2)).message()),
              EndsWith(": tensor \"wte.weight\": values: element 0 is inf"));
}

// The official GPT-2, where it could be had.
TEST(OfficialGpt2Weights, Load) {
  const auto file =
      SafetensorsFile::Open(Runfile("data/official/model.safetensors"));
  if (absl::IsNotFound(file.status())) {
    GTEST_SKIP() << "SKIPPED: the official model.safetensors could not be had; "
                    "nothing was checked";
  }
  ASSERT_OK(file.status());
  const Gpt2Config config = Gpt2Small();
  const ParameterLayout layout(config);
  std::vector<float> parameters(static_cast<size_t>(layout.size()));
  ASSERT_OK(
      LoadGpt2Weights(*file, config, layout, absl::MakeSpan(parameters)));
}

}  // namespace
}  // namespace anisograd
