#include "experiments/spec_validation.h"

#include <cmath>
#include <set>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "optim/validation.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::Status ValidateLogistic(const LogisticProtocol& protocol) {
  using P = LogisticProtocol;
  if (protocol.epochs() <= 0) {
    return BadField("logistic.epochs",
               absl::StrCat("must be positive, got ", protocol.epochs()));
  }
  if (!std::isfinite(protocol.initial_radius()) ||
      protocol.initial_radius() < 0.0) {
    return BadField("logistic.initial_radius",
               absl::StrCat("must be finite and not negative, got ",
                            protocol.initial_radius()));
  }
  if (protocol.divide_radius_by_features()) {
    return BadField("logistic.divide_radius_by_features",
                    "is for protocols; a family's spec has the quotient");
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
    return BadField("logistic.explosion.max_sample_loss",
               absl::StrCat("must be finite and not negative, got ",
                            max_sample_loss));
  }
  return ValidateProjection(protocol.projection(), "logistic.projection");
}

absl::Status ValidateExtremes(const ExtremesSpec& extremes,
                              const ProjectionSpec& projection) {
  using E = ExtremesSpec;
  RETURN_IF_ERROR(
      CheckEnum(extremes.counts(), E::Counts_IsValid, "extremes.counts"));
  const bool below = extremes.counts() == E::EPOCH_MEAN_LOSS_BELOW;
  if (below != IsPositive(extremes.max_epoch_mean_loss()) ||
      (!below && extremes.max_epoch_mean_loss() != 0.0)) {
    return BadField("extremes.max_epoch_mean_loss",
                    "must be positive with EPOCH_MEAN_LOSS_BELOW, and set with "
                    "nothing else");
  }
  RETURN_IF_ERROR(CheckEnum(extremes.distance_steps(), E::Steps_IsValid,
                            "extremes.distance_steps"));
  if (extremes.distance_steps() == E::EVERY_STEP &&
      projection.kind() == ProjectionSpec::L2_BALL) {
    return BadField("extremes.distance_steps",
                    "a projection onto an L2_BALL moves all coordinates, and "
                    "is not measured at every step");
  }
  RETURN_IF_ERROR(CheckEnum(extremes.join_seeds(), E::JoinSeeds_IsValid,
                            "extremes.join_seeds"));
  if (extremes.evaluations_per_epoch() <= 0) {
    return BadField("extremes.evaluations_per_epoch", "must be positive");
  }
  return absl::OkStatus();
}

absl::Status ValidateOptimumSpec(const OptimumSpec& optimum,
                                 const std::string& field) {
  RETURN_IF_ERROR(
      CheckEnum(optimum.role(), OptimumSpec::Role_IsValid, field + ".role"));
  switch (optimum.method_case()) {
    case OptimumSpec::kGradientDescent: {
      const std::string name = field + ".gradient_descent";
      if (optimum.gradient_descent().steps() <= 0) {
        return BadField(name + ".steps", "must be positive");
      }
      if (!IsPositive(optimum.gradient_descent().learning_rate())) {
        return BadField(name + ".learning_rate", "must be positive and finite");
      }
      return absl::OkStatus();
    }
    case OptimumSpec::kAdagrad: {
      const std::string name = field + ".adagrad";
      if (optimum.adagrad().epochs() <= 0) {
        return BadField(name + ".epochs", "must be positive");
      }
      RETURN_IF_ERROR(ValidateBatchSize(optimum.adagrad().batch_size(),
                                        name + ".batch_size"));
      RETURN_IF_ERROR(ValidateGrid(optimum.adagrad().grid(), name + ".grid"));
      return ValidateOptimizer(optimum.adagrad().optimizer(),
                               name + ".optimizer");
    }
    case OptimumSpec::kNewton:
      if (!IsPositive(optimum.newton().gradient_tolerance())) {
        return BadField(field + ".newton.gradient_tolerance", "must be positive");
      }
      if (optimum.newton().max_iterations() <= 0) {
        return BadField(field + ".newton.max_iterations", "must be positive");
      }
      return absl::OkStatus();
    case OptimumSpec::kLbfgs:
      if (!IsPositive(optimum.lbfgs().gradient_tolerance())) {
        return BadField(field + ".lbfgs.gradient_tolerance", "must be positive");
      }
      if (optimum.lbfgs().max_iterations() <= 0) {
        return BadField(field + ".lbfgs.max_iterations", "must be positive");
      }
      if (optimum.lbfgs().memory() <= 0) {
        return BadField(field + ".lbfgs.memory", "must be positive");
      }
      return absl::OkStatus();
    case OptimumSpec::METHOD_NOT_SET:
      break;
  }
  return BadField(field, "must name a method");
}

