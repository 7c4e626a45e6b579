#include "data/libsvm_file.h"

#include <malloc.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "bzlib.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/memory_limit.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

absl::StatusOr<LibsvmFile> Read(const std::string& contents,
                                int64_t rows = -1) {
  LibsvmOptions options;
  options.file = testing::TempDir() + "/data";
  options.features = 9;
  options.rows = rows;
  EXPECT_OK(WriteFileAtomically(options.file, contents));
  return ReadLibsvmFile(options);
}

TEST(ReadLibsvmFile, PlainAndCompressed) {
  std::string text = "+1 1:2\n-1 9:1\n";
  char compressed[1000];
  unsigned size = sizeof(compressed);
  ASSERT_EQ(BZ2_bzBuffToBuffCompress(compressed, &size, &text[0],
                                     static_cast<unsigned>(text.size()), 9, 0,
                                     0),
            BZ_OK);
  for (const std::string& contents : {text, std::string(compressed, size)}) {
    ASSERT_OK_AND_ASSIGN(const LibsvmFile file, Read(contents));
    EXPECT_THAT(file.matrix.index, ElementsAre(0, 8));
    EXPECT_THAT(file.matrix.label, ElementsAre(1, -1));
    EXPECT_EQ(file.warning, "");
  }
}

// A file that was cut passes as one of fewer rows, or of another last number,
// unless the rows are told.
TEST(ReadLibsvmFile, CutShort) {
  ASSERT_OK_AND_ASSIGN(const LibsvmFile file, Read("+1 1:2\n-1 9:0.1"));
  EXPECT_THAT(file.warning,
              HasSubstr("/data: the last line does not end; if the file was "
                        "cut short, its last number may be wrong"));
  EXPECT_THAT(std::string(Read("+1 1:2\n-1 9:0.1", 3).status().message()),
              HasSubstr("/data: holds 2 rows, but 3 are declared; cut short?"));
}

TEST(ReadLibsvmFile, OneClass) {
  EXPECT_THAT(std::string(Read("+1 1:1\n+1 2:1\n").status().message()),
              HasSubstr("/data: all rows have y = 1, so there is nothing"));
  EXPECT_THAT(std::string(Read("0 1:1\n").status().message()),
              HasSubstr("/data: all rows have y = -1"));
}

// Text and matrix together take 40 MB; whoever reserved for what the text might
// hold would ask for 92.
TEST(ReadLibsvmFile, MemoryIsThatOfTextAndMatrix) {
  // What is freed goes back to the system, and counts again when taken again.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 17);
  std::string text;
  for (int i = 0; i < 1000000; ++i) {
    text += i % 2 ? "+1 1:1.234567890123456\n" : "-1 2:0.987654321098765\n";
  }
  ASSERT_OK(Read(text).status());
  LibsvmOptions options;
  options.file = testing::TempDir() + "/data";
  options.features = 9;
  {
    const MemoryLimit limit(70 << 20);
    EXPECT_OK(ReadLibsvmFile(options).status());
  }
  const MemoryLimit limit(28 << 20);
  EXPECT_EQ(ReadLibsvmFile(options).status().message(),
            options.file + ": not enough memory");
}

}  // namespace
}  // namespace anisograd
