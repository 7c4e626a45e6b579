#ifndef TOOLS_CUDA_EMULATOR_RUNTIME_H_
#define TOOLS_CUDA_EMULATOR_RUNTIME_H_

#include <functional>

#include "vector_types.h"

namespace anisograd {
namespace cuda {
namespace emulator {

// Gives `work` to the stream, which does it when something waits for it, and not
// before (emulator.h). It may touch device memory.
void Enqueue(cudaStream_t stream, std::function<void()> work);

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EMULATOR_RUNTIME_H_
