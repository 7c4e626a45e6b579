#include "paper_tables/report/inline_svg.h"

#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Picture(const std::string& inside) {
  return absl::StrCat(
      "<?xml version=\"1.0\"?>\n<svg \n width=\"792\" height=\"420\"\n "
      "viewBox=\"0 0 792 420\"\n xmlns=\"http://www.w3.org/2000/svg\">\n"
      "<title>Gnuplot</title>\n<rect x=\"0\" y=\"0\" width=\"792\" "
      "height=\"420\" fill=\"#ffffff\"/>\n",
      inside, "\n</svg>\n");
}

constexpr char kStart[] =
    "<svg role=\"img\" aria-label=\"A &lt; B\" viewBox=\"0 0 792 420\">";

std::string Inline(const std::string& inside) {
  std::set<std::string> colours;
  const auto svg = InlineSvg(Picture(inside), "f", "A < B", &colours);
  return svg.ok() ? *svg : std::string(svg.status().message());
}

TEST(InlineSvgTest, ColoursIdsPathsAndEmptyGroups) {
  std::set<std::string> colours;
  ASSERT_OK_AND_ASSIGN(
      const std::string svg,
      InlineSvg(Picture("<g fill=\"none\" color=\"black\"></g>\n"
                        "<g color='rgb(  0, 114, 178)' stroke=\"currentColor\">"
                        "<use xlink:href='#p1'/></g>"
                        "<path id='p1' stroke='rgb(208, 208, 208)' class=\"g\" "
                        " d = 'M1.26,-2.04 L3.00,4\n\t L.5,6 '/>"
                        "<g fill=\"rgb(0,0,0)\" font-family=\"X\"><text>a &lt; "
                        " b</text></g>"),
                "f", "A < B", &colours));
  EXPECT_EQ(svg, absl::StrCat(
                     kStart,
                     "<g color=\"var(--c0072b2)\" stroke=\"currentColor\">"
                     "<use href=\"#f-p1\"/></g>"
                     "<path id=\"f-p1\" stroke=\"currentColor\" "
                     "stroke-opacity=\"0.18\" d=\"M1.3,-2 L3,4 L0.5,6\"/>"
                     "<g fill=\"currentColor\"><text>a &lt;  b</text></g>"
                     "</svg>"));
  EXPECT_THAT(colours, ElementsAre("0072b2"));
}

TEST(InlineSvgTest, NothingThatRunsOrLoads) {
  EXPECT_EQ(Inline("<script>x</script>"), "f.svg: has an element script");
  EXPECT_EQ(Inline("<g onclick='x'></g>"), "f.svg: has an attribute onclick");
  EXPECT_EQ(Inline("<g style='x'></g>"), "f.svg: has an attribute style");
  EXPECT_EQ(Inline("<use href='http://x'/>"), "f.svg: refers to http://x");
  EXPECT_EQ(Inline("<g filter='url(http://x)'></g>"),
            "f.svg: refers to url(http://x)");
  EXPECT_THAT(Inline("<g filter='url(#b)'></g>x<g/>"), HasSubstr(kStart));
}

TEST(InlineSvgTest, NotAnSvg) {
  std::set<std::string> colours;
  for (const char* text : {"", "words", "<p>a</p>", "<svg", "<svg><g></svg>",
                           "<svg a></svg>", "<svg a=b></svg>"}) {
    EXPECT_FALSE(InlineSvg(text, "f", "", &colours).ok()) << text;
  }
}

TEST(ColourCssTest, DarkColoursAreLightened) {
  EXPECT_NEAR(Contrast("000000", "ffffff"), 21.0, 1e-9);
  EXPECT_NEAR(Contrast("777777", "ffffff"), 4.48, 0.01);
  const std::string css = ColourCss({"440154", "fde725"}, "#15181c");
  EXPECT_THAT(css, HasSubstr(":root{--c440154:#440154;--cfde725:#fde725;}"));
  const size_t at = css.find("dark){:root{--c440154:#");
  ASSERT_NE(at, css.npos) << css;
  const std::string lightened = css.substr(at + 23, 6);
  EXPECT_GE(Contrast(lightened, "15181c"), 3.0);
  EXPECT_LT(Contrast(lightened, "15181c"), 3.3);
}

}  // namespace
}  // namespace anisograd
