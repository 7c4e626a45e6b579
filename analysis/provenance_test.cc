#include "analysis/provenance.h"

#include "gtest/gtest.h"

namespace anisograd {
namespace {

TEST(Provenance, WhatWasTrainedByHandHasANameToo) {
  ExperimentResult result;
  result.mutable_spec()->set_name("a4a");
  EXPECT_EQ(NameOf(result), "a4a ? at batch size ?");
  result.mutable_spec()->add_method()->set_name("sgd");
  result.mutable_spec()->add_batch_size(64);
  EXPECT_EQ(NameOf(result), "a4a sgd at batch size 64");
  result.set_target("//:cell");
  EXPECT_EQ(NameOf(result), "//:cell");
}

TEST(Provenance, ScaleNoteHasWhatIsNotThePapers) {
  StartRecord start;
  start.set_note("the official weights");
  TokenRecord dataset;
  dataset.set_note("all of Alpaca");
  EXPECT_EQ(ScaleNote("", start, dataset), "");
  EXPECT_EQ(ScaleNote("small model", start, dataset), "small model");
  start.set_stand_in(true);
  start.set_note("random start");
  dataset.set_stand_in(true);
  dataset.set_note("made-up texts");
  EXPECT_EQ(ScaleNote("", start, dataset), "random start; made-up texts");
  EXPECT_EQ(ScaleNote("small model", start, dataset),
            "small model; random start; made-up texts");
}

TEST(Provenance, TheStartIsSaidOnce) {
  StartRecord start;
  EXPECT_EQ(StartNote(start), "");
  start.set_note("GPT-2's official weights");
  EXPECT_EQ(StartNote(start), "start: GPT-2's official weights");
  start.set_stand_in(true);
  EXPECT_EQ(StartNote(start), "");
}

TEST(Provenance, EvidenceSaysWhyItIsNone) {
  EXPECT_EQ(ApartEvidence(true, true, "1 < 2"),
            "at reduced scale: holds: 1 < 2");
  EXPECT_EQ(ApartEvidence(false, false, "2 < 1"),
            "with a stand-in, not the paper's experiment: fails: 2 < 1");
}

TEST(Provenance, OnlyRecordedResultsNameTheDevice) {
  EXPECT_EQ(RecordedNote("a GPU", ""), "");
  EXPECT_EQ(RecordedNote("a GPU", "abc"), "recorded on a GPU");
}

TEST(Provenance, AddOnceKeepsTheOrder) {
  std::vector<int> values = {3, 1};
  AddOnce(1, &values);
  AddOnce(2, &values);
  EXPECT_EQ(values, (std::vector<int>{3, 1, 2}));
}

}  // namespace
}  // namespace anisograd
