#ifndef EXPERIMENTS_GPT2_NET_CUDA_EMBEDDING_H_
#define EXPERIMENTS_GPT2_NET_CUDA_EMBEDDING_H_

#include <cuda_runtime_api.h>

#include <cstdint>

#include "absl/status/status.h"
#include "experiments/gpt2/net/cuda/dropout_parameters.h"
#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {
namespace cuda {

// x_i = dropout(wte[tokens[i]] + wpe[positions[i]]); matrices without gaps, C a
// multiple of four. Dropout counts rows from first_row.
absl::Status EmbeddingForward(cudaStream_t stream, const int32_t* tokens,
                              const int32_t* positions,
                              const DropoutParameters& dropout,
                              int64_t first_row, MatrixView<const float> wte,
                              MatrixView<const float> wpe, MatrixView<float> x);

// An InvertedIndex (batch_index.h) in the device's memory.
struct DeviceInvertedIndex {
  int64_t keys = 0;
  int64_t pieces = 0;
  const int32_t* ids = nullptr;
  const int32_t* key_pieces = nullptr;
  const int32_t* piece_rows = nullptr;
  const int32_t* rows = nullptr;
};

// table[key] += sum of the rows of dx that have the key. workspace:
// index.pieces * C.
//
// Determinism: run to run and GPU to GPU: rows in their order within a piece,
// then pieces in their order; no two threads add to one element.
absl::Status EmbeddingBackward(cudaStream_t stream,
                               const DeviceInvertedIndex& index,
                               MatrixView<const float> dx, float* workspace,
                               MatrixView<float> table);

}  // namespace cuda
}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_CUDA_EMBEDDING_H_
