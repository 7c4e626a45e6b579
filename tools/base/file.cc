#include "tools/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/base/sha256.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

class FileDescriptor {
 public:
  explicit FileDescriptor(int fd) : fd_(fd) {}
  ~FileDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  FileDescriptor(const FileDescriptor&) = delete;
  FileDescriptor& operator=(const FileDescriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

// The temporary files and the mapped ones that there are, where a signal handler
// can read them: no memory moves, and only slots that are kReady count. A file
// that finds no slot is used all the same.
struct FileSlot {
  enum State { kFree, kTaken, kReady };
  std::atomic<int> state{kFree};
  char path[PATH_MAX];
  // Of the map; nullptr for a temporary file.
  const char* begin;
  size_t size;
};
FileSlot file_slots[64];

void AddSlot(const std::string& path, const void* begin, size_t size) {
  if (path.size() >= PATH_MAX) return;
  for (FileSlot& slot : file_slots) {
    int expected = FileSlot::kFree;
    if (!slot.state.compare_exchange_strong(expected, FileSlot::kTaken)) {
      continue;
    }
    std::memcpy(slot.path, path.c_str(), path.size() + 1);
    slot.begin = static_cast<const char*>(begin);
    slot.size = size;
    slot.state.store(FileSlot::kReady);
    return;
  }
}

// Frees the slot of a temporary file, by its path, or of a map, by its begin.
void RemoveSlot(absl::string_view path, const void* begin) {
  for (FileSlot& slot : file_slots) {
    if (slot.state.load() == FileSlot::kReady && slot.begin == begin &&
        (begin != nullptr || path == slot.path)) {
      slot.state.store(FileSlot::kFree);
      return;
    }
  }
}

void UnlinkTemporariesAndDie(int signal) {
  RemoveTemporaryFiles();
  // Ends the program once the handler has returned.
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

void Complain(const char* text) {
  [[maybe_unused]] const ssize_t n =
      ::write(STDERR_FILENO, text, std::strlen(text));
}

// SIGBUS: a page of a map that the file has no longer.
void NameTheMapAndDie(int signal, siginfo_t* info, void*) {
  const char* const address = static_cast<const char*>(info->si_addr);
  for (const FileSlot& slot : file_slots) {
    if (slot.state.load() != FileSlot::kReady || slot.begin == nullptr ||
        address < slot.begin || address >= slot.begin + slot.size) {
      continue;
    }
    RemoveTemporaryFiles();
    Complain("ERROR: ");
    Complain(slot.path);
    Complain(": was cut short, or cannot be read, while it was in use\n");
    ::_exit(1);
  }
  UnlinkTemporariesAndDie(signal);
}

// `path` is only named.
absl::Status WriteAll(int fd, const std::string& path, absl::string_view piece) {
  if (fd < 0) return SystemError("cannot write", path, EBADF);
  while (!piece.empty()) {
    const ssize_t n = ::write(fd, piece.data(), piece.size());
    if (n < 0 && errno != EINTR) {
      return SystemError("cannot write", path, errno);
    }
    piece.remove_prefix(static_cast<size_t>(std::max<ssize_t>(n, 0)));
  }
  return absl::OkStatus();
}

bool IsStandardOutput(const struct stat& info) {
  struct stat output;
  return ::fstat(STDOUT_FILENO, &output) == 0 && output.st_dev == info.st_dev &&
         output.st_ino == info.st_ino;
}

// True for what there is and is no regular file to be replaced.
bool IsWrittenAsItStands(const struct stat& info) {
  return !S_ISREG(info.st_mode) || IsStandardOutput(info);
}

// The file that `path` leads to through symbolic links; it need not exist.
absl::StatusOr<std::string> FollowLinks(const std::string& path) {
  std::string target = path;
  constexpr int kMostLinks = 40;
  for (int links = 0; links <= kMostLinks; ++links) {
    char buffer[PATH_MAX];
    const ssize_t n = ::readlink(target.c_str(), buffer, sizeof(buffer));
    if (n < 0) return target;
    const absl::string_view to(buffer, static_cast<size_t>(n));
    if (!to.empty() && to[0] == '/') {
      target = std::string(to);
    } else {
      target = absl::StrCat(target.substr(0, target.rfind('/') + 1), to);
    }
  }
  return SystemError("cannot create", path, ELOOP);
}

}  // namespace

absl::Status SystemError(absl::string_view what, const std::string& path,
                         int error) {
  const std::string message = absl::StrCat(path, ": ", what, ": ",
                                           std::strerror(error));
  if (error == ENOENT) return absl::NotFoundError(message);
  // The device, the user's quota or the process's limit is full.
  if (error == ENOSPC || error == EDQUOT || error == EFBIG) {
    return absl::ResourceExhaustedError(message);
  }
  return absl::UnavailableError(message);
}

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  // A fifo does not wait for its writer to be refused.
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) return SystemError("cannot open", path, errno);
  return Of(fd.get(), path);
}

