#include "tools/cuda/tensor_core.cuh"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "tools/base/status_macros.h"
#include "tools/cuda/device_buffer.h"
#include "tools/cuda/launch.cuh"

namespace anisograd {
namespace cuda {
namespace {

// D = A B for A [16, 16] and B [16, 8], row-major, through shared memory.
__global__ void MultiplyKernel(const __nv_bfloat16* a, const __nv_bfloat16* b,
                               float* d) {
  auto* const shared = reinterpret_cast<__nv_bfloat16*>(DynamicShared());
  __nv_bfloat16* const shared_b = shared + 256;
  const int lane = static_cast<int>(threadIdx.x);
  CopyAsync16(shared + 8 * lane, a + 8 * lane, true);
  // Rows of B have 8 columns; lanes 16 to 31 fill what nothing reads.
  CopyAsync16(shared_b + 8 * lane, b + 8 * lane, lane < 16);
  CommitCopies();
  WaitCopies<0>();
  __syncthreads();
  uint32_t fragment_a[4], fragment_b[4];
  LoadMatrices<false>(shared + (lane % 16) * 16 + lane / 16 * 8, fragment_a);
  LoadMatrices<true>(shared_b + (lane % 16) * 8, fragment_b);
  float sums[4] = {};
  MultiplyAdd16x8x16(fragment_a, fragment_b, sums);
  const int row = lane / 4, column = 2 * (lane % 4);
  d[row * 8 + column] = sums[0];
  d[row * 8 + column + 1] = sums[1];
  d[(row + 8) * 8 + column] = sums[2];
  d[(row + 8) * 8 + column + 1] = sums[3];
}

TEST(TensorCore, MultipliesSmallIntegersExactly) {
  std::vector<__nv_bfloat16> a(256), b(128);
  std::vector<float> expected(128), d(128);
  const auto of_a = [](int i, int k) { return (7 * i + 3 * k) % 11 - 5; };
  const auto of_b = [](int k, int j) { return (5 * k + 2 * j) % 13 - 6; };
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 16; ++k) {
      a[i * 16 + k] = __float2bfloat16_rn(static_cast<float>(of_a(i, k)));
      for (int j = 0; j < 8; ++j) {
        b[k * 8 + j] = __float2bfloat16_rn(static_cast<float>(of_b(k, j)));
        expected[i * 8 + j] += static_cast<float>(of_a(i, k) * of_b(k, j));
      }
    }
  }
  ASSERT_OK_AND_ASSIGN(auto da, DeviceBuffer<__nv_bfloat16>::Create(256));
  ASSERT_OK_AND_ASSIGN(auto db, DeviceBuffer<__nv_bfloat16>::Create(128));
  ASSERT_OK_AND_ASSIGN(auto dd, DeviceBuffer<float>::Create(128));
  cudaMemcpy(da.data(), a.data(), 512, cudaMemcpyHostToDevice);
  cudaMemcpy(db.data(), b.data(), 256, cudaMemcpyHostToDevice);
  ASSERT_OK(LaunchShared("Multiply", MultiplyKernel, dim3(1), dim3(32), 1024,
                         nullptr, da.data(), db.data(), dd.data()));
  ASSERT_EQ(cudaSuccess, cudaMemcpy(d.data(), dd.data(), 512,
                                    cudaMemcpyDeviceToHost));
  EXPECT_EQ(expected, d);
}

// D = A B^T for A [16, 16] and B [rows, 16], row-major, rows <= 16. Columns
// `rows` .. 15 of D come from what the copies fill with zeros, over NaN.
__global__ void MultiplyTransposedKernel(const __nv_bfloat16* a,
                                         const __nv_bfloat16* b, int rows,
                                         float* d) {
  auto* const shared = reinterpret_cast<__nv_bfloat16*>(DynamicShared());
  __nv_bfloat16* const shared_b = shared + 256;
  const int lane = static_cast<int>(threadIdx.x);
  for (int i = 0; i < 8; ++i) {
    reinterpret_cast<uint32_t*>(shared)[32 * i + lane] = ~0u;
  }
  __syncthreads();
  CopyAsync16(shared + 8 * lane, a + 8 * lane, true);
  CommitCopies();
  const bool valid = lane / 2 < rows;
  CopyAsync16(shared_b + 8 * lane, b + (valid ? 8 * lane : 0), valid);
  CommitCopies();
  WaitCopies<1>();
  __syncthreads();
  uint32_t fragment_a[4], fragment_b[4];
  LoadMatrices<false>(shared + (lane % 16) * 16 + lane / 16 * 8, fragment_a);
  WaitCopies<0>();
  __syncthreads();
  // Matrices 0 and 1 are B's rows 0 .. 7, matrices 2 and 3 the others.
  LoadMatrices<false>(
      shared_b + (lane / 16 * 8 + lane % 8) * 16 + lane / 8 % 2 * 8,
      fragment_b);
  const int row = lane / 4, column = 2 * (lane % 4);
  for (int n = 0; n < 2; ++n) {
    float sums[4] = {};
    MultiplyAdd16x8x16(fragment_a, fragment_b + 2 * n, sums);
    for (int i = 0; i < 4; ++i) {
      d[(row + 8 * (i / 2)) * 16 + 8 * n + column + i % 2] = sums[i];
    }
  }
}

TEST(TensorCore, MultipliesByATransposeWithRowsMissing) {
  constexpr int kRows = 11;
  std::vector<__nv_bfloat16> a(256), b(16 * kRows);
  std::vector<float> expected(256), d(256);
  const auto of_a = [](int i, int k) { return (7 * i + 3 * k) % 11 - 5; };
  const auto of_b = [](int j, int k) { return (5 * k + 2 * j) % 13 - 6; };
  for (int i = 0; i < 16; ++i) {
    for (int k = 0; k < 16; ++k) {
      a[i * 16 + k] = __float2bfloat16_rn(static_cast<float>(of_a(i, k)));
      for (int j = 0; j < kRows; ++j) {
        b[j * 16 + k] = __float2bfloat16_rn(static_cast<float>(of_b(j, k)));
        expected[i * 16 + j] += static_cast<float>(of_a(i, k) * of_b(j, k));
      }
    }
  }
  ASSERT_OK_AND_ASSIGN(auto da, DeviceBuffer<__nv_bfloat16>::Create(256));
  ASSERT_OK_AND_ASSIGN(auto db,
                       DeviceBuffer<__nv_bfloat16>::Create(16 * kRows));
  ASSERT_OK_AND_ASSIGN(auto dd, DeviceBuffer<float>::Create(256));
  cudaMemcpy(da.data(), a.data(), 512, cudaMemcpyHostToDevice);
  cudaMemcpy(db.data(), b.data(), 32 * kRows, cudaMemcpyHostToDevice);
  ASSERT_OK(LaunchShared("MultiplyTransposed", MultiplyTransposedKernel,
                         dim3(1), dim3(32), 1024, nullptr, da.data(),
                         db.data(), kRows, dd.data()));
  ASSERT_EQ(cudaSuccess, cudaMemcpy(d.data(), dd.data(), 1024,
                                    cudaMemcpyDeviceToHost));
  EXPECT_EQ(expected, d);
}

}  // namespace
}  // namespace cuda
}  // namespace anisograd
