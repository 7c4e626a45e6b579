#include <functional>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/record/recorded.h"
#include "experiments/gpt2/smoothness/made_up_smoothness.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

Gpt2SmoothnessResult Recorded() {
  Gpt2SmoothnessResult result = MadeUpSmoothness(
      {"wte.weight", "wpe.weight"},
      [](int t) { return std::vector<double>{0.1 * t, 1.0 / 3}; },
      [](const std::vector<double>& w) { return w; });
  result.set_device("a GPU");
  result.set_source_revision("abc");
  return result;
}

absl::StatusOr<Gpt2SmoothnessResult> Read(const Gpt2SmoothnessResult& result,
                                          const Gpt2SmoothnessSpec& spec) {
  const std::string path =
      absl::StrCat(testing::TempDir(), "/smoothness.textproto");
  EXPECT_OK(WriteFileAtomically(path, ToTextProto(result)));
  return ReadRecordedResult(path, spec);
}

TEST(RecordedSmoothness, TextGivesTheSameBytes) {
  const Gpt2SmoothnessResult result = Recorded();
  ASSERT_OK_AND_ASSIGN(const Gpt2SmoothnessResult read,
                       Read(result, result.spec()));
  EXPECT_EQ(SerializeDeterministically(read),
            SerializeDeterministically(result));
}

TEST(RecordedSmoothness, TextNamesItsTypeAndReadsBackTheSame) {
  const Gpt2SmoothnessResult result = Recorded();
  ASSERT_OK_AND_ASSIGN(const std::string text,
                       RecordedText(result, result.spec()));
  EXPECT_EQ(text.find("# proto-file: experiments/gpt2/smoothness/smoothness.proto\n"
                      "# proto-message: anisograd.Gpt2SmoothnessResult\n\n"),
            0);
  Gpt2SmoothnessResult read;
  ASSERT_OK(ParseTextProto(text, "text", &read));
  EXPECT_EQ(SerializeDeterministically(read),
            SerializeDeterministically(result));
}

TEST(RecordedSmoothness, StaleAndIncompleteResultsAreRefused) {
  struct Bad {
    std::string error;
    std::function<void(Gpt2SmoothnessResult*)> spoil;
  };
  const Gpt2SmoothnessSpec spec = Recorded().spec();
  const Bad cases[] = {
      {"spec_digest: stale", [](auto* r) { r->set_spec_digest("of another"); }},
      {"spec: is not the one",
       [](auto* r) { r->mutable_spec()->set_learning_rate(0.5); }},
      {"device: must", [](auto* r) { r->clear_device(); }},
      {"source_revision: must", [](auto* r) { r->clear_source_revision(); }},
      {"digest: of", [](auto* r) { r->clear_start(); }},
      {"digest: of", [](auto* r) { r->clear_dataset(); }},
      {"probe[1].gradient: has",
       [](auto* r) { r->mutable_probe(1)->add_gradient(1); }},
  };
  for (const Bad& bad : cases) {
    Gpt2SmoothnessResult result = Recorded();
    bad.spoil(&result);
    const absl::Status status = Read(result, spec).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_TRUE(absl::StrContains(status.message(), bad.error)) << status;
    EXPECT_TRUE(absl::StrContains(status.message(), "smoothness.textproto"))
        << status;
  }
  // The spec of the tree has changed.
  Gpt2SmoothnessSpec changed = spec;
  changed.set_steps(50);
  EXPECT_TRUE(absl::StrContains(Read(Recorded(), changed).status().message(),
                                "spec_digest: stale"));
}

}  // namespace
}  // namespace anisograd
