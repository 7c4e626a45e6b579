#include "figures/plot_data.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "tools/base/status_macros.h"
#include "tools/base/wrap_words.h"

namespace anisograd {
namespace {

absl::StatusOr<PlotColumn> ParsePlotColumn(const std::string& text) {
  const std::pair<std::string, std::string> parts =
      absl::StrSplit(text, absl::MaxSplits(':', 1));
  const auto& [name, type] = parts;
  if (type == "integer") return PlotColumn{name, PlotColumn::Type::kInteger};
  if (type == "number") return PlotColumn{name, PlotColumn::Type::kNumber};
  if (type == "text") return PlotColumn{name, PlotColumn::Type::kText};
  return absl::InvalidArgumentError(absl::StrCat(
      "column \"", text, "\": want NAME:integer, NAME:number or NAME:text"));
}

// SimpleAtoi and SimpleAtod skip blanks and read hexadecimal; a file has
// neither.
bool HasType(const std::string& field, PlotColumn::Type type) {
  if (field.empty()) return false;
  if (type == PlotColumn::Type::kText) return true;
  if (field.find_first_not_of("0123456789+-.eE") != field.npos) return false;
  int64_t integer;
  double number;
  return type == PlotColumn::Type::kInteger
             ? absl::SimpleAtoi(field, &integer)
             : absl::SimpleAtod(field, &number) && std::isfinite(number);
}

std::string TypeName(PlotColumn::Type type) {
  switch (type) {
    case PlotColumn::Type::kInteger: return "an integer";
    case PlotColumn::Type::kNumber: return "a finite number";
    case PlotColumn::Type::kText: return "a text";
  }
  return "";
}

// A double-quoted gnuplot string: backslashes and quotes escaped, and also the
// backquote, which would start a command substitution.
std::string GnuplotString(absl::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\' || c == '`') {
      absl::StrAppendFormat(&quoted, "\\%03o", c);
    } else {
      quoted += c;
    }
  }
  return quoted + "\"";
}

std::string GnuplotValue(const std::string& field, PlotColumn::Type type) {
  switch (type) {
    case PlotColumn::Type::kInteger: return field;
    // gnuplot's 1/2 is 0: a number must look like one.
    case PlotColumn::Type::kNumber: return absl::StrCat("1.0*(", field, ")");
    case PlotColumn::Type::kText: return GnuplotString(field);
  }
  return "";
}

// Reads the file line by line; errors carry path and line.
class Parser {
 public:
  Parser(const PlotSchema& schema, const std::string& path)
      : schema_(schema), path_(path) {}

  absl::StatusOr<PlotData> Parse(absl::string_view text) {
    for (const absl::string_view line :
         absl::StrSplit(absl::StripSuffix(text, "\n"), '\n')) {
      ++line_;
      RETURN_IF_ERROR(CheckCharacters(line));
      if (width_ == 0 && absl::StartsWith(line, "#")) {
        RETURN_IF_ERROR(ParseComment(line));
      } else if (width_ == 0) {
        RETURN_IF_ERROR(ParseHeader(absl::StrSplit(line, ',')));
      } else {
        RETURN_IF_ERROR(ParsePoint(absl::StrSplit(line, ',')));
      }
    }
    if (width_ == 0) return Error("the file ends without a header");
    return std::move(data_);
  }

 private:
  absl::Status Error(absl::string_view what) const {
    return absl::InvalidArgumentError(
        absl::StrCat(path_, ":", line_, ": ", what));
  }

  absl::Status CheckCharacters(absl::string_view line) const {
    for (const char c : line) {
      if (c < ' ' || c > '~') {
        return Error(absl::StrFormat(
            "character 0x%02x is not printable ASCII",
            static_cast<unsigned char>(c)));
      }
    }
    return absl::OkStatus();
  }

  absl::Status ParseComment(absl::string_view line) {
    if (absl::ConsumePrefix(&line, "# note: ")) {
      data_.notes.emplace_back(line);
    } else if (absl::ConsumePrefix(&line, "# caption: ") &&
               data_.caption.empty()) {
      data_.caption = std::string(line);
    } else {
      return Error(absl::StrCat("want \"# note: ...\" or one \"# caption: "
                                "...\", have \"", line, "\""));
    }
    return absl::OkStatus();
  }

  absl::Status ParseHeader(const std::vector<std::string>& names) {
    std::map<std::string, size_t> place;
    for (size_t i = 0; i < names.size(); ++i) {
      if (!place.emplace(names[i], i).second) {
        return Error(absl::StrCat("header: column \"", names[i], "\" twice"));
      }
    }
    const auto take = [&](const std::vector<PlotColumn>& columns,
                          std::vector<size_t>& places) -> absl::Status {
      for (const PlotColumn& column : columns) {
        const auto at = place.find(column.name);
        if (at == place.end()) {
          return Error(absl::StrCat("header: no column \"", column.name, "\""));
        }
        places.push_back(at->second);
        place.erase(at);
      }
      return absl::OkStatus();
    };
    RETURN_IF_ERROR(take(schema_.curve, curve_places_));
    RETURN_IF_ERROR(take(schema_.point, point_places_));
    if (!place.empty()) {
      return Error(absl::StrCat("header: unknown column \"",
                                place.begin()->first, "\""));
    }
    width_ = names.size();
    return absl::OkStatus();
  }

  absl::Status ParsePoint(const std::vector<std::string>& fields) {
    if (fields.size() != width_) {
      return Error(absl::StrFormat("%d fields, the header has %d",
                                   fields.size(), width_));
    }
    const auto pick = [&](const std::vector<PlotColumn>& columns,
                          const std::vector<size_t>& places,
                          std::vector<std::string>& values) -> absl::Status {
      for (size_t i = 0; i < columns.size(); ++i) {
        const std::string& field = fields[places[i]];
        if (!HasType(field, columns[i].type)) {
          return Error(absl::StrCat(columns[i].name, ": want ",
                                    TypeName(columns[i].type), ", have \"",
                                    field, "\""));
        }
        values.push_back(field);
      }
      return absl::OkStatus();
    };
    std::vector<std::string> labels, point;
    RETURN_IF_ERROR(pick(schema_.curve, curve_places_, labels));
    RETURN_IF_ERROR(pick(schema_.point, point_places_, point));
    const auto [at, is_new] =
        curve_of_labels_.emplace(labels, data_.curves.size());
    if (is_new) data_.curves.push_back({std::move(labels), {}});
    data_.curves[at->second].points.push_back(std::move(point));
    return absl::OkStatus();
  }

  const PlotSchema& schema_;
  const std::string& path_;
  int line_ = 0;
  size_t width_ = 0;  // fields a line; 0 before the header
  std::vector<size_t> curve_places_, point_places_;  // in a line
  std::map<std::vector<std::string>, size_t> curve_of_labels_;
  PlotData data_;
};

}  // namespace

absl::StatusOr<PlotSchema> ParsePlotSchema(
    const std::vector<std::string>& curve,
    const std::vector<std::string>& point) {
  PlotSchema schema;
  for (const std::string& text : curve) {
    ASSIGN_OR_RETURN(PlotColumn column, ParsePlotColumn(text));
    schema.curve.push_back(std::move(column));
  }
  for (const std::string& text : point) {
    ASSIGN_OR_RETURN(PlotColumn column, ParsePlotColumn(text));
    if (column.type == PlotColumn::Type::kText) {
      return absl::InvalidArgumentError(
          absl::StrCat("column \"", text, "\": a point has no text"));
    }
    schema.point.push_back(std::move(column));
  }
  return schema;
}

absl::StatusOr<PlotData> ParsePlotData(absl::string_view text,
                                       const PlotSchema& schema,
                                       const std::string& path) {
  return Parser(schema, path).Parse(text);
}

std::string GnuplotDefinitions(const PlotSchema& schema, const PlotData& data,
                               int note_width) {
  const size_t curves = data.curves.size();
  std::string script = absl::StrCat("curves = ", curves, "\n");
  for (size_t c = 0; c < schema.curve.size(); ++c) {
    std::vector<std::string> values;
    for (const PlotData::Curve& curve : data.curves) {
      values.push_back(GnuplotValue(curve.labels[c], schema.curve[c].type));
    }
    const std::string& name = schema.curve[c].name;
    std::vector<std::string> distinct;
    std::vector<size_t> which;
    for (const std::string& value : values) {
      const auto at = std::find(distinct.begin(), distinct.end(), value);
      which.push_back(at - distinct.begin() + 1);
      if (at == distinct.end()) distinct.push_back(value);
    }
    const auto array = [&](absl::string_view what, const auto& items) {
      if (items.empty()) return;  // gnuplot has no empty arrays
      absl::StrAppend(&script, "array ", what, "_", name, "[", items.size(),
                      "] = [", absl::StrJoin(items, ", "), "]\n");
    };
    array("curve", values);
    absl::StrAppend(&script, "values_", name, " = ", distinct.size(), "\n");
    array("value", distinct);
    array("which", which);
  }
  for (size_t c = 0; c < schema.point.size(); ++c) {
    absl::StrAppend(&script, "col_", schema.point[c].name, " = ", c + 1, "\n");
  }
  std::vector<std::string> lines;
  for (const std::string& note : data.notes) {
    for (std::string& line : WrapWords(note, note_width)) {
      lines.push_back(std::move(line));
    }
  }
  absl::StrAppend(&script, "note_lines = ", lines.size(), "\n");
  if (!lines.empty()) {
    for (std::string& line : lines) line = GnuplotString(line);
    absl::StrAppend(&script, "array notes[", lines.size(), "] = [",
                    absl::StrJoin(lines, ", "), "]\n");
  }
  script += "$data << END\n";
  // Two blank lines separate what `index` selects.
  absl::StrAppend(
      &script,
      absl::StrJoin(data.curves, "\n\n",
                    [](std::string* out, const PlotData::Curve& curve) {
                      for (const auto& point : curve.points) {
                        absl::StrAppend(out, absl::StrJoin(point, " "), "\n");
                      }
                    }),
      "END\n");
  return script;
}

std::string DescribeFigure(absl::string_view title, const PlotData& data) {
  std::string text = absl::StrCat(title, "\n");
  if (!data.caption.empty()) absl::StrAppend(&text, data.caption, "\n");
  if (data.curves.empty()) absl::StrAppend(&text, "There is no point to draw.\n");
  for (const std::string& note : data.notes) {
    absl::StrAppend(&text, "Note: ", note, "\n");
  }
  return text;
}

}  // namespace anisograd
