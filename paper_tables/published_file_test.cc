#include "paper_tables/published_file.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tools/base/file.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr char kTolerance[] =
    "tolerance { quantity: 'q' match: 0.1 close: 0.2 reason: 'r' }\n";

// What is said of two such files, their folder left out.
std::string Message(const std::string& numbers, const std::string& tolerances) {
  const std::string folder = testing::TempDir();
  const std::string n = absl::StrCat(folder, "n"), t = absl::StrCat(folder, "t");
  EXPECT_OK(WriteFileAtomically(n, numbers));
  EXPECT_OK(WriteFileAtomically(t, tolerances));
  std::string message(ReadPublished(n, t).status().message());
  for (size_t at; (at = message.find(folder)) != message.npos;) {
    message.erase(at, folder.size());
  }
  return message;
}

TEST(ReadPublished, ErrorsNameFileAndLine) {
  EXPECT_EQ(Message("number { quantity: 'q' }\n", kTolerance), "");
  EXPECT_EQ(Message("# A comment.\n\nnumber { quantity: 'q' }\n"
                    "number {\n  quantity: 'p'\n}\n",
                    kTolerance),
            "n:4: number.quantity: \"p\" has no tolerance");
  EXPECT_EQ(Message("", absl::StrCat(kTolerance, "\n", kTolerance)),
            "t:3: tolerance.quantity: \"q\" stands on t:1 too");
  EXPECT_EQ(Message("", "\ntolerance { quantity: 'q' match: 2 close: 1 }"),
            "t:2: tolerance.match: of q must be between 0 and close");
  EXPECT_EQ(Message("number { value: x }", kTolerance).substr(0, 5), "n:1:1");
}

TEST(ReadPublished, RefusesANumberThatStandsTwice) {
  EXPECT_EQ(Message("number { table: 't' quantity: 'q' value: 1 }\n"
                    "number { table: 's' quantity: 'q' value: 1 }\n"
                    "number { table: 't' quantity: 'q' value: 2 }\n",
                    kTolerance),
            "n:3: number: the same as n:1");
}

}  // namespace
}  // namespace anisograd
