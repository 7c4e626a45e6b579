#include "paper_tables/report/inline_svg.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "paper_tables/report/web.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using Attributes = std::vector<std::pair<std::string, std::string>>;

bool IsSpace(char c) { return absl::ascii_isspace(c); }

// The colour as "rrggbb"; nullopt for what is none, such as "none".
std::optional<std::string> ParseColour(absl::string_view value) {
  if (value == "black") return "000000";
  if (absl::ConsumePrefix(&value, "#") && value.size() == 6) {
    return absl::AsciiStrToLower(value);
  }
  if (!absl::ConsumePrefix(&value, "rgb(") ||
      !absl::ConsumeSuffix(&value, ")")) {
    return std::nullopt;
  }
  std::string hex;
  for (const absl::string_view part : absl::StrSplit(value, ',')) {
    int channel;
    if (!absl::SimpleAtoi(part, &channel) || channel < 0 || channel > 255) {
      return std::nullopt;
    }
    absl::StrAppendFormat(&hex, "%02x", channel);
  }
  return hex.size() == 6 ? std::optional<std::string>(hex) : std::nullopt;
}

int Channel(absl::string_view colour, int c) {
  return static_cast<int>(
      std::strtol(std::string(colour.substr(2 * c, 2)).c_str(), nullptr, 16));
}

double Luminance(absl::string_view colour) {
  constexpr double kWeights[] = {0.2126, 0.7152, 0.0722};
  double sum = 0.0;
  for (int c = 0; c < 3; ++c) {
    const double x = Channel(colour, c) / 255.0;
    sum += kWeights[c] * (x <= 0.04045 ? x / 12.92
                                       : std::pow((x + 0.055) / 1.055, 2.4));
  }
  return sum;
}

// One blank where there are some, and numbers with one digit behind the point.
std::string ShortPath(absl::string_view d) {
  std::string out;
  for (size_t i = 0; i < d.size();) {
    if (IsSpace(d[i])) {
      while (i < d.size() && IsSpace(d[i])) ++i;
      if (!out.empty() && i < d.size()) out += ' ';
      continue;
    }
    size_t end = i;
    while (end < d.size() && (absl::ascii_isdigit(d[end]) || d[end] == '.' ||
                              (d[end] == '-' && end == i))) {
      ++end;
    }
    double number;
    if (end > i && absl::SimpleAtod(d.substr(i, end - i), &number)) {
      const double rounded = std::round(number * 10.0) / 10.0;
      absl::StrAppend(&out, rounded == 0.0 ? 0.0 : rounded);
      i = end;
    } else {
      out += d[i++];
    }
  }
  return out;
}

class Rewriter {
 public:
  Rewriter(absl::string_view text, const std::string& name,
           const std::string& title, std::set<std::string>* colours)
      : text_(text), name_(name), title_(title), colours_(colours) {}

