#include "experiments/gpt2/net/cuda/embedding.h"

#include "experiments/gpt2/net/cuda/quad.cuh"
#include "tools/base/status_macros.h"
#include "tools/cuda/launch.cuh"

// The floor is the rows of x or dx once, and as many rows of the tables.
// Backward adds to that a writing and a reading of one row for each piece: for
// a token that occurs once, as much as dx; for frequent tokens, a 32nd of it.

namespace anisograd {
namespace cuda {
namespace {

constexpr int kThreads = 64;

// --- kernels: block (row, tile of columns), a thread has one quad ---

inline __device__ int64_t QuadOfThread() {
  return static_cast<int64_t>(blockIdx.y) * kThreads + threadIdx.x;
}

__global__ void EmbeddingForwardKernel(int64_t quads, const int32_t* tokens,
                                       const int32_t* positions,
                                       DropoutParameters dropout,
                                       int64_t first_row, const float* wte,
                                       const float* wpe, float* x) {
  const int64_t quad = QuadOfThread();
  if (quad >= quads) return;
  const int64_t row = blockIdx.x;
  Quad v = LoadQuad(wte + 4 * (tokens[row] * quads + quad));
  const Quad p = LoadQuad(wpe + 4 * (positions[row] * quads + quad));
  for (int i = 0; i < 4; ++i) v.v[i] += p.v[i];
  ApplyDropout(dropout, static_cast<uint64_t>((first_row + row) * quads + quad),
               &v);
  StoreQuad(v, x + 4 * (row * quads + quad));
}

__global__ void SumRowsOfPieceKernel(int64_t quads, const int32_t* piece_rows,
                                     const int32_t* rows, const float* dx,
                                     float* workspace) {
  const int64_t quad = QuadOfThread();
  if (quad >= quads) return;
  const int64_t piece = blockIdx.x;
  Quad sum = {};
  for (int32_t i = piece_rows[piece]; i < piece_rows[piece + 1]; ++i) {
    const Quad v = LoadQuad(dx + 4 * (rows[i] * quads + quad));
    for (int k = 0; k < 4; ++k) sum.v[k] += v.v[k];
  }
  StoreQuad(sum, workspace + 4 * (piece * quads + quad));
}

__global__ void AddPiecesOfKeyKernel(int64_t quads, const int32_t* ids,
                                     const int32_t* key_pieces,
                                     const float* workspace, float* table) {
  const int64_t quad = QuadOfThread();
  if (quad >= quads) return;
  const int64_t key = blockIdx.x;
  Quad sum = {};
  for (int32_t p = key_pieces[key]; p < key_pieces[key + 1]; ++p) {
    const Quad v = LoadQuad(workspace + 4 * (p * quads + quad));
    for (int k = 0; k < 4; ++k) sum.v[k] += v.v[k];
  }
  float* const out = table + 4 * (ids[key] * quads + quad);
  Quad total = LoadQuad(out);
  for (int k = 0; k < 4; ++k) total.v[k] += sum.v[k];
  StoreQuad(total, out);
}

dim3 Grid(int64_t rows, int64_t quads) {
  return dim3(static_cast<unsigned>(rows),
              static_cast<unsigned>(CeilDiv(quads, kThreads)));
}

}  // namespace

// --- launchers ---

absl::Status EmbeddingForward(cudaStream_t stream, const int32_t* tokens,
                              const int32_t* positions,
                              const DropoutParameters& dropout,
                              int64_t first_row, MatrixView<const float> wte,
                              MatrixView<const float> wpe,
                              MatrixView<float> x) {
  const int64_t quads = x.columns / 4;
  return Launch("EmbeddingForward", EmbeddingForwardKernel,
                Grid(x.rows, quads), dim3(kThreads), stream, quads, tokens,
                positions, dropout, first_row, wte.data, wpe.data, x.data);
}

absl::Status EmbeddingBackward(cudaStream_t stream,
                               const DeviceInvertedIndex& index,
                               MatrixView<const float> dx, float* workspace,
                               MatrixView<float> table) {
  const int64_t quads = dx.columns / 4;
  RETURN_IF_ERROR(Launch("SumRowsOfPiece", SumRowsOfPieceKernel,
                         Grid(index.pieces, quads), dim3(kThreads), stream,
                         quads, index.piece_rows, index.rows, dx.data,
                         workspace));
  return Launch("AddPiecesOfKey", AddPiecesOfKeyKernel,
                Grid(index.keys, quads), dim3(kThreads), stream, quads,
                index.ids, index.key_pieces, workspace, table.data);
}

}  // namespace cuda
}  // namespace anisograd
