// Runs one table cell of GPT-2 on the CPU; its flags are those of train_main.h.

#include "experiments/gpt2/train/cpu_trainable_model.h"
#include "experiments/gpt2/train/train_main.h"

int main(int argc, char** argv) {
  return anisograd::TrainMain(argc, argv, anisograd::CpuTrainableModel);
}
