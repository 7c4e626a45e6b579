#include "tools/cuda/emulator/emulator.h"

#include <algorithm>
#include <boost/context/fiber.hpp>
#include <boost/context/pooled_fixedsize_stack.hpp>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "tools/base/random.h"
#include "tools/cuda/emulator/runtime.h"

uint3 threadIdx;
uint3 blockIdx;
dim3 blockDim;
dim3 gridDim;

namespace anisograd {
namespace cuda {
namespace emulator {
namespace {

constexpr int kWarp = 32;
constexpr size_t kStackBytes = size_t{128} << 10;
// Of compute capability 8.0: without being asked for, and at all.
constexpr size_t kUsualShared = size_t{48} << 10;
constexpr size_t kMostShared = size_t{163} << 10;
// Bytes behind shared memory that nobody may write.
constexpr size_t kGuardBytes = 4096;
constexpr unsigned char kFresh = 0xff;

struct Copy {
  void* to;
  const void* from;
  size_t bytes, zero_bytes;
};

enum class State { kReady, kAtBlockBarrier, kAtWarpBarrier, kDone };

struct Thread {
  boost::context::fiber fiber;
  State state = State::kReady;
  unsigned mask = 0;         // of the warp barrier it waits at
  const void* offer = nullptr;
  std::vector<Copy> copies;  // not yet committed
  std::deque<std::vector<Copy>> groups;
};

struct Warp {
  const void* offers[kWarp] = {};
};

// Some bytes at a multiple of 16, and the guard behind them; all fresh.
class SharedMemory {
 public:
  explicit SharedMemory(size_t bytes)
      : bytes_(bytes), memory_(15 + bytes + kGuardBytes, kFresh) {}
  unsigned char* data() {
    const uintptr_t address = reinterpret_cast<uintptr_t>(memory_.data());
    return reinterpret_cast<unsigned char*>((address + 15) / 16 * 16);
  }
  size_t bytes() const { return bytes_; }
  void Refresh() { std::memset(memory_.data(), kFresh, memory_.size()); }
  // Whether nobody wrote behind it.
  bool GuardIsFresh() {
    return std::all_of(data() + bytes_, memory_.data() + memory_.size(),
                       [](unsigned char byte) { return byte == kFresh; });
  }

