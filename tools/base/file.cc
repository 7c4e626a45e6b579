#include "tools/base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "tools/base/sha256.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

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

}  // namespace

absl::StatusOr<MappedFile> MappedFile::Open(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError("cannot open", path, errno);
  struct stat info;
  if (::fstat(fd.get(), &info) != 0) {
    return SystemError("cannot stat", path, errno);
  }
  if (!S_ISREG(info.st_mode)) {
    return absl::InvalidArgumentError(absl::StrCat(path, ": not a file"));
  }
  MappedFile file;
  if (info.st_size == 0) return file;
  void* address = ::mmap(nullptr, static_cast<size_t>(info.st_size), PROT_READ,
                         MAP_PRIVATE, fd.get(), 0);
  if (address == MAP_FAILED) return SystemError("cannot map", path, errno);
  file.address_ = address;
  file.size_ = static_cast<size_t>(info.st_size);
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
  if (address_ != nullptr) ::munmap(address_, size_);
}

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  FileDescriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0) return SystemError("cannot open", path, errno);
  std::string contents;
  constexpr size_t kChunk = 1 << 20;
  // Room for a regular file as long as it is now, and for the end behind it.
  struct stat info;
  if (::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) {
    contents.reserve(static_cast<size_t>(info.st_size) + kChunk);
  }
  while (true) {
    const size_t old_size = contents.size();
    contents.resize(old_size + kChunk);
    const ssize_t n = ::read(fd.get(), &contents[old_size], kChunk);
    if (n < 0) {
      if (errno == EINTR) {
        contents.resize(old_size);
        continue;
      }
      return SystemError("cannot read", path, errno);
    }
    contents.resize(old_size + static_cast<size_t>(n));
    if (n == 0) return contents;
  }
}

AtomicFileWriter::AtomicFileWriter(std::string path, std::string temporary,
                                   int fd)
    : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

AtomicFileWriter::AtomicFileWriter(AtomicFileWriter&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::move(other.temporary_)),
      fd_(std::exchange(other.fd_, -1)) {}

AtomicFileWriter::~AtomicFileWriter() { Abandon(); }

void AtomicFileWriter::Abandon() {
  if (fd_ < 0) return;
  ::close(std::exchange(fd_, -1));
  ::unlink(temporary_.c_str());
}

absl::StatusOr<AtomicFileWriter> AtomicFileWriter::Open(
    const std::string& path) {
  std::string temporary = absl::StrCat(path, ".tmp.", ::getpid());
  const int fd = ::open(temporary.c_str(),
                        O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return SystemError("cannot create", temporary, errno);
  return AtomicFileWriter(path, std::move(temporary), fd);
}

absl::Status AtomicFileWriter::Append(absl::string_view piece) {
  if (fd_ < 0) return SystemError("cannot write", path_, EBADF);
  while (!piece.empty()) {
    const ssize_t n = ::write(fd_, piece.data(), piece.size());
    if (n < 0) {
      if (errno == EINTR) continue;
      const int error = errno;
      Abandon();
      return SystemError("cannot write", path_, error);
    }
    piece.remove_prefix(static_cast<size_t>(n));
  }
  return absl::OkStatus();
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
  } else if (::rename(temporary_.c_str(), path_.c_str()) != 0) {
    status = SystemError("cannot rename into place", path_, errno);
  }
  if (!status.ok()) ::unlink(temporary_.c_str());
  return status;
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
