#ifndef EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_MAIN_H_
#define EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_MAIN_H_

#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {

// main() of the programs that run the check of Assumption 5.1 on GPT-2, whatever
// they run it on:
//
//   smoothness --spec=SPEC.textproto --dataset=F.bin --out=F.result.pb
//              [--weights=model.safetensors] [--threads=N]
//              [--checkpoint=F [--checkpoint_seconds=N]]
//
// With --checkpoint it can be stopped at any time; the same command goes on
// where the last checkpoint was and ends with the same bytes. Silent on
// success; on a terminal it shows its progress.
int SmoothnessMain(int argc, char** argv,
                   const TrainableModelFactory& make_model);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_SMOOTHNESS_SMOOTHNESS_MAIN_H_
