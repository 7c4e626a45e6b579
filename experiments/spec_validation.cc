#include "experiments/spec_validation.h"

#include <cmath>
#include <cstdint>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "optim/validation.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status Bad(absl::string_view field, absl::string_view reason) {
  return absl::InvalidArgumentError(absl::StrCat(field, ": ", reason));
}

// A part of a target's name and of a file's.
bool IsName(const std::string& name) {
  if (name.empty()) return false;
  for (const char c : name) {
    if (!absl::ascii_isalnum(c) && c != '_' && c != '-') return false;
  }
  return true;
}

bool IsPositive(double x) { return std::isfinite(x) && x > 0.0; }

// Fields of enum type must be set, and to a value that this program knows.
template <typename IsValid>
absl::Status CheckEnum(int value, IsValid is_valid, absl::string_view field) {
  if (value == 0) return Bad(field, "must be set");
  if (!is_valid(value)) return Bad(field, "is not a known value");
  return absl::OkStatus();
}

absl::Status ValidateGrid(const Grid& grid, absl::string_view field) {
  if (grid.learning_rate_size() == 0) {
    return Bad(absl::StrCat(field, ".learning_rate"),
               "the grid is empty; give at least one");
  }
  if (grid.schedule_size() == 0) {
    return Bad(absl::StrCat(field, ".schedule"),
               "the grid is empty; give at least one");
  }
  for (int i = 0; i < grid.learning_rate_size(); ++i) {
    if (!IsPositive(grid.learning_rate(i))) {
      return Bad(absl::StrCat(field, ".learning_rate[", i, "]"),
                 absl::StrCat("must be positive and finite, got ",
                              grid.learning_rate(i)));
    }
  }
  for (int i = 0; i < grid.schedule_size(); ++i) {
    RETURN_IF_ERROR(ValidateSchedule(grid.schedule(i),
                                     absl::StrCat(field, ".schedule[", i, "]")));
  }
  return absl::OkStatus();
}

absl::Status ValidateLogistic(const LogisticProtocol& protocol) {
  using P = LogisticProtocol;
  if (protocol.epochs() <= 0) {
    return Bad("logistic.epochs",
               absl::StrCat("must be positive, got ", protocol.epochs()));
  }
  if (!std::isfinite(protocol.initial_radius()) ||
      protocol.initial_radius() < 0.0) {
    return Bad("logistic.initial_radius",
               absl::StrCat("must be finite and not negative, got ",
                            protocol.initial_radius()));
  }
  RETURN_IF_ERROR(CheckEnum(protocol.sampling(), P::Sampling_IsValid,
                            "logistic.sampling"));
  RETURN_IF_ERROR(CheckEnum(protocol.last_batch(), P::LastBatch_IsValid,
                            "logistic.last_batch"));
  RETURN_IF_ERROR(CheckEnum(protocol.schedule_clock(), P::ScheduleClock_IsValid,
                            "logistic.schedule_clock"));
  RETURN_IF_ERROR(CheckEnum(protocol.iterate(), P::Iterate_IsValid,
                            "logistic.iterate"));
  RETURN_IF_ERROR(CheckEnum(protocol.selection(), P::Selection_IsValid,
                            "logistic.selection"));
  const double max_sample_loss = protocol.explosion().max_sample_loss();
  if (!std::isfinite(max_sample_loss) || max_sample_loss < 0.0) {
    return Bad("logistic.explosion.max_sample_loss",
               absl::StrCat("must be finite and not negative, got ",
                            max_sample_loss));
  }
  return ValidateProjection(protocol.projection(), "logistic.projection");
}

absl::Status ValidateOptimumSpec(const OptimumSpec& optimum,
                                 const std::string& field) {
  RETURN_IF_ERROR(
      CheckEnum(optimum.role(), OptimumSpec::Role_IsValid, field + ".role"));
  switch (optimum.method_case()) {
    case OptimumSpec::kGradientDescent: {
      const std::string name = field + ".gradient_descent";
      if (optimum.gradient_descent().steps() <= 0) {
        return Bad(name + ".steps", "must be positive");
      }
      if (!IsPositive(optimum.gradient_descent().learning_rate())) {
        return Bad(name + ".learning_rate", "must be positive and finite");
      }
      return absl::OkStatus();
    }
    case OptimumSpec::kAdagrad: {
      const std::string name = field + ".adagrad";
      if (optimum.adagrad().epochs() <= 0) {
        return Bad(name + ".epochs", "must be positive");
      }
      if (optimum.adagrad().batch_size() <= 0) {
        return Bad(name + ".batch_size", "must be positive");
      }
      RETURN_IF_ERROR(ValidateGrid(optimum.adagrad().grid(), name + ".grid"));
      return ValidateOptimizer(optimum.adagrad().optimizer(),
                               name + ".optimizer");
    }
    case OptimumSpec::kNewton:
      if (!IsPositive(optimum.newton().gradient_tolerance())) {
        return Bad(field + ".newton.gradient_tolerance", "must be positive");
      }
      if (optimum.newton().max_iterations() <= 0) {
        return Bad(field + ".newton.max_iterations", "must be positive");
      }
      return absl::OkStatus();
    case OptimumSpec::kLbfgs:
      if (!IsPositive(optimum.lbfgs().gradient_tolerance())) {
        return Bad(field + ".lbfgs.gradient_tolerance", "must be positive");
      }
      if (optimum.lbfgs().max_iterations() <= 0) {
        return Bad(field + ".lbfgs.max_iterations", "must be positive");
      }
      if (optimum.lbfgs().memory() <= 0) {
        return Bad(field + ".lbfgs.memory", "must be positive");
      }
      return absl::OkStatus();
    case OptimumSpec::METHOD_NOT_SET:
      break;
  }
  return Bad(field, "must name a method");
}

