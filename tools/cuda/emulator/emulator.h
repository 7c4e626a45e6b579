#ifndef TOOLS_CUDA_EMULATOR_EMULATOR_H_
#define TOOLS_CUDA_EMULATOR_EMULATOR_H_

#include <cstddef>
#include <cstdint>
#include <functional>

#include "cuda_runtime_api.h"

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
//  - A stream does nothing before something waits for it; then what it was given
//    comes in order, and several streams' work in any order. So work that waits
//    for another stream's, or for a host that has changed its mind, is found. A
//    copy from pageable memory has read it when the call returns, and has not yet
//    written; pinned memory that the device will write holds NaN until then.
//  - Device memory cannot be touched by the host, and access behind the end of an
//    allocation (rounded up to 16 bytes) crashes; writing behind shared memory
//    ends the program. Shared memory, at the start of every block, and fresh
//    memory hold NaN.
//  - More than 48 KiB of shared memory, static and dynamic, that nobody asked for
//    by cudaFuncSetAttribute are refused, as is more than compute capability 8.0
//    has.
//  - cp.async copies when it is waited for, not before.
//  - A barrier that not all threads reach ends the program.
// What it cannot show: memory order between blocks, the hardware's order of
// summation in matrix instructions, speed.

// Gives a grid to the stream: `body` in every thread, as `kernel` with its
// arguments. Ends the program where block or grid are over the limits of compute
// capability 8.0; dynamic shared memory that has not been allowed is an error of
// cudaGetLastError().
void Launch(const void* kernel, dim3 grid, dim3 block,
            size_t dynamic_shared_bytes, cudaStream_t stream,
            std::function<void()> body);

// Of the running block. Static variables are told apart by an address; the
// kernel's first use of one makes it.
unsigned char* DynamicSharedMemory();
void* StaticShared(const void* place, size_t bytes);

// Allows a kernel that much dynamic shared memory; false where no device has it.
bool AllowShared(const void* kernel, int bytes);
// Sets the error that a device has for a launch with too much of it.
cudaError_t RefuseLaunch();

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
