#ifndef TOOLS_BASE_ALIGNED_BUFFER_H_
#define TOOLS_BASE_ALIGNED_BUFFER_H_

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <new>

#include "absl/types/span.h"

namespace anisograd {

// An array of numbers whose address is a multiple of 64 bytes: a cache line,
// and as much as the widest vector register, so that no vector lies across two
// of them. (Alignment is a part of reproducibility as well, wherever Eigen has
// a loop over the array: it may treat the elements before the first aligned one
// differently.)
template <typename T>
class AlignedBuffer {
 public:
  static constexpr int64_t kAlignment = 64;
  // `size` rounded up so that an array that follows is aligned as well.
  static int64_t Padded(int64_t size) {
    constexpr int64_t kElements = kAlignment / sizeof(T);
    return (size + kElements - 1) / kElements * kElements;
  }

  AlignedBuffer() = default;
  // Zeros. The pages come from calloc, so what is never touched costs address
  // space only.
  explicit AlignedBuffer(int64_t size) : size_(size) {
    size_t space = static_cast<size_t>(size) * sizeof(T) + kAlignment;
    base_.reset(std::calloc(space, 1));
    if (base_ == nullptr) throw std::bad_alloc();
    void* address = base_.get();
    data_ = static_cast<T*>(std::align(
        kAlignment, static_cast<size_t>(size) * sizeof(T), address, space));
    AskForHugePages(address, space);
  }

  T* data() { return data_; }
  const T* data() const { return data_; }
  int64_t size() const { return size_; }
  absl::Span<T> span() { return {data_, static_cast<size_t>(size_)}; }
  absl::Span<const T> span() const {
    return {data_, static_cast<size_t>(size_)};
  }

 private:
  struct Free {
    void operator()(void* p) const { std::free(p); }
  };
  // Of 2 MB for what is whole ones of them: products go down the columns of
  // large matrices, a page for every row of 4 KB ones. A wish; what comes of it
  // shows in the speed alone.
  static void AskForHugePages(void* address, size_t size) {
    size_t space = size;
    if (std::align(kHugePage, kHugePage, address, space) != nullptr) {
      ::madvise(address, space / kHugePage * kHugePage, MADV_HUGEPAGE);
    }
  }
  static constexpr size_t kHugePage = size_t{2} << 20;

  std::unique_ptr<void, Free> base_;
  T* data_ = nullptr;
  int64_t size_ = 0;
};

}  // namespace anisograd

#endif  // TOOLS_BASE_ALIGNED_BUFFER_H_
