// Runs the check of Assumption 5.1 on GPT-2 on the GPU; its flags are those of
// smoothness_main.h.

#include "experiments/gpt2/cuda/trainable_model.h"
#include "experiments/gpt2/smoothness_main.h"

int main(int argc, char** argv) {
  return anisograd::SmoothnessMain(argc, argv,
                                   anisograd::cuda::CudaTrainableModel);
}
