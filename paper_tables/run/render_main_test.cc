// Runs render_main as Bazel does, on made-up results.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "analysis/held_out.pb.h"
#include "experiments/result.pb.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/run_report.pb.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Flags = std::vector<std::pair<std::string, std::string>>;

std::string Path(const std::string& name) {
  return absl::StrCat(testing::TempDir(), "/render_", name);
}

std::string Write(const std::string& name,
                  const google::protobuf::Message& message) {
  EXPECT_OK(
      WriteFileAtomically(Path(name), SerializeDeterministically(message)));
  return Path(name);
}

std::string Read(const std::string& name) { return ReadFile(Path(name)).value(); }

// A cell of two seeds and one rate, `loss` above f(w*) = 0.25.
ExperimentResult MakeCell(const std::string& family, const std::string& dataset,
                          const std::string& method, int64_t batch_size,
                          double loss) {
  ExperimentResult result;
  ExperimentSpec* spec = result.mutable_spec();
  spec->set_name(family);
  spec->set_dataset(dataset);
  spec->add_method()->set_name(method);
  spec->add_batch_size(batch_size);
  spec->mutable_grid()->add_learning_rate(1.0);
  spec->mutable_grid()->add_schedule()->set_kind(ScheduleSpec::CONSTANT);
  spec->mutable_logistic()->set_selection(LogisticProtocol::BEST_EPOCH);
  result.set_spec_digest(absl::StrCat(family, method, batch_size));
  result.set_target(absl::StrCat("//:", family, "_", method, "_m", batch_size));
  result.mutable_dataset()->set_name(dataset);
  result.mutable_dataset()->set_digest("digest of " + dataset);
  result.mutable_dataset()->set_features(123);
  OptimumRecord* optimum = result.add_optimum();
  optimum->mutable_spec()->set_role(OptimumSpec::PAPER);
  optimum->set_loss(0.25);
  for (const int seed : {1, 2}) {
    spec->add_seed(seed);
    anisograd::Run* run = result.add_run();
    run->set_seed(seed);
    run->set_learning_rate(1.0);
    run->mutable_schedule()->set_kind(ScheduleSpec::CONSTANT);
    run->set_outcome(anisograd::Run::CONVERGED);
    run->add_loss(0.7);
    run->add_loss(0.25 + loss);
    run->add_epoch_mean_loss(0.5);
    run->set_best_loss(run->loss(1));
    run->add_max_distance_linf(batch_size);
    run->add_max_distance_l2(4 * batch_size);
  }
  result.mutable_selected()->set_learning_rate(1.0);
  result.mutable_selected()->mutable_schedule()->set_kind(
      ScheduleSpec::CONSTANT);
  result.mutable_selected()->set_mean_loss(0.25 + loss);
  return result;
}

// The files of a family's four cells.
std::vector<std::string> WriteFamily(const std::string& family,
                                     const std::string& dataset) {
  std::vector<std::string> paths;
  for (const char* method : {"sgd", "adagrad"}) {
    for (const int64_t m : {1, 64}) {
      const double loss = (method[0] == 's' ? 2e-3 : 2e-4) * (m == 1 ? 1 : 1.25);
      const ExperimentResult cell = MakeCell(family, dataset, method, m, loss);
      paths.push_back(Write(absl::StrCat(family, "_", method, "_m", m), cell));
    }
  }
  return paths;
}

std::string WriteConstants(const std::string& dataset) {
  ConstantsResult constants;
  constants.mutable_dataset()->set_name(dataset);
  constants.mutable_dataset()->set_digest("digest of " + dataset);
  constants.set_target("//:" + dataset);
  constants.set_smoothness_l1(8);
  constants.set_smoothness_l1_valid(80);
  constants.set_smoothness_linf(2);
  constants.set_noise_l1(6);
  constants.set_noise_l2(1.5);
  return Write(dataset + "_constants", constants);
}

std::string Join(const std::vector<std::string>& paths) {
  return absl::StrJoin(paths, ",");
}

// The ids of the tables that a .tex file has.
std::vector<std::string> Ids(absl::string_view latex) {
  std::vector<std::string> ids;
  for (const absl::string_view part :
       absl::StrSplit(latex, absl::ByString("\\label{tab:"))) {
    ids.emplace_back(part.substr(0, part.find('}')));
  }
  ids.erase(ids.begin());
  return ids;
}

class RenderMainTest : public testing::Test {
 protected:
  void SetUp() override {
    results_ = WriteFamily("a4a", "a4a");
    for (const std::string& path : WriteFamily("a6a", "a6a")) {
      results_.push_back(path);
    }
    constants_ = {WriteConstants("a4a"), WriteConstants("a6a")};
    ASSERT_OK(WriteFileAtomically(
        Path("nothing_recorded"),
        "table,dataset,method,setting,quantity,reproduced,spread,data,spec,"
        "target\n"));
  }

