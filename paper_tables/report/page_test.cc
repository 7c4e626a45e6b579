#include "paper_tables/report/page.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "paper_tables/report/web.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

PageInputs MakeInputs() {
  PageInputs in;
  RunReport::Row* row = in.report.add_row();
  row->set_table("table3");
  row->set_dataset("a<a");
  row->set_method("sgd");
  row->set_setting("batch_size=4");
  row->set_quantity("suboptimality");
  row->set_reproduced(0.25);
  row->set_published(0.5);
  row->set_verdict("DIFFERS");
  row->set_target("//:t");
  in.report.add_table()->set_id("table3");
  in.report.mutable_table(0)->set_title("T & U");
  RunReport::Claim* claim = in.report.add_claim();
  claim->set_name("c");
  claim->set_verdict("FAILS");
  claim->set_statement("a < b");
  claim->set_evidence("</script>");
  Origin origin;
  origin.target = "//:t";
  origin.dataset = "d";
  origin.data_digest = "abcdef";
  origin.json["spec"] = "</script>";
  origin.json["data"] = nlohmann::json::parse("[[\"rows\", \"1\"]]");
  in.origins.push_back(origin);
  origin.target = "//:other";
  origin.recorded_on = "a GPU";
  in.origins.push_back(origin);
  in.figures.push_back({"f", "Title\nWords.\n",
                        "<svg viewBox='0 0 1 1'><path d='M1,2'/></svg>", "PDF",
                        "x,y\n1,2\n"});
  in.figures.push_back(in.figures[0]);
  in.figures[1].name = "g";
  in.numbers_csv = "table\n";
  in.methods_csv = "method,colour,dash,point\nSGD,#D55E00,9 4,7\n";
  in.css = "body{}";
  in.script = "x();";
  in.inputs = {{"published.textproto", "1234"}};
  in.versions = "gnuplot 5 <";
  return in;
}

TEST(PageTest, OnlyItsOwnScriptAndStyleRun) {
  ASSERT_OK_AND_ASSIGN(const std::string page, RenderPage(MakeInputs()));
  const size_t start = page.find("<style>") + 7;
  const std::string css = page.substr(start, page.find("</style>") - start);
  EXPECT_THAT(page, HasSubstr(absl::StrCat(
                        "content=\"default-src 'none'; script-src '",
                        CspHash("x();"), "'; style-src '", CspHash(css),
                        "'; base-uri 'none'; form-action 'none'\"")));
  EXPECT_THAT(page, HasSubstr("<script>x();</script>"));
  EXPECT_THAT(page, Not(HasSubstr("http:")));
  EXPECT_THAT(page, Not(HasSubstr("https:")));
}

TEST(PageTest, EverythingIsEscaped) {
  ASSERT_OK_AND_ASSIGN(const std::string page, RenderPage(MakeInputs()));
  EXPECT_THAT(page, HasSubstr("a&lt;a"));
  EXPECT_THAT(page, HasSubstr("T &amp; U"));
  EXPECT_THAT(page, HasSubstr("<td>&lt;/script&gt;</td>"));
  EXPECT_THAT(page, HasSubstr("\\u003c/script>"));
  EXPECT_THAT(page, HasSubstr("gnuplot 5 &lt;"));
}

TEST(PageTest, SaysWhatRanAndEmbedsEachCsvOnce) {
  ASSERT_OK_AND_ASSIGN(const std::string page, RenderPage(MakeInputs()));
  EXPECT_THAT(page, HasSubstr("made on a GPU"));
  EXPECT_THAT(page, HasSubstr("<li>1 results were computed by this tree’s own "
                              "actions, 1 are recorded"));
  EXPECT_THAT(page, HasSubstr("id=\"csv-f\">x,y\n1,2\n</script>"));
  EXPECT_THAT(page, Not(HasSubstr("id=\"csv-g\"")));
  EXPECT_THAT(page, HasSubstr("download=\"g.csv\" href=\"#figure-g\" "
                              "data-csv=\"f\""));
  EXPECT_THAT(page, HasSubstr("data:application/pdf;base64,UERG\""));
  EXPECT_THAT(page, HasSubstr("published.textproto"));
  EXPECT_THAT(page, HasSubstr("--cd55e00:#d55e00"));
}

TEST(PageTest, EveryVerdictOfAClaimHasItsMark) {
  PageInputs in = MakeInputs();
  for (const char* verdict : {"HOLDS", "NOT_TESTED"}) {
    *in.report.add_claim() = in.report.claim(0);
    in.report.mutable_claim(in.report.claim_size() - 1)->set_verdict(verdict);
  }
  ASSERT_OK_AND_ASSIGN(const std::string page, RenderPage(in));
  for (const char* chip :
       {"c-FAILS\"><i aria-hidden=\"true\">✗<",
        "c-HOLDS\"><i aria-hidden=\"true\">✓<",
        "c-NOT_TESTED\"><i aria-hidden=\"true\">?<"}) {
    EXPECT_THAT(page, HasSubstr(chip));
  }
}

TEST(PageTest, SameInputsSameBytes) {
  ASSERT_OK_AND_ASSIGN(const std::string one, RenderPage(MakeInputs()));
  ASSERT_OK_AND_ASSIGN(const std::string two, RenderPage(MakeInputs()));
  EXPECT_EQ(one, two);
}

TEST(PageTest, Refusals) {
  PageInputs in = MakeInputs();
  in.figures[0].svg = "<p>";
  EXPECT_THAT(std::string(RenderPage(in).status().message()),
              HasSubstr("f.svg: "));
  in = MakeInputs();
  in.figures[0].csv = "</script>";
  EXPECT_THAT(std::string(RenderPage(in).status().message()),
              HasSubstr("f.csv: "));
  in = MakeInputs();
  in.numbers_csv = "</SCRIPT>";
  EXPECT_THAT(std::string(RenderPage(in).status().message()),
              HasSubstr("all.csv: "));
}

}  // namespace
}  // namespace anisograd
