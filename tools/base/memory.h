#ifndef TOOLS_BASE_MEMORY_H_
#define TOOLS_BASE_MEMORY_H_

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// Bytes that this process can still come to hold: the least of what the machine
// has available, the limits of its control group and of those above it (a
// container's, Slurm's, systemd's) and this process's own (`ulimit -v`,
// `ulimit -d`). Zero where nothing is left, 2^62 where nothing is known.
int64_t AvailableMemory();

// The part of control groups in it: `groups` is /proc/self/cgroup, `root` the
// folder /sys/fs/cgroup.
int64_t ControlGroupLimit(absl::string_view groups, const std::string& root);

// From now on, to ask for more than AvailableMemory() is "not enough memory", and
// does not take the memory of all other programs first. Not under sanitizers,
// which map terabytes.
void LimitMemoryToWhatThereIs();
// Undoes it, for what maps more than it ever holds: a GPU's driver. A limit that the
// user has set stays.
void LiftMemoryLimit();

// ResourceExhausted "WHAT: takes about N MB of memory, of which M MB are
// available" where `bytes` are more than AvailableMemory(). Linux grants what it
// does not have and kills whoever writes to it, so sizes that data or users
// state are checked before they are allocated. Costs nothing below 64 MiB.
absl::Status CheckMemory(int64_t bytes, absl::string_view what);

// ResourceExhausted "WHAT: not enough memory".
absl::Status NotEnoughMemory(absl::string_view what);

// read(), a function that allocates as its input demands and returns a Status or
// a StatusOr; NotEnoughMemory(what) where the system refuses an allocation.
template <typename Read>
auto WithinMemory(absl::string_view what, Read read) -> decltype(read()) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
  } catch (const std::length_error&) {
  }
  return NotEnoughMemory(what);
}

}  // namespace anisograd

#endif  // TOOLS_BASE_MEMORY_H_