  // Whether the program ran; its error is in errors_. --out is Path("out").
  bool Run(const std::string& table, const Flags& flags = {},
           const std::string& recorded = Path("nothing_recorded")) {
    std::string command = absl::StrCat(
        "paper_tables/render_main --table=", table,
        " --published=paper_tables/published.textproto"
        " --tolerances=paper_tables/tolerances.textproto"
        " --rates=paper_tables/rates.textproto --recorded=",
        recorded, " --out=", Path("out"));
    for (const auto& [flag, value] : flags) {
      absl::StrAppend(&command, " --", flag, "=", value);
    }
    const int status =
        std::system(absl::StrCat(command, " 2>", Path("errors")).c_str());
    errors_ = Read("errors");
    return status == 0;
  }

  Flags Convex() const {
    return {{"results", Join(results_)}, {"constants", Join(constants_)}};
  }

  std::vector<std::string> results_, constants_;
  std::string errors_;
};

TEST_F(RenderMainTest, OneTableIsThatOfTheWholeReport) {
  ASSERT_TRUE(Run("all", Convex())) << errors_;
  const std::string text = Read("out.txt"), csv = Read("out.csv");
  EXPECT_THAT(Ids(Read("out.tex")),
              ElementsAre("claims", "table1", "table2", "bounds", "table3",
                          "table3_general", "table5", "summary", "recorded"));
  EXPECT_EQ(text.find("AdaGrad under Anisotropic Smoothness, reproduced"), 0u);
  EXPECT_THAT(csv, HasSubstr("\nclaims,,,,"));
  for (const char* table :
       {"table1", "table2", "bounds", "table3", "table3_general", "table5"}) {
    ASSERT_TRUE(Run(table, Convex())) << errors_;
    EXPECT_THAT(Ids(Read("out.tex")), ElementsAre(table));
    EXPECT_THAT(text, HasSubstr("\n\n" + Read("out.txt")));
    // Its lines, without the header.
    const std::string lines = Read("out.csv");
    EXPECT_THAT(csv, HasSubstr(lines.substr(lines.find('\n'))));
  }
}

TEST_F(RenderMainTest, WithoutResultsThereIsTable1) {
  ASSERT_TRUE(Run("all")) << errors_;
  EXPECT_THAT(Ids(Read("out.tex")),
              ElementsAre("claims", "table1", "summary", "recorded"));
}

TEST_F(RenderMainTest, FamiliesAreInTheOrderOfTheirConstants) {
  ASSERT_TRUE(Run("all", Convex())) << errors_;
  const std::string text = Read("out.txt"), csv = Read("out.csv");
  std::vector<std::string> turned(results_.begin() + 4, results_.end());
  turned.insert(turned.end(), results_.begin(), results_.begin() + 4);
  ASSERT_TRUE(Run("all", {{"results", Join(turned)},
                          {"constants", Join(constants_)}}));
  EXPECT_EQ(Read("out.txt"), text);
  EXPECT_EQ(Read("out.csv"), csv);
  ASSERT_TRUE(Run("all", {{"results", Join(results_)},
                          {"constants",
                           absl::StrCat(constants_[1], ",", constants_[0])}}));
  EXPECT_NE(Read("out.txt"), text);
}

// Two families on one data set: the other reading is not in the paper.
TEST_F(RenderMainTest, TwoFamiliesOnOneDataSetStayTwo) {
  std::vector<std::string> results = WriteFamily("a4a", "a4a");
  for (const std::string& path : WriteFamily("a4a_other", "a4a")) {
    results.push_back(path);
  }
  ASSERT_TRUE(
      Run("table3", {{"results", Join(results)}, {"constants", constants_[0]}}))
      << errors_;
  EXPECT_THAT(Read("out.txt"), HasSubstr("Not in the paper"));
  EXPECT_THAT(Read("out.csv"), HasSubstr("\ntable3,a4a,sgd,batch_size=64,"));
  EXPECT_THAT(Read("out.csv"), HasSubstr("\ntable3,a4a_other,sgd,"));
}

TEST_F(RenderMainTest, FreshSeedsHaveTablesOfTheirOwn) {
  Flags flags = Convex();
  flags.emplace_back("fresh", Join(WriteFamily("a4a_fresh", "a4a")));
  ASSERT_TRUE(Run("all", flags)) << errors_;
  const std::vector<std::string> ids = Ids(Read("out.tex"));
  EXPECT_THAT(ids, Contains("confidence"));
  EXPECT_THAT(ids, Contains("readings"));
  EXPECT_THAT(Read("out.csv"), HasSubstr("\nconfidence,a4a,"));
  EXPECT_THAT(Read("out.csv"), Not(HasSubstr("\nconfidence,a6a,")));
  EXPECT_FALSE(Run("readings", Convex()));
  EXPECT_THAT(errors_, HasSubstr("--table: no table \"readings\" from these"));
}