std::string RoleName(OptimumSpec::Role role) {
  return absl::AsciiStrToLower(OptimumSpec::Role_Name(role));
}

// `x` to five significant digits, as it would be written in a spec.
double Rounded(double x) {
  double rounded = x;
  return absl::SimpleAtod(absl::StrFormat("%.4e", x), &rounded) ? rounded : x;
}

template <typename Complete>
absl::StatusOr<ExperimentSpec> ReadCompleted(const std::string& path,
                                             const Complete& complete) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  ExperimentSpec spec;
  RETURN_IF_ERROR(ParseTextProto(text, path, &spec));
  complete(&spec);
  RETURN_IF_ERROR(AtField(ValidateExperiment(spec), text, path));
  return spec;
}

}  // namespace

absl::Status ValidateExperiment(const ExperimentSpec& spec) {
  RETURN_IF_ERROR(ValidateFamily(spec));
  if (!spec.has_logistic()) return BadField("logistic", "must be set");
  RETURN_IF_ERROR(ValidateLogistic(spec.logistic()));
  if (spec.has_extremes()) {
    RETURN_IF_ERROR(
        ValidateExtremes(spec.extremes(), spec.logistic().projection()));
  }
  if (spec.optimum_size() == 0) return BadField("optimum", "give at least one");
  std::set<int> roles;
  for (int i = 0; i < spec.optimum_size(); ++i) {
    const std::string field = absl::StrCat("optimum[", i, "]");
    RETURN_IF_ERROR(ValidateOptimumSpec(spec.optimum(i), field));
    if (!roles.insert(spec.optimum(i).role()).second) {
      return BadField(field + ".role", "stands twice");
    }
  }
  // The part of an optimum, which trains nothing, has no other.
  if (spec.method_size() > 0 && roles.count(OptimumSpec::PAPER) == 0) {
    return BadField("optimum", "none has the role PAPER");
  }
  return absl::OkStatus();
}

absl::StatusOr<ExperimentSpec> ReadExperiment(const std::string& path) {
  return ReadCompleted(path, [](ExperimentSpec*) {});
}

absl::StatusOr<ExperimentSpec> ReadFamily(const std::string& path,
                                          const std::string& name,
                                          const std::string& dataset,
                                          int64_t features) {
  return ReadCompleted(path, [&](ExperimentSpec* spec) {
    spec->set_name(name);
    spec->set_dataset(dataset);
    if (!spec->logistic().divide_radius_by_features()) return;
    LogisticProtocol* protocol = spec->mutable_logistic();
    protocol->clear_divide_radius_by_features();
    protocol->set_initial_radius(
        Rounded(protocol->initial_radius() / static_cast<double>(features)));
  });
}

void UseNothingOfThePapersData(
    int64_t features, std::initializer_list<OptimumSpec::Role> roles,
    ExperimentSpec* family) {
  constexpr int64_t kMostNewtonDimensions = 2000;
  family->mutable_logistic()->clear_explosion();
  family->clear_optimum();
  for (const OptimumSpec::Role role : roles) {
    OptimumSpec* optimum = family->add_optimum();
    optimum->set_role(role);
    if (features <= kMostNewtonDimensions) {
      optimum->mutable_newton()->set_gradient_tolerance(1e-10);
      optimum->mutable_newton()->set_max_iterations(100);
    } else {
      optimum->mutable_lbfgs()->set_gradient_tolerance(1e-10);
      optimum->mutable_lbfgs()->set_max_iterations(2000);
      optimum->mutable_lbfgs()->set_memory(20);
    }
  }
}

absl::StatusOr<ExperimentSpec> ExpandOptimum(const ExperimentSpec& family,
                                             absl::string_view role) {
  ExperimentSpec part = family;
  part.clear_method();
  part.clear_batch_size();
  part.clear_grid();
  part.clear_seed();
  part.clear_optimum();
  part.clear_extremes();
  for (const OptimumSpec& candidate : family.optimum()) {
    if (RoleName(candidate.role()) == role) *part.add_optimum() = candidate;
  }
  if (part.optimum_size() == 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "optimum: ", family.name(), " has none of role \"", role, "\""));
  }
  return part;
}

}  // namespace anisograd
