#ifndef TOOLS_CUDA_EMULATOR_EMULATOR_H_
#define TOOLS_CUDA_EMULATOR_EMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "vector_types.h"

namespace anisograd {
namespace cuda {
namespace emulator {

// Runs CUDA kernels on the CPU, so that the tests of every kernel run on any
// machine. It is for correctness, not for speed, and is strict where a GPU is
// lenient:
//  - Blocks run one after the other, threads of a block as fibers that switch at
//    barriers and warp operations. Both orders are shuffled, differently for
//    every launch: code that lacks a barrier, or whose result depends on the
//    order of blocks, does not give the same bits twice.
//  - Device memory cannot be touched by the host outside of kernels and CUDA
//    calls, and access behind the end of an allocation (rounded up to 16 bytes)
//    crashes; writing behind dynamic shared memory ends the program. Dynamic
//    shared memory and fresh device memory hold NaN.
//  - cp.async copies when it is waited for, not before.
//  - A barrier that not all threads reach ends the program.
// What it cannot show: memory order between blocks, the hardware's order of
// summation in matrix instructions, speed.

// Starts a grid and waits for it. Ends the program where block, grid or dynamic
// shared memory are over the limits of compute capability 8.0.
void Launch(dim3 grid, dim3 block, size_t dynamic_shared_bytes,
            const std::function<void()>& kernel);

// Of the running block.
unsigned char* DynamicSharedMemory();

// Block-wide barrier.
void SyncThreads();

// Warp-wide barrier among the lanes of `mask` that have not exited; every lane
// of it offers `value`. Returns the lanes' offers, nullptr for those not in
// `mask`; they stay valid until EndExchange, which is a barrier too.
const void* const* BeginExchange(unsigned mask, const void* value);
void EndExchange(unsigned mask);

// Of the running thread in its warp.
int Lane();

// The address; ends the program where it is no multiple of 16, where vector
// accesses trap on a device.
const void* Aligned16(const void* address);

// cp.async: copies when WaitCopies leaves at most `groups` of the committed
// groups pending.
void QueueCopy(void* to, const void* from, size_t bytes, size_t zero_bytes);
void CommitCopies();
void WaitCopies(int groups);

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_EMULATOR_EMULATOR_H_