TEST_F(RenderMainTest, WhatWasRecordedIsEqualUntilANumberChanges) {
  Flags flags = Convex();
  flags.emplace_back("out_recorded", Path("recorded"));
  ASSERT_TRUE(Run("all", flags)) << errors_;
  EXPECT_THAT(Read("out.txt"), HasSubstr("\n0 of "));
  const std::string recorded = Read("recorded");
  const size_t lines = std::count(recorded.begin(), recorded.end(), '\n') - 1;

  // What print_table.sh says of out.txt.
  const std::string run = Path("printed");
  const auto is_recorded = [&] {
    return std::system(
               absl::StrCat("mkdir -p ", run, "/paper_tables && cp ",
                            Path("out.txt"), " ", run,
                            "/paper_tables/all.txt && "
                            "cp -r $PWD/tools ", run,
                            " && script=$PWD/paper_tables/print_table.sh && cd ",
                            run, " && bash $script all --require_recorded >",
                            Path("stdout"), " 2>", Path("errors"))
                   .c_str()) == 0;
  };
  ASSERT_TRUE(Run("all", flags, Path("recorded"))) << errors_;
  EXPECT_EQ(Read("recorded"), recorded);
  EXPECT_THAT(Read("out.txt"),
              HasSubstr(absl::StrCat("\n", lines, " of ", lines,
                                     " numbers equal the recorded run")));
  EXPECT_TRUE(is_recorded());

  ASSERT_OK(WriteFileAtomically(
      Path("changed"), absl::StrReplaceAll(recorded, {{"table2,a4a,,,diameter_l2,"
                                                       "256,",
                                                       "table2,a4a,,,diameter_l2,"
                                                       "255,"}})));
  ASSERT_NE(Read("changed"), recorded);
  ASSERT_TRUE(Run("all", Convex(), Path("changed"))) << errors_;
  EXPECT_FALSE(is_recorded());
  EXPECT_THAT(Read("stdout"), HasSubstr("table2 a4a diameter_l2: 256 (spread 0) here, 255"));
  EXPECT_THAT(Read("errors"), HasSubstr("not all numbers are the recorded run's"));
}

TEST_F(RenderMainTest, OneTableIsNoRun) {
  for (const char* flag : {"out_recorded", "out_report"}) {
    Flags flags = Convex();
    flags.emplace_back(flag, Path("no_run"));
    EXPECT_FALSE(Run("table3", flags));
    EXPECT_THAT(errors_, HasSubstr(absl::StrCat("--", flag, ": only with")));
    EXPECT_FALSE(ReadFile(Path("no_run")).ok());
  }
}

TEST_F(RenderMainTest, TheReportHasWhatTheTextHas) {
  Flags flags = Convex();
  flags.emplace_back("out_report", Path("report"));
  ASSERT_TRUE(Run("all", flags)) << errors_;
  RunReport report;
  ASSERT_OK(ReadBinaryProto(Path("report"), &report));
  std::vector<std::string> ids;
  for (const RunReport::Table& table : report.table()) ids.push_back(table.id());
  EXPECT_EQ(ids, Ids(Read("out.tex")));
  const std::string csv = Read("out.csv");
  EXPECT_EQ(report.row_size() + report.claim_size(),
            std::count(csv.begin(), csv.end(), '\n') - 1);
}

TEST_F(RenderMainTest, Refusals) {
  EXPECT_FALSE(Run("bogus", Convex()));
  EXPECT_THAT(errors_, HasSubstr("--table: no table \"bogus\" from these"));
  const auto refused = [&](const std::vector<std::string>& results,
                           const std::vector<std::string>& constants) {
    EXPECT_FALSE(Run("all", {{"results", Join(results)},
                             {"constants", Join(constants)}}));
    return errors_;
  };
  EXPECT_THAT(refused(results_, {constants_[0]}),
              HasSubstr("--constants: none for a6a"));
  const std::string other = WriteConstants("w1a");
  EXPECT_THAT(refused(results_, {constants_[0], constants_[1], other}),
              HasSubstr(other + ": dataset.name: \"w1a\" has no results"));
  // Two files of one thing, named both.
  const std::string cell =
      Write("again", MakeCell("a4a", "a4a", "sgd", 64, 1e-3));
  std::vector<std::string> twice = results_;
  twice.push_back(cell);
  EXPECT_THAT(refused(twice, constants_),
              HasSubstr(absl::StrCat(cell, ": a4a sgd at batch size 64 stands "
                                     "twice, in ", results_[1], " too")));
  EXPECT_THAT(refused(results_, {constants_[0], constants_[1], constants_[0]}),
              HasSubstr("\"a4a\" is that of " + constants_[0] + " too"));
  HeldOutResult held_out;
  const std::string one = Write("held_1", held_out),
                    two = Write("held_2", held_out);
  EXPECT_FALSE(Run("all", {{"held_out", Join({one, two})}}));
  EXPECT_THAT(errors_, HasSubstr(absl::StrCat(two, ": beside ", one)));
  // Damaged ones.
  const std::string damaged = Path("damaged");
  ASSERT_OK(WriteFileAtomically(damaged, "no message"));
  for (const char* flag :
       {"results", "constants", "fine_tuning", "smoothness", "fresh", "measured",
        "held_out", "curvature", "theory", "adversary", "tails"}) {
    EXPECT_FALSE(Run("all", {{flag, damaged}}));
    EXPECT_THAT(errors_, HasSubstr("ERROR: " + damaged)) << flag;
  }
}

}  // namespace
}  // namespace anisograd
