// Attacks every theorem and records the tightest problems found.
//
//   adversary_main --budget=16000 --out=F.pb

#include <cstdint>
#include <string>

#include "absl/flags/flag.h"
#include "absl/status/status.h"
#include "analysis/theory/adversary.h"
#include "analysis/theory/theory.pb.h"
#include "tools/base/file.h"
#include "tools/base/program.h"
#include "tools/base/textproto.h"

ABSL_FLAG(int, budget, 0, "problems for each theorem");
ABSL_FLAG(uint64_t, seed, 1, "of the search");
ABSL_FLAG(std::string, target, "", "recorded in the result");
ABSL_FLAG(std::string, out, "", "where to write the AdversaryRecord");

namespace anisograd {
namespace {

constexpr int kRounds = 8;

constexpr ProgramUsage kUsage = {
    "Attacks every theorem and records the tightest problems found.",
    "--budget=N --out=OUT.pb [--seed=N] [--target=LABEL]"};

absl::Status Attack() {
  const int budget = absl::GetFlag(FLAGS_budget);
  if (budget < 2 * kRounds) {
    return absl::InvalidArgumentError("--budget: must be at least 16");
  }
  AdversaryRecord record;
  record.set_target(absl::GetFlag(FLAGS_target));
  record.set_seed(absl::GetFlag(FLAGS_seed));
  for (const Theorem theorem : kTheorems) {
    const AdversaryResult result =
        SearchAdversary(theorem, budget, kRounds, record.seed());
    AdversaryRecord::Duels& duels = *record.add_duels();
    duels.set_theorem(TheoremName(theorem));
    duels.set_duels(result.duels);
    duels.set_violations(result.violations);
    duels.set_tightest(result.tightest.ratio());
    duels.set_dimension(result.tightest.dimension);
    duels.set_steps(result.tightest.steps);
    duels.set_noisy(result.tightest.noisy);
  }
  return WriteFileAtomically(absl::GetFlag(FLAGS_out),
                             SerializeDeterministically(record));
}

}  // namespace
}  // namespace anisograd

int main(int argc, char** argv) {
  return anisograd::RunProgram(argc, argv, anisograd::kUsage,
                               anisograd::Attack);
}