  absl::StatusOr<std::string> Run() {
    while (at_ < text_.size()) {
      if (text_[at_] != '<') {
        const size_t end = std::min(text_.find('<', at_), text_.size());
        // White space counts in words alone; entities stay.
        if (in_words_) out_ += std::string(text_.substr(at_, end - at_));
        at_ = end;
      } else if (Skip("<?", "?>") || Skip("<!--", "-->") || Skip("<!", ">") ||
                 Skip("<title>", "</title>") || Skip("<desc>", "</desc>")) {
      } else {
        RETURN_IF_ERROR(Tag());
      }
    }
    if (!seen_root_ || !open_.empty()) return Error("is no whole SVG");
    return std::move(out_);
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(name_, ".svg: ", what));
  }

  bool Skip(absl::string_view start, absl::string_view stop) {
    if (!absl::StartsWith(text_.substr(at_), start)) return false;
    const size_t end = text_.find(stop, at_);
    at_ = end == text_.npos ? text_.size() : end + stop.size();
    return true;
  }

  absl::Status Tag() {
    if (Skip("</", "")) {
      const size_t end = text_.find('>', at_);
      if (end == text_.npos || open_.empty()) return Error("a tag does not end");
      at_ = end + 1;
      const auto [tag, start] = open_.back();
      open_.pop_back();
      if (tag == "text") in_words_ = false;
      // A group without anything in it.
      if (tag == "g" && out_.size() == last_start_end_ &&
          start == last_start_) {
        out_.resize(start);
      } else {
        absl::StrAppend(&out_, "</", tag, ">");
      }
      return absl::OkStatus();
    }
    ++at_;
    std::string tag;
    while (at_ < text_.size() && !IsSpace(text_[at_]) && text_[at_] != '>' &&
           text_[at_] != '/') {
      tag += text_[at_++];
    }
    for (const char* refused :
         {"script", "style", "image", "foreignobject", "a"}) {
      if (absl::AsciiStrToLower(tag) == refused) {
        return Error(absl::StrCat("has an element ", tag));
      }
    }
    Attributes attributes;
    bool empty = false;
    for (;;) {
      while (at_ < text_.size() && IsSpace(text_[at_])) ++at_;
      if (at_ >= text_.size()) return Error("a tag does not end");
      if (text_[at_] == '/') {
        empty = true;
        ++at_;
      } else if (text_[at_] == '>') {
        ++at_;
        break;
      } else {
        RETURN_IF_ERROR(ReadAttribute(&attributes));
      }
    }
    if (tag == "svg" && !seen_root_) {
      seen_root_ = true;
    } else if (!seen_root_) {
      return Error("does not begin with an element svg");
    }
    if (IsGround(tag, attributes)) return absl::OkStatus();
    last_start_ = out_.size();
    absl::StrAppend(&out_, "<", tag);
    if (tag == "svg") {
      absl::StrAppend(&out_, " role=\"img\" aria-label=\"", EscapeHtml(title_),
                      "\"");
    }
    for (const auto& [key, value] : attributes) {
      RETURN_IF_ERROR(Write(tag, key, value));
    }
    out_ += empty ? "/>" : ">";
    last_start_end_ = out_.size();
    if (!empty) open_.push_back({tag, last_start_});
    if (tag == "text") in_words_ = !empty;
    return absl::OkStatus();
  }

  absl::Status ReadAttribute(Attributes* attributes) {
    const size_t equals = text_.find('=', at_);
    if (equals == text_.npos || equals + 1 >= text_.size()) {
      return Error("an attribute has no value");
    }
    size_t start = equals + 1;
    while (start < text_.size() && IsSpace(text_[start])) ++start;
    const char quote = start < text_.size() ? text_[start] : '\0';
    const size_t end = text_.find(quote, start + 1);
    if ((quote != '"' && quote != '\'') || end == text_.npos) {
      return Error("an attribute is not quoted");
    }
    attributes->emplace_back(
        absl::StripAsciiWhitespace(text_.substr(at_, equals - at_)),
        text_.substr(start + 1, end - start - 1));
    at_ = end + 1;
    return absl::OkStatus();
  }

  // The white rectangle below everything.
  static bool IsGround(const std::string& tag, const Attributes& attributes) {
    int matches = 0;
    for (const auto& [key, value] : attributes) {
      if ((key == "x" || key == "y") && value == "0") ++matches;
      if (key == "fill" && absl::AsciiStrToLower(value) == "#ffffff") ++matches;
    }
    return tag == "rect" && matches == 3;
  }

  absl::Status Write(const std::string& tag, const std::string& key,
                     const std::string& value) {
    const auto put = [&](absl::string_view k, absl::string_view v) {
      absl::StrAppend(&out_, " ", k, "=\"", v, "\"");
      return absl::OkStatus();
    };
    if (absl::StartsWith(absl::AsciiStrToLower(key), "on") || key == "style") {
      return Error(absl::StrCat("has an attribute ", key));
    }
    // Some of gnuplot's pictures hold this in quotes of the other kind.
    if (value.find_first_of("<>\"") != value.npos) {
      return Error(absl::StrCat("attribute ", key, " has a tag in it"));
    }
    if (absl::StartsWith(key, "xmlns") || key == "font-family" ||
        key == "class" || key == "version" || key == "xml:space" ||
        (tag == "svg" && (key == "width" || key == "height"))) {
      return absl::OkStatus();
    }
    if (key == "id") return put(key, absl::StrCat(name_, "-", value));
    if (key == "xlink:href" || key == "href") {
      if (!absl::StartsWith(value, "#")) {
        return Error(absl::StrCat("refers to ", value));
      }
      return put("href", absl::StrCat("#", name_, "-", value.substr(1)));
    }
    if (const size_t url = value.find("url("); url != value.npos) {
      if (!absl::StartsWith(value, "url(#")) {
        return Error(absl::StrCat("refers to ", value));
      }
      return put(key, absl::StrCat("url(#", name_, "-", value.substr(5)));
    }
    if (key == "d" || key == "points") return put(key, ShortPath(value));
    if (key == "fill" || key == "stroke" || key == "color") {
      const std::optional<std::string> colour = ParseColour(value);
      if (!colour.has_value()) return put(key, value);
      const int grey = Channel(*colour, 0);
      const bool is_grey =
          Channel(*colour, 1) == grey && Channel(*colour, 2) == grey;
      // The page's own, inherited.
      if (key == "color" && is_grey) return absl::OkStatus();
      if (is_grey && grey < 255) {
        RETURN_IF_ERROR(put(key, "currentColor"));
        if (grey == 0) return absl::OkStatus();
        return put(key + "-opacity",
                   absl::StrFormat("%.2g", 1.0 - grey / 255.0));
      }
      // White is the ground's.
      if (*colour == "ffffff") return put(key, "var(--ground)");
      colours_->insert(*colour);
      return put(key, absl::StrCat("var(--c", *colour, ")"));
    }
    return put(key, value);
  }

  const absl::string_view text_;
  const std::string& name_;
  const std::string& title_;
  std::set<std::string>* const colours_;
  size_t at_ = 0;
  bool seen_root_ = false;
  bool in_words_ = false;
  // Open elements and where in `out_` they start.
  std::vector<std::pair<std::string, size_t>> open_;
  // Where the last start tag starts and ends in `out_`.
  size_t last_start_ = 0;
  size_t last_start_end_ = 0;
  std::string out_;
};

}  // namespace

