#ifndef TOOLS_BASE_FILE_H_
#define TOOLS_BASE_FILE_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace anisograd {

// "PATH: WHAT: reason" for the value of errno that a call left: NotFound where
// there is no such file, ResourceExhausted where there is no room, else Unavailable.
absl::Status SystemError(absl::string_view what, const std::string& path,
                         int error);

// Reads a whole file. NotFound when it does not exist, ResourceExhausted where
// memory does not hold it, Unavailable with the system's reason for every other
// failure; the message names the path.
absl::StatusOr<std::string> ReadFile(const std::string& path);

// Writes a file piece by piece, so that a large one need not stand in memory,
// and atomically: into a temporary file beside `path`, nobody else's, which Commit
// flushes to the device and renames. Without a successful Commit (a full disk, a
// missing folder, an early return of the caller) the temporary file is removed and
// an older file at `path` is left as it was; only SIGKILL leaves it behind.
// Symbolic links are followed: what they lead to is written, and they stay, as
// does the mode of an older file. What is no regular file (a device, a fifo), or
// is this program's standard output, is written to as it stands. Errors name the
// path and the system's reason: ResourceExhausted where there is no room, NotFound
// where the folder is missing, else Unavailable. Movable.
class AtomicFileWriter {
 public:
  static absl::StatusOr<AtomicFileWriter> Open(const std::string& path);

  AtomicFileWriter(AtomicFileWriter&& other) noexcept;
  AtomicFileWriter& operator=(AtomicFileWriter&&) = delete;
  ~AtomicFileWriter();

  // Every piece is handed to the system at once: append large ones. After an
  // error the file is given up, and every later call fails.
  absl::Status Append(absl::string_view piece);
  // At most once; nothing may be appended after it.
  absl::Status Commit();

 private:
  AtomicFileWriter(std::string path, std::string target, int fd);
  // Closes and removes the temporary file.
  void Abandon();

  // As given, for messages.
  std::string path_;
  // `path` behind its links; empty for what is written to as it stands.
  std::string target_;
  // The temporary file beside the target; empty where there is none.
  std::string temporary_;
  // -1 after Commit, an error or a move.
  int fd_;
};

// Writes a whole file as AtomicFileWriter does.
absl::Status WriteFileAtomically(const std::string& path,
                                 absl::string_view contents);

// OK where a file could be written to `path` now, else the error that a writer
// would give: so that a program can say so before its work. Leaves nothing
// behind, and opens nothing but regular files.
absl::Status CheckWritable(const std::string& path);

// Removes the file that was written to `path`, if there is one: as a writer does,
// behind symbolic links, which stay, and nothing but a regular file.
void RemoveWritten(const std::string& path);

// Removes the temporary files of all writers, for a program that ends here and
// runs no destructors.
void RemoveTemporaryFiles();

// From now on, the signals that end a program (SIGINT, SIGTERM and the like) first
// remove the temporary files of all writers; those that are ignored stay so. A
// mapped file that somebody cuts short is "ERROR: PATH: was cut short ..." and
// exit status 1 where its lost part is read, and a file above the limit of
// `ulimit -f` an error of its writer.
void HandleSignals();

// A read-only memory map of a whole file. Movable; unmaps on destruction.
// An empty file maps to an empty view.
class MappedFile {
 public:
  static absl::StatusOr<MappedFile> Open(const std::string& path);
  // Of an open file, whose errors name `path`.
  static absl::StatusOr<MappedFile> Of(int fd, const std::string& path);

  MappedFile() = default;
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const char* data() const { return static_cast<const char*>(address_); }
  size_t size() const { return size_; }
  absl::string_view view() const { return {data(), size_}; }

 private:
  void* address_ = nullptr;
  size_t size_ = 0;
};

// A file without a name, which is gone with the program however that ends: for
// bytes that are many and must wait before they can be written to `path`. It lies
// in the folder of what `path` leads to, or, where that is no regular file, in
// $TMPDIR or /tmp. Errors as AtomicFileWriter's. Movable.
class UnnamedFile {
 public:
  static absl::StatusOr<UnnamedFile> Open(const std::string& path);

  UnnamedFile(UnnamedFile&& other) noexcept;
  UnnamedFile& operator=(UnnamedFile&&) = delete;
  ~UnnamedFile();

  // After an error the file is given up, and every later call fails.
  absl::Status Append(absl::string_view piece);
  // Of all that was appended.
  absl::StatusOr<MappedFile> Map() const;

 private:
  UnnamedFile(std::string path, int fd);

  // What it was called when it was made.
  std::string path_;
  // -1 after an error or a move.
  int fd_;
};

// Lower-case hexadecimal SHA-256 of `bytes`.
std::string Sha256Hex(absl::string_view bytes);

}  // namespace anisograd

#endif  // TOOLS_BASE_FILE_H_
