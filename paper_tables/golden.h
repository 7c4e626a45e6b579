#ifndef PAPER_TABLES_GOLDEN_H_
#define PAPER_TABLES_GOLDEN_H_

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "paper_tables/published_file.h"
#include "paper_tables/row.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {

// The published numbers and tolerances that tests have as data.
inline Published ReadPublished() {
  return ReadPublished("paper_tables/published.textproto",
                       "paper_tables/tolerances.textproto")
      .value();
}

// Compares with paper_tables/testdata/NAME; writes it instead where the test is
// run by `UPDATE_GOLDEN=1 bazel run`.
inline void CompareWithGolden(const std::string& name,
                              const std::string& actual) {
  const std::string relative = absl::StrCat("paper_tables/testdata/", name);
  if (std::getenv("UPDATE_GOLDEN") != nullptr) {
    const char* workspace = std::getenv("BUILD_WORKSPACE_DIRECTORY");
    ASSERT_NE(workspace, nullptr) << "update through bazel run";
    ASSERT_OK(WriteFileAtomically(absl::StrCat(workspace, "/", relative),
                                  actual));
    return;
  }
  ASSERT_OK_AND_ASSIGN(const std::string golden, ReadFile(relative));
  EXPECT_EQ(actual, golden) << name;
}

}  // namespace anisograd

#endif  // PAPER_TABLES_GOLDEN_H_
