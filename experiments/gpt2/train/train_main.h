#ifndef EXPERIMENTS_GPT2_TRAIN_TRAIN_MAIN_H_
#define EXPERIMENTS_GPT2_TRAIN_TRAIN_MAIN_H_

#include "experiments/gpt2/train/trainable_model.h"

namespace anisograd {

// main() of the programs that run one table cell of GPT-2, whatever they run it
// on:
//
//   train --spec=CELL.textproto --dataset=F.bin --out=F.result.pb
//         [--weights=model.safetensors] [--threads=N]
//         [--checkpoint=F [--checkpoint_seconds=N]]
//         [--first_rates=RATE,...] [--save_weights=F.safetensors]
//
// --weights takes what --save_weights wrote too. That is for cells that
// pre-train: one run, from a random start (pretrained_weights.h).
//
// With --checkpoint it can be stopped at any time; the same command goes on
// where the last checkpoint was and ends with the same bytes. Silent on
// success; on a terminal it shows its progress.
int TrainMain(int argc, char** argv, const TrainableModelFactory& make_model);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_TRAIN_TRAIN_MAIN_H_
