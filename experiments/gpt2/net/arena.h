#ifndef EXPERIMENTS_GPT2_NET_ARENA_H_
#define EXPERIMENTS_GPT2_NET_ARENA_H_

#include <cstdint>

#include "experiments/gpt2/net/matrix_view.h"

namespace anisograd {

// Hands out consecutive pieces of a block of memory, each `alignment` bytes or a
// multiple of that behind its start; without a block (nullptr), only counts.
class Arena {
 public:
  Arena(char* base, int64_t alignment) : base_(base), alignment_(alignment) {}

  template <typename T>
  T* Take(int64_t size) {
    char* const piece = base_ == nullptr ? nullptr : base_ + used_;
    used_ += (size * static_cast<int64_t>(sizeof(T)) + alignment_ - 1) /
             alignment_ * alignment_;
    return reinterpret_cast<T*>(piece);
  }
  template <typename T>
  MatrixView<T> Take(int64_t rows, int64_t columns, int64_t stride) {
    return {Take<T>(rows * stride), rows, columns, stride};
  }
  template <typename T>
  MatrixView<T> Take(int64_t rows, int64_t columns) {
    return Take<T>(rows, columns, columns);
  }
  // Bytes.
  int64_t used() const { return used_; }

 private:
  char* base_;
  int64_t alignment_;
  int64_t used_ = 0;
};

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_ARENA_H_
