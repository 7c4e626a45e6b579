#include "experiments/gpt2/smoothness/smoothness_probe.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "experiments/gpt2/smoothness/full_objective.h"
#include "experiments/gpt2/smoothness/nearby_point.h"
#include "experiments/gpt2/smoothness/smoothness_coordinates.h"
#include "experiments/gpt2/smoothness/smoothness_result.h"
#include "experiments/gpt2/train/checkpoint.h"
#include "experiments/gpt2/train/sequences.h"
#include "experiments/spec_parts.h"
#include "tools/base/status_macros.h"
#include "tools/base/textproto.h"

namespace anisograd {
namespace {

absl::StatusOr<SequenceSet> MakeSequences(const Gpt2SmoothnessSpec& spec,
                                          const TokenFile& tokens) {
  if (tokens.tokens.vocabulary_size > spec.model().vocabulary()) {
    return BadField("model.vocabulary",
                    absl::StrCat("is ", spec.model().vocabulary(),
                                 ", but the tokens need ",
                                 tokens.tokens.vocabulary_size));
  }
  Gpt2Protocol protocol;
  protocol.set_sequence_mode(spec.sequence_mode());
  protocol.set_sequence_length(spec.sequence_length());
  protocol.set_mask_prompt(spec.mask_prompt());
  return SequenceSet::Create(tokens.tokens, protocol);
}

// Moves what the checkpoint at `path`, of the right spec by its digest, knows
// into `result`, which has its coordinates.
absl::Status TakeOver(const std::string& path, const Gpt2Checkpoint& found,
                      Gpt2SmoothnessResult* result) {
  Gpt2SmoothnessResult so_far, drawn;
  bool right = so_far.ParseFromString(found.probes());
  *drawn.mutable_coordinate() = result->coordinate();
  Gpt2SmoothnessResult coordinates;
  *coordinates.mutable_coordinate() = so_far.coordinate();
  right = right && SerializeDeterministically(coordinates) ==
                       SerializeDeterministically(drawn);
  // As the result of a spec with so many steps.
  so_far.mutable_spec()->set_steps(so_far.loss_size());
  right = right && so_far.outcome() == Run::CONVERGED &&
          so_far.loss_size() <= result->spec().steps() &&
          so_far.gradient_norm_size() == so_far.loss_size() &&
          ValidateSmoothnessResult(so_far).ok();
  if (!right) {
    return absl::DataLossError(
        absl::StrCat(path, ": its probes are not those of the spec"));
  }
  result->mutable_loss()->Swap(so_far.mutable_loss());
  result->mutable_gradient_norm()->Swap(so_far.mutable_gradient_norm());
  result->mutable_probe()->Swap(so_far.mutable_probe());
  return absl::OkStatus();
}

// A run in progress.
class Prober {
 public:
  Prober(const Gpt2SmoothnessSpec& spec, const FullObjective& objective,
         TrainableModel* model, ThreadPool* pool, Gpt2SmoothnessResult* result)
      : spec_(spec),
        objective_(objective),
        model_(model),
        layout_(model->model().layout()),
        pool_(pool),
        result_(result),
        w_(static_cast<size_t>(layout_.size())),
        next_(w_.size()),
        nearby_(w_.size()),
        here_(w_.size()),
        there_(w_.size()) {
    for (ProbedCoordinate& coordinate :
         DrawCoordinates(spec, layout_, objective)) {
      flat_.push_back(layout_.Find(coordinate.tensor())->offset +
                      coordinate.index());
      *result->add_coordinate() = std::move(coordinate);
    }
  }

  // From w_0 to where the result, of the checkpoint at `path`, ends.
  absl::Status Retrace(const std::string& path) {
    for (int t = 0; t < result_->loss_size(); ++t) {
      double norm = 0.0;
      ASSIGN_OR_RETURN(const double loss, Gradient(&norm));
      if (static_cast<float>(loss) != result_->loss(t) ||
          static_cast<float>(norm) != result_->gradient_norm(t)) {
        return absl::FailedPreconditionError(absl::StrCat(
            path, ": step ", t, " has the loss ", result_->loss(t),
            " and here it is ", static_cast<float>(loss),
            "; delete it to start anew"));
      }
      model_->Step(spec_.learning_rate(), /*max_norm=*/0.0);
    }
    return absl::OkStatus();
  }

