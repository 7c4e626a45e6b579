// The emulated runtime API: memory, streams, events.

#include <sys/mman.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <map>
#include <utility>

#include "cuda_runtime_api.h"
#include "tools/cuda/emulator/runtime.h"

struct CUstream_st {};
struct CUevent_st {
  std::chrono::steady_clock::time_point time;
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
int access_depth = 0;

void Protect(int protection) {
  for (const auto& [pointer, allocation] : Allocations()) {
    mprotect(allocation.pages, allocation.page_bytes, protection);
  }
}

}  // namespace

DeviceAccess::DeviceAccess() {
  if (access_depth++ == 0) Protect(PROT_READ | PROT_WRITE);
}
DeviceAccess::~DeviceAccess() {
  if (--access_depth == 0) Protect(PROT_NONE);
}

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

using anisograd::cuda::emulator::Allocations;
using anisograd::cuda::emulator::DeviceAccess;
using anisograd::cuda::emulator::kPage;

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
cudaError_t cudaDeviceSynchronize() { return cudaSuccess; }
cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
  *total = kTotalMemory;
  *free = kTotalMemory - anisograd::cuda::emulator::allocated_bytes;
  return cudaSuccess;
}

cudaError_t cudaMalloc(void** pointer, size_t bytes) {
  *pointer = nullptr;
  if (bytes == 0) return cudaSuccess;
  if (bytes > kTotalMemory - anisograd::cuda::emulator::allocated_bytes) {
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
  std::memset(*pointer, 0xff, bytes);
  Allocations()[*pointer] = {base, page_bytes};
  anisograd::cuda::emulator::allocated_bytes += page_bytes;
  if (anisograd::cuda::emulator::access_depth == 0) {
    mprotect(base, page_bytes, PROT_NONE);
  }
  return cudaSuccess;
}
cudaError_t cudaFree(void* pointer) {
  if (pointer == nullptr) return cudaSuccess;
  const auto found = Allocations().find(pointer);
  if (found == Allocations().end()) return Failed(cudaErrorInvalidValue);
  anisograd::cuda::emulator::allocated_bytes -= found->second.page_bytes;
  munmap(found->second.pages, found->second.page_bytes + kPage);
  Allocations().erase(found);
  return cudaSuccess;
}
cudaError_t cudaMallocHost(void** pointer, size_t bytes) {
  *pointer = std::malloc(bytes);
  return *pointer == nullptr ? Failed(cudaErrorMemoryAllocation) : cudaSuccess;
}
cudaError_t cudaFreeHost(void* pointer) {
  std::free(pointer);
  return cudaSuccess;
}
cudaError_t cudaMemset(void* to, int value, size_t bytes) {
  return cudaMemsetAsync(to, value, bytes, nullptr);
}
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes,
                            cudaStream_t) {
  const DeviceAccess access;
  std::memset(to, value, bytes);
  return cudaSuccess;
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes,
                       cudaMemcpyKind kind) {
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes,
                            cudaMemcpyKind, cudaStream_t) {
  const DeviceAccess access;
  std::memmove(to, from, bytes);
  return cudaSuccess;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t) { return cudaSuccess; }

cudaError_t cudaEventCreate(cudaEvent_t* event) {
  *event = new CUevent_st();
  return cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t event) {
  delete event;
  return cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t) {
  event->time = std::chrono::steady_clock::now();
  return cudaSuccess;
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start,
                                 cudaEvent_t end) {
  *milliseconds =
      std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return cudaSuccess;
}
