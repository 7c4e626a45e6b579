#ifndef EXPERIMENTS_LOGISTIC_TRAIN_FAMILY_MAIN_H_
#define EXPERIMENTS_LOGISTIC_TRAIN_FAMILY_MAIN_H_

#include <string>

#include "experiments/logistic/train/cell.h"

namespace anisograd {

// The main() of programs that run a whole family of cells by one call of a
// trainer, which is all that they differ in:
//
//   PROGRAM --spec=FAMILY.textproto --dataset=F.dataset --optima=A.pb,B.pb
//       --out_dir=DIR [--methods=sgd,adagrad] [--batch_sizes=1,64]
//       [--target_prefix=//PACKAGE:]
//
// writes DIR/NAME_METHOD_mM.result.pb for every cell, as
// experiments/logistic:train does for one, but for the result's `target`, which
// is the program's unless there is a prefix for the cell's name. Shows its
// progress on a terminal.
int FamilyMain(int argc, char** argv, const FamilyTrainer& train,
              const std::string& target);

}  // namespace anisograd

#endif  // EXPERIMENTS_LOGISTIC_TRAIN_FAMILY_MAIN_H_