  // From w_t to w_{t+1}, with w_t's probe where it has one. False where the run
  // exploded.
  absl::StatusOr<bool> Step(int64_t t) {
    double norm = 0.0;
    ASSIGN_OR_RETURN(const double loss, Gradient(&norm));
    result_->add_loss(static_cast<float>(loss));
    result_->add_gradient_norm(static_cast<float>(norm));
    if (!CheckFinite(t, loss, norm, "w")) return false;
    const bool probed = t % spec_.probe_interval() == 0;
    if (probed) {
      model_->model().GetParameters(absl::MakeSpan(w_));
      model_->model().GetGradients(absl::MakeSpan(here_));
    }
    model_->Step(spec_.learning_rate(), /*max_norm=*/0.0);
    if (!probed) return true;
    // The step comes first: it needs the gradient at w, which those at the
    // nearby points replace.
    model_->model().GetParameters(absl::MakeSpan(next_));
    ASSIGN_OR_RETURN(const bool finite, Probe(t));
    model_->model().SetParameters(next_);
    return finite;
  }

 private:
  absl::StatusOr<double> Gradient(double* norm) {
    ASSIGN_OR_RETURN(const double loss,
                     objective_.LossAndGradient(&model_->model()));
    *norm = model_->GradientNorm();
    return loss;
  }

  bool CheckFinite(int64_t t, double loss, double norm, const char* point) {
    if (std::isfinite(loss) && std::isfinite(norm)) return true;
    result_->set_outcome(Run::EXPLODED);
    result_->set_explosion_step(t);
    result_->set_explosion_reason(
        absl::StrCat(std::isfinite(loss) ? "gradient norm" : "loss", " at ",
                     point, " is not finite"));
    return false;
  }

  absl::StatusOr<bool> Probe(int64_t t) {
    SmoothnessProbe probe;
    probe.set_iteration(t);
    for (const int64_t j : flat_) probe.add_gradient(here_[j]);
    uint32_t point = static_cast<uint32_t>(
        result_->probe_size() * spec_.radius_size() *
        spec_.points_per_radius());
    for (const double radius : spec_.radius()) {
      for (int32_t k = 0; k < spec_.points_per_radius(); ++k) {
        MakeNearbyPoint(layout_, w_, radius, spec_.direction(), spec_.seed(),
                        point++, pool_, absl::MakeSpan(nearby_));
        ASSIGN_OR_RETURN(const bool finite, Visit(t, radius, &probe));
        if (!finite) return false;
      }
      if (radius != spec_.radius(0)) continue;
      for (int32_t k = 0; k < spec_.ascent_points(); ++k) {
        MakeAscentPoint(layout_, w_, radius, here_, there_, pool_,
                        absl::MakeSpan(nearby_));
        ASSIGN_OR_RETURN(const bool finite, Visit(t, radius, &probe));
        if (!finite) return false;
        probe.mutable_nearby(probe.nearby_size() - 1)->set_ascent(true);
      }
    }
    *result_->add_probe() = std::move(probe);
    return true;
  }

  // The gradient at nearby_, which stays in there_. False where it exploded.
  absl::StatusOr<bool> Visit(int64_t t, double radius, SmoothnessProbe* probe) {
    model_->model().SetParameters(nearby_);
    double norm = 0.0;
    ASSIGN_OR_RETURN(const double loss, Gradient(&norm));
    if (!CheckFinite(t, loss, norm, "a nearby point")) return false;
    model_->model().GetGradients(absl::MakeSpan(there_));
    NearbyPoint* const nearby = probe->add_nearby();
    nearby->set_radius(radius);
    for (const int64_t j : flat_) {
      nearby->add_gradient(there_[j]);
      nearby->add_displacement(static_cast<float>(
          static_cast<double>(w_[j]) - static_cast<double>(nearby_[j])));
    }
    return true;
  }

