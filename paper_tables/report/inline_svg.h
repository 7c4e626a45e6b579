#ifndef PAPER_TABLES_REPORT_INLINE_SVG_H_
#define PAPER_TABLES_REPORT_INLINE_SVG_H_

#include <set>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// gnuplot's SVG `text` as an <svg> element of an HTML page, on any background:
// - without prolog, size, fonts and the white ground;
// - black is currentColor, and grey is currentColor that shines through as much
//   as the grey does on white: text, axes and grid follow the page;
// - white is --ground, the page's;
// - other colours are CSS variables --cRRGGBB, which are added to `colours`;
// - every id begins with `name`, so that pictures do not share what they refer to;
// - `title` is what a screen reader says;
// - paths have one digit behind the point, a twentieth of a printed point.
// InvalidArgument for text that is no such SVG, and for what could run or load
// something: elements script, style, image, foreignObject, a; attributes on*,
// style; references beyond the picture.
absl::StatusOr<std::string> InlineSvg(absl::string_view text,
                                      const std::string& name,
                                      const std::string& title,
                                      std::set<std::string>* colours);

// CSS that defines the variables: as they are, and where the reader's scheme is
// dark, mixed with white until they stand out from `dark_ground`, "#RRGGBB", by a
// contrast of 3, which WCAG 2 asks of graphics.
std::string ColourCss(const std::set<std::string>& colours,
                      const std::string& dark_ground);

// WCAG 2's contrast ratio of two colours "RRGGBB", 1 to 21.
double Contrast(absl::string_view a, absl::string_view b);

}  // namespace anisograd

#endif  // PAPER_TABLES_REPORT_INLINE_SVG_H_
