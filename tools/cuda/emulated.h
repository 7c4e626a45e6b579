#ifndef TOOLS_CUDA_EMULATED_H_
#define TOOLS_CUDA_EMULATED_H_

#include <cuda_runtime_api.h>

namespace anisograd {
namespace cuda {

// Whether this is compiled for the emulator (tools/cuda/emulator).
#ifdef ANISOGRAD_CUDA_EMULATED
constexpr bool kEmulated = true;
#else
constexpr bool kEmulated = false;
#endif

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EMULATED_H_