absl::StatusOr<std::string> InlineSvg(absl::string_view text,
                                      const std::string& name,
                                      const std::string& title,
                                      std::set<std::string>* colours) {
  return Rewriter(text, name, title, colours).Run();
}

double Contrast(absl::string_view a, absl::string_view b) {
  const double x = Luminance(a) + 0.05, y = Luminance(b) + 0.05;
  return std::max(x, y) / std::min(x, y);
}

std::string ColourCss(const std::set<std::string>& colours,
                      const std::string& dark_ground) {
  std::string light, dark;
  for (const std::string& colour : colours) {
    absl::StrAppend(&light, "--c", colour, ":#", colour, ";");
    std::string mixed = colour;
    for (int percent = 0;
         percent <= 100 && Contrast(mixed, dark_ground.substr(1)) < 3.0;
         percent += 2) {
      mixed.clear();
      for (int c = 0; c < 3; ++c) {
        const int from = Channel(colour, c);
        absl::StrAppendFormat(&mixed, "%02x",
                              from + (255 - from) * percent / 100);
      }
    }
    if (mixed != colour) {
      absl::StrAppend(&dark, "--c", colour, ":#", mixed, ";");
    }
  }
  return absl::StrCat(":root{", light,
                      "}\n@media screen and (prefers-color-scheme:dark){:root{",
                      dark, "}}\n");
}

}  // namespace anisograd
