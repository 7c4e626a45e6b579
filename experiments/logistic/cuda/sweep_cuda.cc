// Runs all cells of a family at once on a GPU; see sweep_main.h for the flags.
// Needs a driver and CUDA's runtime library, nothing else.

#include "experiments/logistic/cuda/sweep_trainer.h"
#include "experiments/logistic/train/sweep_main.h"

int main(int argc, char** argv) {
  return anisograd::SweepMain(argc, argv, anisograd::TrainGridsOnDevice,
                              "//experiments/logistic/cuda:sweep_cuda");
}