absl::StatusOr<MappedFile> MappedFile::Of(int fd, const std::string& path) {
  struct stat info;
  if (::fstat(fd, &info) != 0) return SystemError("cannot stat", path, errno);
  if (!S_ISREG(info.st_mode)) {
    return absl::FailedPreconditionError(absl::StrCat(path, ": not a file"));
  }
  MappedFile file;
  if (info.st_size == 0) return file;
  void* address = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ,
                         MAP_PRIVATE, fd, 0);
  if (address == MAP_FAILED) return SystemError("cannot map", path, errno);
  file.address_ = address;
  file.size_ = static_cast<size_t>(info.st_size);
  AddSlot(path, file.address_, file.size_);
  return file;
}

MappedFile::MappedFile(MappedFile&& other) noexcept
    : address_(std::exchange(other.address_, nullptr)),
      size_(std::exchange(other.size_, 0)) {}

MappedFile& MappedFile::operator=(MappedFile&& other) noexcept {
  std::swap(address_, other.address_);
  std::swap(size_, other.size_);
  return *this;
}

MappedFile::~MappedFile() {
  if (address_ == nullptr) return;
  RemoveSlot("", address_);
  ::munmap(address_, size_);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError("cannot open", path, errno);
  std::string contents;
  constexpr size_t kChunk = 1 << 20;
  try {
    // Room for a regular file as long as it is now, and for the end behind it.
    struct stat info;
    if (::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) {
      contents.reserve(static_cast<size_t>(info.st_size) + kChunk);
    }
    while (true) {
      const size_t old_size = contents.size();
      contents.resize(old_size + kChunk);
      const ssize_t n = ::read(fd.get(), &contents[old_size], kChunk);
      if (n < 0 && errno != EINTR) {
        return SystemError("cannot read", path, errno);
      }
      contents.resize(old_size + static_cast<size_t>(std::max<ssize_t>(n, 0)));
      if (n == 0) return contents;
    }
  } catch (const std::bad_alloc&) {
    return absl::ResourceExhaustedError(
        absl::StrCat(path, ": not enough memory"));
  }
}

AtomicFileWriter::AtomicFileWriter(std::string path, std::string target,
                                   int fd)
    : path_(std::move(path)), target_(std::move(target)), fd_(fd) {}

AtomicFileWriter::AtomicFileWriter(AtomicFileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      target_(std::move(other.target_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFileWriter::~AtomicFileWriter() { Abandon(); }

void AtomicFileWriter::Abandon() {
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));
  if (target_.empty()) return;
  ::unlink(temporary_.c_str());
  RemoveSlot(temporary_, nullptr);
}

absl::StatusOr<AtomicFileWriter> AtomicFileWriter::Open(
    const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && IsWrittenAsItStands(info)) {
    // Opened anew, a regular file would be written from its start.
    const int fd = IsStandardOutput(info)
                       ? ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)
                       : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0) return SystemError("cannot write", path, errno);
    return AtomicFileWriter(path, "", fd);
  }
  ASSIGN_OR_RETURN(std::string target, FollowLinks(path));
  AtomicFileWriter writer(path, std::move(target), -1);
  // A process of another container may have the same number and folder.
  for (int n = 0; writer.fd_ < 0; ++n) {
    writer.temporary_ = absl::StrCat(writer.target_, ".tmp.", ::getpid(), ".", n);
    writer.fd_ = ::open(writer.temporary_.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (writer.fd_ < 0 && errno != EEXIST) {
      return SystemError("cannot create", writer.temporary_, errno);
    }
  }
  AddSlot(writer.temporary_, nullptr, 0);
  // Of the file that it will replace.
  if (::stat(path.c_str(), &info) == 0) {
    ::fchmod(writer.fd_, info.st_mode & 0777);
  }
  return writer;
}

