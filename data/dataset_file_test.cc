#include "data/dataset_file.h"

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

using ::testing::ElementsAreArray;
using ::testing::HasSubstr;

CsrMatrix Small(double value) {
  CsrMatrix m;
  m.features = 9;
  m.row_start = {0, 2, 2, 5};
  m.index = {0, 8, 1, 2, 3};
  m.value = {1, 1, 1, 1, value};
  m.label = {1, -1, 1};
  return m;
}

std::vector<uint64_t> Aligned(const std::string& bytes) {
  std::vector<uint64_t> aligned(bytes.size() / 8 + 1);
  std::memcpy(aligned.data(), bytes.data(), bytes.size());
  return aligned;
}

std::string Path() {
  return absl::StrCat(
      testing::TempDir(), "/",
      testing::UnitTest::GetInstance()->current_test_info()->name());
}

class DatasetFile : public testing::TestWithParam<double> {};

TEST_P(DatasetFile, RoundTrips) {
  const CsrMatrix m = Small(GetParam());
  ASSERT_OK(WriteDataset(testing::TempDir() + "/round", {"s", true, "why"},
                         m.view()));
  ASSERT_OK_AND_ASSIGN(Dataset opened,
                       Dataset::Open(testing::TempDir() + "/round"));
  const Dataset dataset = std::move(opened);
  EXPECT_EQ(dataset.info().name, "s");
  EXPECT_TRUE(dataset.info().stand_in);
  EXPECT_EQ(dataset.info().note, "why");
  EXPECT_EQ(dataset.digest().size(), 64u);
  EXPECT_EQ(dataset.view().rows, 3);
  EXPECT_EQ(dataset.view().features, 9);
  EXPECT_THAT(dataset.view().row_start, ElementsAreArray(m.row_start));
  EXPECT_THAT(dataset.view().index, ElementsAreArray(m.index));
  EXPECT_THAT(dataset.view().value, ElementsAreArray(m.value));
  EXPECT_THAT(dataset.view().label, ElementsAreArray(m.label));
}

INSTANTIATE_TEST_SUITE_P(BinaryAndOtherValues, DatasetFile,
                         testing::Values(1.0, -0.25));

std::string ErrorAfter(const CsrMatrix& m,
                       void (*spoil)(std::string* contents)) {
  const std::string path = Path();
  EXPECT_TRUE(WriteDataset(path, {"s", false, ""}, m.view()).ok());
  std::string contents = *ReadFile(path);
  spoil(&contents);
  EXPECT_TRUE(WriteFileAtomically(path, contents).ok());
  const auto dataset = Dataset::Open(path);
  return dataset.ok() ? "OK" : std::string(dataset.status().message());
}

TEST(BadDatasetFile, Truncated) {
  EXPECT_THAT(ErrorAfter(Small(2), [](std::string* s) { s->pop_back(); }),
              HasSubstr("truncated?"));
  EXPECT_THAT(ErrorAfter(Small(2), [](std::string* s) { s->resize(50); }),
              HasSubstr("too short"));
}

TEST(BadDatasetFile, WrongChecksum) {
  EXPECT_THAT(ErrorAfter(Small(2), [](std::string* s) { s->back() ^= 1; }),
              HasSubstr("wrong checksum"));
}

// Rows, features, whether it stands in, names: nothing lies outside.
TEST(BadDatasetFile, AnyOtherBit) {
  const std::string path = Path();
  ASSERT_OK(WriteDataset(path, {"s", true, "why"}, Small(2).view()));
  ASSERT_OK_AND_ASSIGN(std::string contents, ReadFile(path));
  for (size_t bit = 0; bit < 8 * contents.size(); ++bit) {
    char& byte = contents[bit / 8];
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
    const std::vector<uint64_t> aligned = Aligned(contents);
    EXPECT_FALSE(Dataset::Parse({reinterpret_cast<const char*>(aligned.data()),
                                 contents.size()},
                                path)
                     .ok())
        << bit;
    byte = static_cast<char>(byte ^ (1 << (bit % 8)));
  }
}

TEST(BadDatasetFile, AnotherFormat) {
  EXPECT_THAT(ErrorAfter(Small(2), [](std::string* s) { (*s)[7] = '1'; }),
              HasSubstr("another version"));
  EXPECT_THAT(ErrorAfter(Small(2), [](std::string* s) { (*s)[79] = 1; }),
              HasSubstr("impossible size"));
}

TEST(BadDatasetFile, AMatrixThatIsNone) {
  CsrMatrix m = Small(2);
  m.index[1] = 9;
  EXPECT_THAT(ErrorAfter(m, [](std::string*) {}), HasSubstr("row 0 has a bad"));
  m = Small(2);
  m.index[4] = 2;
  EXPECT_THAT(ErrorAfter(m, [](std::string*) {}), HasSubstr("row 2 has a bad"));
  m = Small(2);
  m.label[1] = 0;
  EXPECT_THAT(ErrorAfter(m, [](std::string*) {}), HasSubstr("bad label"));
}

}  // namespace
}  // namespace anisograd
