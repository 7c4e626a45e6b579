#include "tools/base/memory.h"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cinttypes>
#include <cstdio>

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "tools/base/file.h"

namespace anisograd {
namespace {

constexpr int64_t kUnknown = int64_t{1} << 62;

// The number that `format` finds in a line of a file of the system's, or
// kUnknown.
int64_t NumberIn(const std::string& path, const char* format) {
  int64_t number = kUnknown;
  std::FILE* const file = std::fopen(path.c_str(), "re");
  if (file == nullptr) return number;
  char line[256];
  while (std::fgets(line, sizeof(line), file) != nullptr) {
    if (std::sscanf(line, format, &number) == 1) break;
  }
  std::fclose(file);
  return std::min(number, kUnknown);
}

// Bytes that this process has mapped: in all, and as RLIMIT_DATA counts them.
struct MappedMemory {
  int64_t all = 0, data = 0;
};

MappedMemory Mapped() {
  MappedMemory mapped;
  if (std::FILE* const file = std::fopen("/proc/self/statm", "re")) {
    if (std::fscanf(file, "%" SCNd64 " %*s %*s %*s %*s %" SCNd64, &mapped.all,
                    &mapped.data) != 2) {
      mapped = {};
    }
    std::fclose(file);
  }
  const int64_t page = ::sysconf(_SC_PAGESIZE);
  return {mapped.all * page, mapped.data * page};
}

// The soft limit that LimitMemoryToWhatThereIs() lowered.
std::optional<rlim_t> limit_before;

// What `resource` leaves of its limit when `used` bytes of it are taken.
int64_t LeftOf(int resource, int64_t used) {
  rlimit limit;
  if (::getrlimit(static_cast<__rlimit_resource_t>(resource), &limit) != 0 ||
      limit.rlim_cur > static_cast<rlim_t>(kUnknown)) {
    return kUnknown;
  }
  return std::max(static_cast<int64_t>(limit.rlim_cur) - used, int64_t{0});
}

}  // namespace

int64_t ControlGroupLimit(absl::string_view groups, const std::string& root) {
  int64_t least = kUnknown;
  for (const absl::string_view line : absl::StrSplit(groups, '\n')) {
    // "4:memory:/user/job", or "0::/user/job" of version 2.
    const std::vector<std::string> parts =
        absl::StrSplit(line, absl::MaxSplits(':', 2));
    if (parts.size() != 3 || !absl::StartsWith(parts[2], "/")) continue;
    const std::vector<std::string> controllers = absl::StrSplit(parts[1], ',');
    const bool first_version =
        std::count(controllers.begin(), controllers.end(), "memory") > 0;
    if (!first_version && !parts[1].empty()) continue;
    // A container may see its own group as the root, and by another path.
    for (std::string group = parts[2];;
         group.resize(group.find_last_of('/'))) {
      least = std::min(
          least, NumberIn(absl::StrCat(root, first_version ? "/memory" : "",
                                       group, "/",
                                       first_version ? "memory.limit_in_bytes"
                                                     : "memory.max"),
                          "%" SCNd64));
      if (group.empty()) break;
    }
  }
  return least;
}

int64_t AvailableMemory() {
  const MappedMemory mapped = Mapped();
  const int64_t kilobytes =
      NumberIn("/proc/meminfo", "MemAvailable: %" SCNd64 " kB");
  return std::min({
      kilobytes == kUnknown ? kUnknown : kilobytes * 1024,
      ControlGroupLimit(ReadFile("/proc/self/cgroup").value_or(""),
                        "/sys/fs/cgroup"),
      LeftOf(RLIMIT_AS, mapped.all),
      LeftOf(RLIMIT_DATA, mapped.data),
  });
}

void LimitMemoryToWhatThereIs() {
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  rlimit limit;
  if (::getrlimit(RLIMIT_DATA, &limit) != 0) return;
  if (!limit_before.has_value()) limit_before = limit.rlim_cur;
  // The limit is one of all that the process has, not of what it adds.
  limit.rlim_cur =
      std::min(limit.rlim_cur,
               static_cast<rlim_t>(AvailableMemory() + Mapped().data));
  ::setrlimit(RLIMIT_DATA, &limit);
#endif
}

void LiftMemoryLimit() {
  rlimit limit;
  if (!limit_before.has_value() || ::getrlimit(RLIMIT_DATA, &limit) != 0) return;
  limit.rlim_cur = *limit_before;
  ::setrlimit(RLIMIT_DATA, &limit);
  limit_before.reset();
}

absl::Status CheckMemory(int64_t bytes, absl::string_view what) {
  constexpr int64_t kSmall = int64_t{1} << 26;
  if (bytes < kSmall) return absl::OkStatus();
  const int64_t available = AvailableMemory();
  if (bytes <= available) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat(what, ": takes about ", bytes >> 20,
                   " MB of memory, of which ", available >> 20,
                   " MB are available"));
}

absl::Status NotEnoughMemory(absl::string_view what) {
  return absl::ResourceExhaustedError(absl::StrCat(what, ": not enough memory"));
}

}  // namespace anisograd
