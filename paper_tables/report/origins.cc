#include "paper_tables/report/origins.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_replace.h"
#include "analysis/convex.h"
#include "experiments/selection.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::json;

std::string Words(absl::string_view name) {
  return absl::StrReplaceAll(absl::AsciiStrToLower(name), {{"_", " "}});
}

json Pair(const std::string& name, const std::string& value) {
  return json::array({name, value});
}

// A singular scalar field as it stands in a text proto, without quotes.
std::string Value(const Message& message, const FieldDescriptor* field) {
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, field, -1,
                                                        &text);
  if (field->cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return message.GetReflection()->GetString(message, field);
  }
  return text;
}

// Appends the scalar fields that are set.
void AddScalars(const Message& message, const std::string& prefix, json* list) {
  std::vector<const FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated()) continue;
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) continue;
    list->push_back(Pair(prefix + Words(field->name()), Value(message, field)));
  }
}

// Of a spec: the scalar fields of its messages, such as the protocol's.
json Readings(const Message& spec) {
  json list = json::array();
  std::vector<const FieldDescriptor*> fields;
  spec.GetReflection()->ListFields(spec, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->is_repeated() ||
        field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
      continue;
    }
    const Message& part = spec.GetReflection()->GetMessage(spec, field);
    AddScalars(part, "", &list);
    std::vector<const FieldDescriptor*> inner;
    part.GetReflection()->ListFields(part, &inner);
    for (const FieldDescriptor* f : inner) {
      if (f->is_repeated() ||
          f->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
        continue;
      }
      AddScalars(part.GetReflection()->GetMessage(part, f),
                 Words(f->name()) + ": ", &list);
    }
  }
  return list;
}

// What all results have.
template <typename Result>
Origin Start(const Result& result) {
  Origin origin;
  origin.target = result.target();
  origin.dataset = result.dataset().name();
  origin.data_digest = result.dataset().digest();
  origin.data_note = result.dataset().note();
  json facts = json::array(), data = json::array();
  AddScalars(result, "", &facts);
  AddScalars(result.dataset(), "", &data);
  origin.json["facts"] = facts;
  origin.json["data"] = data;
  return origin;
}

template <typename Result>
void AddSpec(const Result& result, Origin* origin) {
  origin->json["spec"] = ToTextProto(result.spec());
  origin->json["readings"] = Readings(result.spec());
}

template <typename Result>
void AddDevice(const Result& result, Origin* origin) {
  json start = json::array();
  AddScalars(result.start(), "start: ", &start);
  for (const json& fact : start) origin->json["facts"].push_back(fact);
  if (!result.source_revision().empty()) origin->recorded_on = result.device();
}

template <typename Result>
void AddRuns(const Result& result, Origin* origin) {
  int exploded = 0;
  for (const auto& run : result.run()) {
    if (run.outcome() == Run::EXPLODED) ++exploded;
  }
  origin->json["outcomes"] = json::array(
      {json::array({"runs", result.run_size()}),
       json::array({"converged", result.run_size() - exploded}),
       json::array({"exploded", exploded})});
  if (!result.has_selected()) {
    origin->json["selected"] = "none: a run of every grid point exploded";
    return;
  }
  const Selected& selected = result.selected();
  origin->json["selected"] = absl::StrFormat(
      "learning rate %g, %s", selected.learning_rate(),
      Words(ScheduleSpec::Kind_Name(selected.schedule().kind())));
}

template <typename Runs>
json Series(const std::string& x, const std::string& y, const Runs& values) {
  // A curve of the page has at most so many points: means of consecutive ones.
  constexpr int kMost = 200;
  const int n = static_cast<int>(values.size());
  const int window = (n + kMost - 1) / kMost;
  json points = json::array();
  for (int first = 0; first < n; first += window) {
    const int end = std::min(first + window, n);
    double sum = 0.0;
    for (int i = first; i < end; ++i) sum += values[i];
    // Six digits, as plot data have.
    double mean = 0.0;
    (void)absl::SimpleAtod(absl::StrFormat("%.6g", sum / (end - first)), &mean);
    points.push_back(json::array({end, mean}));
  }
  return {{"x", x}, {"y", y}, {"points", points}};
}

}  // namespace

Origin MakeOrigin(const ExperimentResult& result) {
  Origin origin = Start(result);
  AddSpec(result, &origin);
  AddRuns(result, &origin);
  double optimum = 0.0;
  for (const OptimumRecord& record : result.optimum()) {
    const std::string role =
        Words(OptimumSpec::Role_Name(record.spec().role()));
    origin.json["facts"].push_back(
        Pair(absl::StrCat("f(w*), ", role), absl::StrFormat("%.10g", record.loss())));
    origin.json["facts"].push_back(
        Pair(absl::StrCat("w*, ", role), record.target()));
    if (record.spec().role() == OptimumSpec::PAPER) optimum = record.loss();
  }
  if (!result.has_selected()) return origin;
  json seeds = json::array();
  for (const Run& run : result.run()) {
    if (!IsSelected(result, run)) continue;
    seeds.push_back(json::array(
        {run.seed(), SelectionValue(result.spec().logistic(), run) - optimum}));
  }
  origin.json["seeds"] = seeds;
  origin.json["seed_unit"] = "f(w) - f(w*)";
  origin.json["curve"] = {
      {"family", result.spec().name()},
      {"batch_size", result.spec().batch_size(0)},
      {"method", MethodTitle(result.spec().method(0).name())}};
  return origin;
}

Origin MakeOrigin(const ConstantsResult& result) { return Start(result); }

Origin MakeOrigin(const Gpt2Result& result) {
  Origin origin = Start(result);
  AddSpec(result, &origin);
  AddDevice(result, &origin);
  AddRuns(result, &origin);
  if (!result.has_selected()) return origin;
  json seeds = json::array();
  for (const Gpt2Run& run : result.run()) {
    if (!AreOfOneGridPoint(run, result.selected())) continue;
    if (seeds.empty()) {
      origin.json["series"] = Series("step", "training loss", run.loss());
    }
    seeds.push_back(json::array({run.seed(), run.reported_loss()}));
  }
  origin.json["seeds"] = seeds;
  origin.json["seed_unit"] = "training loss";
  return origin;
}

Origin MakeOrigin(const Gpt2SmoothnessResult& result) {
  Origin origin = Start(result);
  AddSpec(result, &origin);
  AddDevice(result, &origin);
  origin.json["series"] = Series("iteration", "training loss", result.loss());
  return origin;
}

}  // namespace anisograd
