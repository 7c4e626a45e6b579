#include "paper_tables/report/number_tables.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

RunReport::Row* AddRow(const std::string& dataset, const std::string& method,
                       const std::string& setting, const std::string& quantity,
                       double value, RunReport* report) {
  RunReport::Row* row = report->add_row();
  row->set_table("t");
  row->set_dataset(dataset);
  row->set_method(method);
  row->set_setting(setting);
  row->set_quantity(quantity);
  row->set_reproduced(value);
  row->set_verdict("NOT_PUBLISHED");
  return row;
}

TEST(NumberTablesTest, OneTableAQuantityAndOneColumnASetting) {
  RunReport report;
  RunReport::Row* row =
      AddRow("a", "sgd", "batch_size=1", "loss", 0.0026, &report);
  row->set_published(0.00266);
  row->set_published_std(0.00008);
  row->set_spread(0.00016);
  row->set_verdict("MATCH");
  AddRow("a", "sgd", "batch_size=4", "loss", 0.5, &report)->clear_reproduced();
  AddRow("a", "adagrad", "batch_size=4", "loss", 0.0001, &report);
  AddRow("a", "sgd", "batch_size=4", "clipped_share", 0.25, &report);
  AddRow("", "", "last epoch", "holds", 1, &report);
  AddRow("a", "sgd", "batch_size=4 seed=1", "loss_of_seed", 1, &report);
  AddRow("b<", "sgd", "batch_size=4", "loss", 12345678, &report)
      ->set_table("other");
  const std::string html = NumberTables(report, "t");
  EXPECT_THAT(html, HasSubstr("data-table=\"t\" data-lines=\"2\"><caption>loss<"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"col\" class=\"n\">M = 4</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">a <small>×10⁻³</small></th>"));
  EXPECT_THAT(
      html,
      HasSubstr("<td class=\"n v-MATCH\"><button type=\"button\" data-row=\"0\">"
                "<b>2.60</b>±0.16<i aria-hidden=\"true\">=</i><span class=\"sr\">"
                ", match</span><small><span class=\"sr\">, </span>paper "
                "2.66±0.08</small></button></td>"));
  EXPECT_THAT(html, HasSubstr("<b>none</b>"));
  EXPECT_THAT(html, HasSubstr("<b>0.10</b>"));
  EXPECT_THAT(html, HasSubstr("<details><summary>clipped share</summary>"));
  EXPECT_THAT(html, HasSubstr(">last epoch</th>"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">all</th>"));
  EXPECT_THAT(html, HasSubstr("1 further numbers"));
  EXPECT_THAT(html, Not(HasSubstr("b<")));
}

TEST(NumberTablesTest, OneColumnAQuantityWithoutSettings) {
  RunReport report;
  AddRow("a", "", "", "c_bias", 0.2, &report);
  AddRow("a", "sgd", "", "least", 3.47e-4, &report);
  AddRow("a", "", "", "c_bias", 0.3, &report)->set_recorded(true);
  const std::string html = NumberTables(report, "t");
  EXPECT_THAT(html, HasSubstr("data-lines=\"2\""));
  EXPECT_THAT(html, HasSubstr(">c bias</th>"));
  EXPECT_THAT(html, HasSubstr(">least, SGD</th>"));
  EXPECT_THAT(html, HasSubstr("<b>0.35</b> ×10⁻³<span"));
  EXPECT_THAT(html, HasSubstr("<th scope=\"row\">a <small>recorded</small>"));
  EXPECT_THAT(html, Not(HasSubstr(">method<")));
}

TEST(NumberTablesTest, PrintedTablesAreEscaped) {
  RunReport::Table table;
  table.set_id("i");
  table.set_title("T < 1");
  table.add_header("h");
  auto* group = table.add_group();
  group->set_title("G");
  group->add_row()->add_cell("<b>");
  EXPECT_EQ(PrintedTable(table),
            "<div class=\"scroll\"><table class=\"printed\" data-printed=\"i\" "
            "data-lines=\"1\"><caption>T &lt; 1</caption><thead><tr><th "
            "scope=\"col\">h</th></tr></thead>\n<tbody><tr class=\"title\"><th "
            "scope=\"colgroup\" colspan=\"1\">G</th></tr><tr class=\"line\"><th "
            "scope=\"row\">&lt;b&gt;</th></tr>\n</tbody></table></div>\n");
}

}  // namespace
}  // namespace anisograd