std::string RoleName(OptimumSpec::Role role) {
  return absl::AsciiStrToLower(OptimumSpec::Role_Name(role));
}

}  // namespace

absl::Status ValidateExperiment(const ExperimentSpec& spec) {
  if (!IsName(spec.name())) {
    return Bad("name", "must be letters, digits, '_' and '-'");
  }
  if (!IsName(spec.dataset())) {
    return Bad("dataset", "must name a data set of //data");
  }
  std::set<std::string> methods;
  for (int i = 0; i < spec.method_size(); ++i) {
    const std::string field = absl::StrCat("method[", i, "]");
    if (!IsName(spec.method(i).name())) {
      return Bad(field + ".name", "must be letters, digits, '_' and '-'");
    }
    if (!methods.insert(spec.method(i).name()).second) {
      return Bad(field + ".name",
                 absl::StrCat("\"", spec.method(i).name(), "\" stands twice"));
    }
    RETURN_IF_ERROR(
        ValidateOptimizer(spec.method(i).optimizer(), field + ".optimizer"));
  }
  std::set<int64_t> batch_sizes;
  for (int i = 0; i < spec.batch_size_size(); ++i) {
    const std::string field = absl::StrCat("batch_size[", i, "]");
    if (spec.batch_size(i) <= 0) {
      return Bad(field,
                 absl::StrCat("must be positive, got ", spec.batch_size(i)));
    }
    if (!batch_sizes.insert(spec.batch_size(i)).second) {
      return Bad(field, absl::StrCat(spec.batch_size(i), " stands twice"));
    }
  }
  // An optimum's own part of a family trains nothing.
  if (!methods.empty()) {
    if (batch_sizes.empty()) return Bad("batch_size", "give at least one");
    RETURN_IF_ERROR(ValidateGrid(spec.grid(), "grid"));
    if (spec.seed_size() == 0) return Bad("seed", "give at least one");
    std::set<uint64_t> seeds(spec.seed().begin(), spec.seed().end());
    if (static_cast<int>(seeds.size()) != spec.seed_size()) {
      return Bad("seed", "stands twice");
    }
  }
  if (!spec.has_logistic()) return Bad("logistic", "must be set");
  RETURN_IF_ERROR(ValidateLogistic(spec.logistic()));
  if (spec.optimum_size() == 0) return Bad("optimum", "give at least one");
  std::set<int> roles;
  for (int i = 0; i < spec.optimum_size(); ++i) {
    const std::string field = absl::StrCat("optimum[", i, "]");
    RETURN_IF_ERROR(ValidateOptimumSpec(spec.optimum(i), field));
    if (!roles.insert(spec.optimum(i).role()).second) {
      return Bad(field + ".role", "stands twice");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<ExperimentSpec> ReadExperiment(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ExperimentSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  RETURN_IF_ERROR(AtField(ValidateExperiment(spec), text, path));
  return spec;
}

absl::StatusOr<ExperimentSpec> ExpandCell(const ExperimentSpec& family,
                                          absl::string_view method,
                                          int64_t batch_size) {
  ExperimentSpec cell = family;
  cell.clear_method();
  cell.clear_batch_size();
  for (const Method& candidate : family.method()) {
    if (absl::string_view(candidate.name()) == method) {
      *cell.add_method() = candidate;
    }
  }
  if (cell.method_size() == 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("method: ", family.name(), " has no method \"", method,
                     "\""));
  }
  for (const int64_t candidate : family.batch_size()) {
    if (candidate == batch_size) cell.add_batch_size(candidate);
  }
  if (cell.batch_size_size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "batch_size: ", family.name(), " has no batch size ", batch_size));
  }
  return cell;
}

absl::StatusOr<ExperimentSpec> ExpandOptimum(const ExperimentSpec& family,
                                             absl::string_view role) {
  ExperimentSpec part = family;
  part.clear_method();
  part.clear_batch_size();
  part.clear_grid();
  part.clear_seed();
  part.clear_optimum();
  for (const OptimumSpec& candidate : family.optimum()) {
    if (RoleName(candidate.role()) == role) *part.add_optimum() = candidate;
  }
  if (part.optimum_size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "optimum: ", family.name(), " has none of role \"", role, "\""));
  }
  return part;
}

std::string SpecDigest(const ExperimentSpec& spec) {
  return Sha256Hex(SerializeDeterministically(spec));
}

}  // namespace anisograd