  const Gpt2SmoothnessSpec& spec_;
  const FullObjective& objective_;
  TrainableModel* const model_;
  const ParameterLayout& layout_;
  ThreadPool* const pool_;
  Gpt2SmoothnessResult* const result_;
  // The coordinates' places in the flat arrays.
  std::vector<int64_t> flat_;
  std::vector<float> w_, next_, nearby_;
  // The gradients at w_ and nearby_.
  std::vector<float> here_, there_;
};

}  // namespace

absl::StatusOr<FullObjective> MakeObjective(const Gpt2SmoothnessSpec& spec,
                                            const TokenFile& tokens) {
  ASSIGN_OR_RETURN(const SequenceSet sequences, MakeSequences(spec, tokens));
  return FullObjective::Create(
      sequences, spec.sequences(),
      std::max<int64_t>(1, spec.sequence_stride()), spec.tokens_per_pass());
}

TokenRecord RecordTokens(const std::string& name, const TokenFile& tokens,
                         const FullObjective& objective) {
  TokenRecord record;
  record.set_name(name);
  record.set_digest(tokens.digest);
  record.set_examples(tokens.tokens.examples());
  record.set_tokens(objective.real_tokens());
  record.set_vocabulary(tokens.tokens.vocabulary_size);
  record.set_stand_in(tokens.info.stand_in);
  record.set_note(tokens.info.note);
  return record;
}

absl::StatusOr<Gpt2SmoothnessResult> RunSmoothnessProbe(
    const Gpt2SmoothnessSpec& spec, const TokenFile& tokens,
    const StartRecord& start, absl::Span<const float> parameters,
    TrainableModel* model, ThreadPool* pool,
    const SmoothnessOptions& options) {
  ASSIGN_OR_RETURN(const FullObjective objective, MakeObjective(spec, tokens));
  RETURN_IF_ERROR(model->Reset(spec.optimizer(), parameters));

  Gpt2SmoothnessResult result;
  *result.mutable_spec() = spec;
  result.set_spec_digest(SpecDigest(spec));
  *result.mutable_dataset() = RecordTokens(spec.dataset(), tokens, objective);
  *result.mutable_start() = start;
  result.set_device(model->device());
  result.set_sequences(objective.sequences());
  result.set_parameters(model->model().layout().parameter_count());
  result.set_outcome(Run::CONVERGED);

  Gpt2Checkpoint checkpoint;
  checkpoint.set_spec_digest(result.spec_digest());
  checkpoint.set_dataset_digest(tokens.digest);
  checkpoint.set_start_digest(start.digest());
  checkpoint.set_device(model->device());

  Prober prober(spec, objective, model, pool, &result);
  if (!options.checkpoint.empty()) {
    const absl::StatusOr<Gpt2Checkpoint> found =
        RestoreCheckpoint(options.checkpoint, checkpoint, model);
    if (found.ok()) {
      RETURN_IF_ERROR(TakeOver(options.checkpoint, *found, &result));
      if (found->array().empty()) {
        RETURN_IF_ERROR(prober.Retrace(options.checkpoint));
      }
    } else if (!absl::IsNotFound(found.status())) {
      return found.status();
    }
  }
  for (int64_t t = result.loss_size(); t < spec.steps(); ++t) {
    if (t > 0 && !options.checkpoint.empty() && options.checkpoint_due &&
        options.checkpoint_due()) {
      checkpoint.set_probes(SerializeDeterministically(result));
      RETURN_IF_ERROR(SaveCheckpoint(options.checkpoint, checkpoint, model));
    }
    ASSIGN_OR_RETURN(const bool finite, prober.Step(t));
    if (!finite) break;
    if (options.progress) options.progress(result);
  }
  return result;
}

}  // namespace anisograd
