// Runs the check of Assumption 5.1 on GPT-2 on the CPU; its flags are those of
// smoothness_main.h.

#include "experiments/gpt2/smoothness/smoothness_main.h"
#include "experiments/gpt2/train/cpu_trainable_model.h"

int main(int argc, char** argv) {
  return anisograd::SmoothnessMain(argc, argv, anisograd::CpuTrainableModel);
}
