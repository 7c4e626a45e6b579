#ifndef TOOLS_CUDA_TENSOR_CORE_CUH_
#define TOOLS_CUDA_TENSOR_CORE_CUH_

#include <cuda_bf16.h>
#include <cuda_runtime.h>

#include <cstddef>
#include <cstdint>

#include "tools/cuda/launch.cuh"

// The warp-wide matrix product of compute capability 8.0, and the copies that
// feed it. Every function with "warp" in its comment must be called by all 32
// lanes; lane l has
//
//   A [16, 16], row-major:  a[0] = (l/4, c), (l/4, c+1);  a[1] = rows + 8;
//                           a[2] = columns + 8;  a[3] = both,  c = 2 (l % 4)
//   B [16, 8]:              b[0] = (c, l/4), (c+1, l/4);  b[1] = rows + 8
//   D [16, 8]:              d[0], d[1] = (l/4, c), (l/4, c+1);
//                           d[2], d[3] = rows + 8
//
// where a pair of bf16 has its first element in the lower half of the word.

namespace anisograd {
namespace cuda {

// Warp: D += A B, in single precision. The order of summation within the 16
// products is the hardware's, the same every time on one kind of device.
inline __device__ void MultiplyAdd16x8x16(const uint32_t a[4],
                                          const uint32_t b[2], float d[4]) {
#ifdef ANISOGRAD_CUDA_EMULATED
  struct Fragments {
    const uint32_t* a;
    const uint32_t* b;
  } mine = {a, b};
  const void* const* all = emulator::BeginExchange(kAllLanes, &mine);
  const auto element = [](uint32_t pair, int i) {
    return __uint_as_float(i == 0 ? pair << 16 : pair & 0xffff0000u);
  };
  const int lane = emulator::Lane();
  for (int i = 0; i < 4; ++i) {
    const int row = lane / 4 + 8 * (i / 2);
    const int column = 2 * (lane % 4) + i % 2;
    float sum = d[i];
    for (int k = 0; k < 16; ++k) {
      const auto* of_a = static_cast<const Fragments*>(
          all[(row % 8) * 4 + k % 8 / 2]);
      const auto* of_b =
          static_cast<const Fragments*>(all[column * 4 + k % 8 / 2]);
      sum += element(of_a->a[row / 8 + 2 * (k / 8)], k % 2) *
             element(of_b->b[k / 8], k % 2);
    }
    d[i] = sum;
  }
  emulator::EndExchange(kAllLanes);
#else
  // volatile: it stays where all lanes are.
  asm volatile(
      "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
      "{%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"
      : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
      : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
#endif
}

// Warp: four 8 x 8 matrices of bf16 from shared memory. Lane l gives the address
// of row l % 8 of matrix l / 8, 16 bytes at a multiple of 16. r[m] is the pair
// (l/4, c), (l/4, c+1) of matrix m; transposed, (c, l/4), (c+1, l/4).
template <bool kTransposed>
inline __device__ void LoadMatrices(const void* row, uint32_t r[4]) {
#ifdef ANISOGRAD_CUDA_EMULATED
  const void* const* all = emulator::BeginExchange(
      kAllLanes, emulator::Aligned16(row));
  const int lane = emulator::Lane();
  for (int m = 0; m < 4; ++m) {
    uint32_t pair[2];
    for (int i = 0; i < 2; ++i) {
      const int major = kTransposed ? 2 * (lane % 4) + i : lane / 4;
      const int minor = kTransposed ? lane / 4 : 2 * (lane % 4) + i;
      pair[i] = static_cast<const uint16_t*>(all[8 * m + major])[minor];
    }
    r[m] = pair[0] | pair[1] << 16;
  }
  emulator::EndExchange(kAllLanes);
#else
  const uint32_t address =
      static_cast<uint32_t>(__cvta_generic_to_shared(row));
  if (kTransposed) {
    asm volatile(
        "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, "
        "[%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
        : "r"(address)
        : "memory");
  } else {
    asm volatile(
        "ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];"
        : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
        : "r"(address)
        : "memory");
  }
#endif
}

// Starts a copy of 16 bytes from global to shared memory, both at multiples of
// 16; where not `valid`, of zeros, and `from` is not read.
inline __device__ void CopyAsync16(void* to, const void* from, bool valid) {
#ifdef ANISOGRAD_CUDA_EMULATED
  emulator::QueueCopy(to, from, valid ? 16 : 0, valid ? 0 : 16);
#else
  const uint32_t address = static_cast<uint32_t>(__cvta_generic_to_shared(to));
  const int bytes = valid ? 16 : 0;
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(address),
               "l"(from), "r"(bytes)
               : "memory");
#endif
}

// Ends a group of copies of this thread.
inline __device__ void CommitCopies() {
#ifdef ANISOGRAD_CUDA_EMULATED
  emulator::CommitCopies();
#else
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits until at most kGroups of this thread's latest groups are under way. The
// other threads' copies are there after a barrier.
template <int kGroups>
inline __device__ void WaitCopies() {
#ifdef ANISOGRAD_CUDA_EMULATED
  emulator::WaitCopies(kGroups);
#else
  asm volatile("cp.async.wait_group %0;" ::"n"(kGroups) : "memory");
#endif
}

}  // namespace cuda
}  // namespace anisograd

#endif  // TOOLS_CUDA_TENSOR_CORE_CUH_
