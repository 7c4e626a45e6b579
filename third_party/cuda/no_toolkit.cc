// Stands for programs for a GPU where there was no CUDA toolkit to build them.

#include <cstdio>

int main() {
  std::fprintf(stderr,
               "ERROR: built without a CUDA toolkit; set CUDA_HOME to where its "
               "bin/nvcc is and build again\n");
  return 1;
}
