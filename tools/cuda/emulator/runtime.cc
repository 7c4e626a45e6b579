// The emulated runtime API: memory, streams, events.

#include <sys/mman.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "cuda_runtime_api.h"
#include "tools/base/random.h"
#include "tools/cuda/emulator/emulator.h"
#include "tools/cuda/emulator/runtime.h"

struct CUstream_st {
  std::deque<std::function<void()>> work;
};

// A place in a stream's work.
struct Mark {
  cudaStream_t stream;
  bool reached = false;
  std::chrono::steady_clock::time_point time;
};
struct CUevent_st {
  // Where it was recorded last, if anywhere.
  std::shared_ptr<Mark> mark;
};

namespace anisograd {
namespace cuda {
namespace emulator {
namespace {

constexpr size_t kPage = 4096;

struct Allocation {
  char* pages;        // what mmap gave; behind it, a page without access
  size_t page_bytes;  // without that page
};

// By the address that cudaMalloc returned.
std::map<void*, Allocation>& Allocations() {
  static auto* const allocations = new std::map<void*, Allocation>();
  return *allocations;
}
size_t allocated_bytes = 0;
// Host memory that the device may copy from and to later, by its end.
std::map<const char*, const char*>& PinnedRanges() {
  static auto* const ranges = new std::map<const char*, const char*>();
  return *ranges;
}
bool IsPinned(const void* from, size_t bytes) {
  const char* const begin = static_cast<const char*>(from);
  const auto range = PinnedRanges().upper_bound(begin);
  return range != PinnedRanges().end() && range->second <= begin &&
         begin + bytes <= range->first;
}

// The default stream first; all others are non-blocking.
std::vector<cudaStream_t>& Streams() {
  static auto* const streams = new std::vector<cudaStream_t>{new CUstream_st};
  return *streams;
}
cudaStream_t Queue(cudaStream_t stream) {
  return stream == nullptr ? Streams()[0] : stream;
}

void Protect(int protection) {
  for (const auto& [pointer, allocation] : Allocations()) {
    mprotect(allocation.pages, allocation.page_bytes, protection);
  }
}

// Does the first thing that the stream has to do.
void Advance(cudaStream_t stream) {
  const std::function<void()> work = std::move(stream->work.front());
  stream->work.pop_front();
  work();
}

// Does all that a stream has to do, or all streams, in an order of their own.
void Finish(cudaStream_t stream) {
  if (stream->work.empty()) return;
  Protect(PROT_READ | PROT_WRITE);
  while (!stream->work.empty()) Advance(stream);
  Protect(PROT_NONE);
}
void FinishAll() {
  static uint64_t turns = 0;
  static const RandomStream random(1, RandomPurpose::kTest);
  Protect(PROT_READ | PROT_WRITE);
  for (;;) {
    std::vector<cudaStream_t> busy;
    for (const cudaStream_t stream : Streams()) {
      if (!stream->work.empty()) busy.push_back(stream);
    }
    if (busy.empty()) break;
    Advance(busy[random.At(turns++) % busy.size()]);
  }
  Protect(PROT_NONE);
}

constexpr int kFresh = 0xff;

// What a copy to the device reads: pinned memory when it is done, other memory
// now.
std::function<void()> ToDevice(void* to, const void* from, size_t bytes) {
  if (IsPinned(from, bytes)) {
    return [=] { std::memcpy(to, from, bytes); };
  }
  const char* const begin = static_cast<const char*>(from);
  return [to, staged = std::vector<char>(begin, begin + bytes)] {
    std::memcpy(to, staged.data(), staged.size());
  };
}

}  // namespace

void Enqueue(cudaStream_t stream, std::function<void()> work) {
  Queue(stream)->work.push_back(std::move(work));
}

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

namespace emulator = anisograd::cuda::emulator;
using emulator::Allocations;
using emulator::Enqueue;
using emulator::Finish;
using emulator::FinishAll;
using emulator::IsPinned;
using emulator::kFresh;
using emulator::kPage;
using emulator::PinnedRanges;
using emulator::Queue;
using emulator::Streams;

namespace {
// As much as a small GPU.
constexpr size_t kTotalMemory = size_t{8} << 30;

cudaError_t last_error = cudaSuccess;
// For cudaGetLastError().
cudaError_t Failed(cudaError_t error) { return last_error = error; }
}  // namespace

const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "cudaSuccess";
    case cudaErrorInvalidValue:
      return "cudaErrorInvalidValue";
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorNotReady:
      return "cudaErrorNotReady";
    default:
      return "cudaErrorUnknown";
  }
}
const char* cudaGetErrorString(cudaError_t error) {
  switch (error) {
    case cudaSuccess:
      return "no error";
    case cudaErrorInvalidValue:
      return "invalid argument";
    case cudaErrorMemoryAllocation:
      return "out of memory";
    case cudaErrorNotReady:
      return "device not ready";
    default:
      return "unknown error";
  }
}
cudaError_t cudaGetLastError() {
  return std::exchange(last_error, cudaSuccess);
}

cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "emulator");
  properties->major = 8;
  properties->multiProcessorCount = 4;
  properties->totalGlobalMem = kTotalMemory;
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 0;
  return cudaSuccess;
}
cudaError_t cudaDeviceSynchronize() {
  FinishAll();
  return cudaSuccess;
}
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = kTotalMemory;
  *free = kTotalMemory - emulator::allocated_bytes;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (bytes > kTotalMemory - emulator::allocated_bytes) {
    return Failed(cudaErrorMemoryAllocation);
  }
  const size_t rounded = (bytes + 15) / 16 * 16;
  const size_t page_bytes = (rounded + kPage - 1) / kPage * kPage;
  void* const pages =
      mmap(nullptr, page_bytes + kPage, PROT_READ | PROT_WRITE,
           MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (pages == MAP_FAILED) return Failed(cudaErrorMemoryAllocation);
  char* const base = static_cast<char*>(pages);
  mprotect(base + page_bytes, kPage, PROT_NONE);
  // The end of the array, not its start, is where it is found out that somebody
  // left it.
  *pointer = base + page_bytes - rounded;
  std::memset(*pointer, kFresh, bytes);
  Allocations()[*pointer] = {base, page_bytes};
  emulator::allocated_bytes += page_bytes;
  mprotect(base, page_bytes, PROT_NONE);
  return cudaSuccess;
}
cudaError_t cudaFree(void* pointer) {
  if (pointer == nullptr) return cudaSuccess;
  const auto found = Allocations().find(pointer);
  if (found == Allocations().end()) return Failed(cudaErrorInvalidValue);
  FinishAll();
  emulator::allocated_bytes -= found->second.page_bytes;
  munmap(found->second.pages, found->second.page_bytes + kPage);
  Allocations().erase(found);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** pointer, size_t bytes) {
  *pointer = std::malloc(bytes);
  if (*pointer == nullptr) return Failed(cudaErrorMemoryAllocation);
  std::memset(*pointer, kFresh, bytes);
  const char* const begin = static_cast<const char*>(*pointer);
  PinnedRanges()[begin + bytes] = begin;
  return cudaSuccess;
}
cudaError_t cudaFreeHost(void* pointer) {
  FinishAll();
  for (auto range = PinnedRanges().begin(); range != PinnedRanges().end();
       ++range) {
    if (range->second != pointer) continue;
    PinnedRanges().erase(range);
    break;
  }
  std::free(pointer);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes,
                            cudaStream_t stream) {
  if (bytes == 0) return cudaSuccess;
  Enqueue(stream, [=] { std::memset(to, value, bytes); });
  return cudaSuccess;
}
// From pageable memory it returns once that has been read, and the copy itself
// is on its way.
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes,
                       cudaMemcpyKind kind) {
  Finish(Queue(nullptr));
  const bool pageable = kind == cudaMemcpyHostToDevice && !IsPinned(from, bytes);
  cudaMemcpyAsync(to, from, bytes, kind, nullptr);
  if (!pageable) Finish(Queue(nullptr));
  return cudaSuccess;
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes,
                            cudaMemcpyKind kind, cudaStream_t stream) {
  // Of null, too.
  if (bytes == 0) return cudaSuccess;
  if (kind == cudaMemcpyHostToDevice) {
    Enqueue(stream, emulator::ToDevice(to, from, bytes));
    return cudaSuccess;
  }
  // Whoever reads it too early shall see that.
  std::memset(to, kFresh, bytes);
  Enqueue(stream, [=] { std::memcpy(to, from, bytes); });
  // To pageable memory it is not asynchronous.
  if (!IsPinned(to, bytes)) Finish(Queue(stream));
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned flags) {
  if (flags != cudaStreamNonBlocking) return Failed(cudaErrorInvalidValue);
  *stream = new CUstream_st;
  Streams().push_back(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  Finish(stream);
  Streams().erase(std::find(Streams().begin(), Streams().end(), stream));
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  Finish(Queue(stream));
  return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  event->mark = std::make_shared<Mark>();
  event->mark->stream = Queue(stream);
  Enqueue(stream, [mark = event->mark] {
    mark->reached = true;
    mark->time = std::chrono::steady_clock::now();
  });
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
  if (event->mark == nullptr || event->mark->reached) return cudaSuccess;
  emulator::Protect(PROT_READ | PROT_WRITE);
  while (!event->mark->reached) emulator::Advance(event->mark->stream);
  emulator::Protect(PROT_NONE);
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start,
                                 cudaEvent_t end) {
  for (const cudaEvent_t event : {start, end}) {
    if (event->mark == nullptr) return Failed(cudaErrorInvalidValue);
    if (!event->mark->reached) return Failed(cudaErrorNotReady);
  }
  *milliseconds = std::chrono::duration<float, std::milli>(
                      end->mark->time - start->mark->time)
                      .count();
  return cudaSuccess;
}

cudaError_t cudaFuncSetMostShared(const void* kernel, int bytes) {
  if (!emulator::AllowShared(kernel, bytes)) {
    return Failed(cudaErrorInvalidValue);
  }
  return cudaSuccess;
}
cudaError_t emulator::RefuseLaunch() { return Failed(cudaErrorInvalidValue); }