absl::Status AtomicFileWriter::Append(absl::string_view piece) {
  const absl::Status status = WriteAll(fd_, path_, piece);
  if (!status.ok()) Abandon();
  return status;
}

absl::Status AtomicFileWriter::Commit() {
  if (fd_ < 0) return SystemError("cannot write", path_, EBADF);
  // EINVAL: the file is one that has nothing to flush.
  if (::fsync(fd_) != 0 && errno != EINVAL) {
    const int error = errno;
    Abandon();
    return SystemError("cannot flush", path_, error);
  }
  absl::Status status;
  if (::close(std::exchange(fd_, -1)) != 0) {
    status = SystemError("cannot close", path_, errno);
  } else if (!target_.empty() &&
             ::rename(temporary_.c_str(), target_.c_str()) != 0) {
    status = SystemError("cannot rename into place", path_, errno);
  }
  if (target_.empty()) return status;
  if (!status.ok()) ::unlink(temporary_.c_str());
  RemoveSlot(temporary_, nullptr);
  return status;
}

UnnamedFile::UnnamedFile(std::string path, int fd)
    : path_(std::move(path)), fd_(fd) {}

UnnamedFile::UnnamedFile(UnnamedFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)) {}

UnnamedFile::~UnnamedFile() {
  if (fd_ >= 0) ::close(fd_);
}

absl::StatusOr<UnnamedFile> UnnamedFile::Open(const std::string& path) {
  std::string name;
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && IsWrittenAsItStands(info)) {
    const char* const folder = std::getenv("TMPDIR");
    name = absl::StrCat(folder == nullptr ? "/tmp" : folder, "/anisograd");
  } else {
    ASSIGN_OR_RETURN(name, FollowLinks(path));
  }
  absl::StrAppend(&name, ".tmp.XXXXXX");
  const int fd = ::mkostemp(&name[0], O_CLOEXEC);
  if (fd < 0) return SystemError("cannot create", name, errno);
  ::unlink(name.c_str());
  return UnnamedFile(std::move(name), fd);
}

absl::Status UnnamedFile::Append(absl::string_view piece) {
  absl::Status status = WriteAll(fd_, path_, piece);
  if (!status.ok() && fd_ >= 0) ::close(std::exchange(fd_, -1));
  return status;
}

absl::StatusOr<MappedFile> UnnamedFile::Map() const {
  return MappedFile::Of(fd_, path_);
}

absl::Status CheckWritable(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) == 0 && IsWrittenAsItStands(info)) {
    // A fifo's reader must not meet an end before anything was written.
    if (S_ISDIR(info.st_mode)) return SystemError("cannot write", path, EISDIR);
    if (::access(path.c_str(), W_OK) == 0) return absl::OkStatus();
    return SystemError("cannot write", path, errno);
  }
  return AtomicFileWriter::Open(path).status();
}

void RemoveWritten(const std::string& path) {
  struct stat info;
  if (::stat(path.c_str(), &info) != 0 || IsWrittenAsItStands(info)) return;
  const absl::StatusOr<std::string> target = FollowLinks(path);
  if (target.ok()) ::unlink(target->c_str());
}

void RemoveTemporaryFiles() {
  for (const FileSlot& slot : file_slots) {
    if (slot.state.load() == FileSlot::kReady && slot.begin == nullptr) {
      ::unlink(slot.path);
    }
  }
}

void HandleSignals() {
  const auto handle = [](int signal, const struct sigaction& with) {
    struct sigaction before;
    if (::sigaction(signal, nullptr, &before) == 0 &&
        before.sa_handler != SIG_IGN) {
      ::sigaction(signal, &with, nullptr);
    }
  };
  struct sigaction action = {};
  action.sa_handler = UnlinkTemporariesAndDie;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGQUIT, SIGXCPU}) {
    handle(signal, action);
  }
  action = {};
  action.sa_sigaction = NameTheMapAndDie;
  action.sa_flags = SA_SIGINFO;
  handle(SIGBUS, action);
  // What is above `ulimit -f` is then an error of the write.
  std::signal(SIGXFSZ, SIG_IGN);
}

absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents) {
  ASSIGN_OR_RETURN(AtomicFileWriter writer, AtomicFileWriter::Open(path));
  RETURN_IF_ERROR(writer.Append(contents));
  return writer.Commit();
}

std::string Sha256Hex(absl::string_view bytes) {
  Sha256 hash;
  hash.Update(bytes);
  return hash.Hex();
}

}  // namespace anisograd