 private:
  size_t bytes_;
  std::vector<unsigned char> memory_;
};

// The running block.
struct Block {
  std::vector<Thread> threads;
  std::vector<Warp> warps;
  size_t most_shared = 0;
  std::unique_ptr<SharedMemory> dynamic;
  std::map<const void*, SharedMemory> statics;
  int running = 0;
  boost::context::fiber scheduler;
};
Block* block = nullptr;
uint32_t launches = 0;

[[noreturn]] void Die(const char* reason) {
  std::fprintf(stderr, "CUDA emulator: block (%u, %u, %u): %s\n", blockIdx.x,
               blockIdx.y, blockIdx.z, reason);
  std::abort();
}

void SetThreadIndex(int t) {
  threadIdx.x = static_cast<unsigned>(t) % blockDim.x;
  threadIdx.y = static_cast<unsigned>(t) / blockDim.x % blockDim.y;
  threadIdx.z = static_cast<unsigned>(t) / (blockDim.x * blockDim.y);
}

// Gives the processor back until the scheduler finds the thread ready again.
void Wait(State state) {
  const int self = block->running;
  block->threads[self].state = state;
  block->scheduler = std::move(block->scheduler).resume();
  block->running = self;
  SetThreadIndex(self);
}

bool ReleaseBlockBarrier() {
  bool any = false;
  for (const Thread& thread : block->threads) {
    if (thread.state == State::kDone) continue;
    if (thread.state != State::kAtBlockBarrier) return false;
    any = true;
  }
  for (Thread& thread : block->threads) {
    if (thread.state == State::kAtBlockBarrier) thread.state = State::kReady;
  }
  return any;
}

// Releases the barrier that thread t of a warp waits at, if all have come.
bool ReleaseWarpBarrier(int t) {
  const unsigned mask = block->threads[t].mask;
  const int first = t / kWarp * kWarp;
  const int count = static_cast<int>(block->threads.size());
  if ((mask >> (t - first) & 1u) == 0) Die("a lane is not in its own mask");
  for (int lane = 0; lane < kWarp && first + lane < count; ++lane) {
    if ((mask >> lane & 1u) == 0) continue;
    const Thread& thread = block->threads[first + lane];
    if (thread.state == State::kDone) continue;
    if (thread.state != State::kAtWarpBarrier || thread.mask != mask) {
      return false;
    }
  }
  Warp& warp = block->warps[t / kWarp];
  for (int lane = 0; lane < kWarp; ++lane) {
    warp.offers[lane] = nullptr;
    if (first + lane >= count || (mask >> lane & 1u) == 0) continue;
    Thread& thread = block->threads[first + lane];
    if (thread.state == State::kDone) continue;
    warp.offers[lane] = thread.offer;
    thread.state = State::kReady;
  }
  return true;
}

// Of [0, n), another one for every launch and purpose.
std::vector<int64_t> ShuffledOrder(int64_t n, uint32_t purpose) {
  std::vector<int64_t> order(static_cast<size_t>(n));
  std::iota(order.begin(), order.end(), int64_t{0});
  Shuffle(RandomStream(launches, RandomPurpose::kTest, purpose), order.data(),
          order.size());
  return order;
}

void RunBlock(const std::function<void()>& kernel,
              const std::vector<int64_t>& order) {
  // Used again and again: fresh ones would cost a few page faults a thread.
  static auto* const stacks =
      new boost::context::pooled_fixedsize_stack(kStackBytes);
  const size_t count = order.size();
  for (size_t t = 0; t < count; ++t) {
    block->threads[t] = Thread();
    block->threads[t].fiber = boost::context::fiber(
        std::allocator_arg, *stacks,
        [&kernel](boost::context::fiber&& scheduler) {
          block->scheduler = std::move(scheduler);
          kernel();
          block->threads[block->running].state = State::kDone;
          return std::move(block->scheduler);
        });
  }
  block->dynamic->Refresh();
  for (auto& [place, memory] : block->statics) memory.Refresh();
  for (;;) {
    bool progress = false;
    size_t done = 0;
    for (const int64_t t : order) {
      Thread& thread = block->threads[t];
      if (thread.state == State::kReady) {
        block->running = static_cast<int>(t);
        SetThreadIndex(block->running);
        thread.fiber = std::move(thread.fiber).resume();
        progress = true;
      } else if (thread.state == State::kAtWarpBarrier) {
        progress |= ReleaseWarpBarrier(static_cast<int>(t));
      }
      done += thread.state == State::kDone;
    }
    if (done == count) break;
    if (!progress && !ReleaseBlockBarrier()) {
      Die("threads wait at barriers that the others do not reach");
    }
  }
  bool intact = block->dynamic->GuardIsFresh();
  for (auto& [place, memory] : block->statics) intact &= memory.GuardIsFresh();
  if (!intact) Die("something was written behind the shared memory");
}

// What kernels were allowed.
std::map<const void*, size_t>& AllowedShared() {
  static auto* const allowed = new std::map<const void*, size_t>();
  return *allowed;
}

void RunGrid(dim3 grid, dim3 threads, size_t dynamic_shared_bytes,
             size_t most_shared, const std::function<void()>& body) {
  ++launches;
  gridDim = grid;
  blockDim = threads;
  const int64_t count = int64_t{threads.x} * threads.y * threads.z;
  Block running;
  running.threads.resize(static_cast<size_t>(count));
  running.warps.resize(static_cast<size_t>((count + kWarp - 1) / kWarp));
  running.most_shared = most_shared;
  running.dynamic = std::make_unique<SharedMemory>(dynamic_shared_bytes);
  block = &running;
  const std::vector<int64_t> order = ShuffledOrder(count, 0);
  for (const int64_t b :
       ShuffledOrder(int64_t{grid.x} * grid.y * grid.z, 1)) {
    blockIdx.x = static_cast<unsigned>(b % grid.x);
    blockIdx.y = static_cast<unsigned>(b / grid.x % grid.y);
    blockIdx.z = static_cast<unsigned>(b / grid.x / grid.y);
    RunBlock(body, order);
  }
  block = nullptr;
}

}  // namespace

void Launch(const void* kernel, dim3 grid, dim3 threads,
            size_t dynamic_shared_bytes, cudaStream_t stream,
            std::function<void()> body) {
  if (threads.x == 0 || threads.y == 0 || threads.z == 0 || threads.z > 64 ||
      uint64_t{threads.x} * threads.y * threads.z > 1024) {
    Die("a block has 1 to 1,024 threads");
  }
  if (grid.y > 65535 || grid.z > 65535) Die("the grid is too large");
  const auto allowed = AllowedShared().find(kernel);
  const bool asked = allowed != AllowedShared().end();
  if (dynamic_shared_bytes > (asked ? allowed->second : kUsualShared)) {
    RefuseLaunch();
    return;
  }
  Enqueue(stream, [=, body = std::move(body)] {
    RunGrid(grid, threads, dynamic_shared_bytes,
            asked ? kMostShared : kUsualShared, body);
  });
}

bool AllowShared(const void* kernel, int bytes) {
  if (bytes < 0 || static_cast<size_t>(bytes) > kMostShared) return false;
  AllowedShared()[kernel] = std::max(kUsualShared, static_cast<size_t>(bytes));
  return true;
}

unsigned char* DynamicSharedMemory() { return block->dynamic->data(); }

void* StaticShared(const void* place, size_t bytes) {
  const auto found = block->statics.find(place);
  if (found != block->statics.end()) return found->second.data();
  size_t all = block->dynamic->bytes() + bytes;
  for (const auto& [other, memory] : block->statics) all += memory.bytes();
  if (all > block->most_shared) Die("too much shared memory");
  return block->statics.emplace(place, bytes).first->second.data();
}

void SyncThreads() { Wait(State::kAtBlockBarrier); }

int Lane() { return block->running % kWarp; }

const void* const* BeginExchange(unsigned mask, const void* value) {
  Thread& thread = block->threads[block->running];
  thread.mask = mask;
  thread.offer = value;
  Wait(State::kAtWarpBarrier);
  return block->warps[block->running / kWarp].offers;
}

void EndExchange(unsigned mask) { BeginExchange(mask, nullptr); }

const void* Aligned16(const void* address) {
  if (reinterpret_cast<uintptr_t>(address) % 16 != 0) {
    Die("an address is no multiple of 16 bytes");
  }
  return address;
}

void QueueCopy(void* to, const void* from, size_t bytes, size_t zero_bytes) {
  Aligned16(to);
  Aligned16(from);
  block->threads[block->running].copies.push_back({to, from, bytes, zero_bytes});
}

void CommitCopies() {
  Thread& thread = block->threads[block->running];
  thread.groups.push_back(std::move(thread.copies));
  thread.copies.clear();
}

void WaitCopies(int groups) {
  Thread& thread = block->threads[block->running];
  while (static_cast<int>(thread.groups.size()) > groups) {
    for (const Copy& copy : thread.groups.front()) {
      std::memcpy(copy.to, copy.from, copy.bytes);
      std::memset(static_cast<char*>(copy.to) + copy.bytes, 0, copy.zero_bytes);
    }
    thread.groups.pop_front();
  }
}

}  // namespace emulator
}  // namespace cuda
}  // namespace anisograd
