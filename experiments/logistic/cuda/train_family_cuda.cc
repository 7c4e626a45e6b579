// Runs all cells of a family at once on a GPU; see family_main.h for the flags.
// Needs a driver and CUDA's runtime library, nothing else.

#include "experiments/logistic/cuda/family_trainer.h"
#include "experiments/logistic/train/family_main.h"

int main(int argc, char** argv) {
  return anisograd::FamilyMain(argc, argv, anisograd::TrainGridsOnDevice,
                              "//experiments/logistic/cuda:train_family_cuda");
}
