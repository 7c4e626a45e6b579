// The emulated runtime API: memory, streams, graphs.

#include <sys/mman.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <utility>
#include <vector>

#include "cuda_runtime_api.h"
#include "tools/cuda/emulator/runtime.h"

struct CUstream_st {
  bool capturing = false;
  std::vector<std::function<void()>> captured;
};
struct CUevent_st {
  std::chrono::steady_clock::time_point time;
};
struct CUgraph_st {
  std::vector<std::function<void()>> work;
};
struct CUgraphExec_st {
  std::vector<std::function<void()>> work;
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

cudaError_t DoOnStream(cudaStream_t stream, std::function<void()> work) {
  if (stream != nullptr && stream->capturing) {
    stream->captured.push_back(std::move(work));
  } else {
    work();
  }
  return cudaSuccess;
}

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd

using anisograd::cuda::emulator::Allocations;
using anisograd::cuda::emulator::DeviceAccess;
using anisograd::cuda::emulator::DoOnStream;
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
cudaError_t cudaPeekAtLastError() { return last_error; }

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
  *device = 0;
  return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) {
  return device == 0 ? cudaSuccess : Failed(cudaErrorInvalidValue);
}
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int) {
  *properties = {};
  std::strcpy(properties->name, "emulator");
  properties->major = 8;
  properties->multiProcessorCount = 4;
  properties->totalGlobalMem = kTotalMemory;
  return cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  switch (attribute) {
    case cudaDevAttrMultiProcessorCount:
      *value = 4;
      break;
    case cudaDevAttrComputeCapabilityMajor:
      *value = 8;
      break;
    default:
      *value = 0;
      break;
  }
  return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) {
  *version = 0;
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) {
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
                            cudaStream_t stream) {
  return DoOnStream(stream, [=] {
    const DeviceAccess access;
    std::memset(to, value, bytes);
  });
}
cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes,
                       cudaMemcpyKind kind) {
  return cudaMemcpyAsync(to, from, bytes, kind, nullptr);
}
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes,
                            cudaMemcpyKind, cudaStream_t stream) {
  return DoOnStream(stream, [=] {
    const DeviceAccess access;
    std::memmove(to, from, bytes);
  });
}

cudaError_t cudaStreamCreate(cudaStream_t* stream) {
  *stream = new CUstream_st;
  return cudaSuccess;
}
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  return cudaStreamCreate(stream);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  if (stream != nullptr && stream->capturing) {
    return Failed(cudaErrorInvalidValue);
  }
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
  return DoOnStream(
      stream, [=] { event->time = std::chrono::steady_clock::now(); });
}
cudaError_t cudaEventSynchronize(cudaEvent_t) { return cudaSuccess; }
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start,
                                 cudaEvent_t end) {
  *milliseconds =
      std::chrono::duration<float, std::milli>(end->time - start->time).count();
  return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode) {
  if (stream == nullptr || stream->capturing) {
    return Failed(cudaErrorInvalidValue);
  }
  stream->capturing = true;
  stream->captured.clear();
  return cudaSuccess;
}
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t* graph) {
  if (stream == nullptr || !stream->capturing) {
    return Failed(cudaErrorInvalidValue);
  }
  stream->capturing = false;
  *graph = new CUgraph_st{std::move(stream->captured)};
  return cudaSuccess;
}
cudaError_t cudaGraphInstantiate(cudaGraphExec_t* executable, cudaGraph_t graph,
                                 unsigned long long) {
  *executable = new CUgraphExec_st{graph->work};
  return cudaSuccess;
}
cudaError_t cudaGraphLaunch(cudaGraphExec_t executable, cudaStream_t) {
  for (const auto& work : executable->work) work();
  return cudaSuccess;
}
cudaError_t cudaGraphDestroy(cudaGraph_t graph) {
  delete graph;
  return cudaSuccess;
}
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t executable) {
  delete executable;
  return cudaSuccess;
}
