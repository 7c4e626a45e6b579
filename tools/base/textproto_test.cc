#include "tools/base/textproto.h"

#include <string>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "gmock/gmock.h"
#include "google/protobuf/descriptor.pb.h"
#include "gtest/gtest.h"

namespace anisograd {
namespace {

using ::testing::HasSubstr;

constexpr char kText[] = R"(# rate: of the comment
name: "x"
grid { rate: [1, 2]
}
method { name: "a" }
method {
  name: "b"
  optimizer { rate: 3 }
}
optimum { grid { rate: 4
                 rate: 5 } }
)";

std::string At(absl::string_view field) {
  return std::string(
      AtField(absl::InvalidArgumentError(absl::StrCat(field, ": bad")), kText,
              "f")
          .message());
}

TEST(AtField, FindsThePartOfThePath) {
  EXPECT_EQ(At("name"), "f:2: name: bad");
  EXPECT_EQ(At("grid.rate"), "f:3: grid.rate: bad");
  // One of a list, not of those that stand behind it.
  EXPECT_EQ(At("grid.rate[1]"), "f:3: grid.rate[1]: bad");
  EXPECT_EQ(At("method[0].name"), "f:5: method[0].name: bad");
  EXPECT_EQ(At("method[1].name"), "f:7: method[1].name: bad");
  EXPECT_EQ(At("method[1].optimizer.rate"),
            "f:8: method[1].optimizer.rate: bad");
  EXPECT_EQ(At("optimum[0].grid.rate[1]"),
            "f:11: optimum[0].grid.rate[1]: bad");
}

TEST(AtField, FindsTheLastPartThatStandsThere) {
  EXPECT_EQ(At("method[1].title"), "f:6: method[1].title: bad");
  EXPECT_EQ(At("seed"), "f: seed: bad");
  EXPECT_TRUE(AtField(absl::OkStatus(), kText, "f").ok());
}

TEST(AtField, StopsAtAnIndexThatIsNone) {
  EXPECT_EQ(At("method[x].name"), "f: method[x].name: bad");
}

TEST(ParseTextProto, NamesTheFirstOfTwoErrors) {
  google::protobuf::FileDescriptorProto message;
  EXPECT_THAT(std::string(ParseTextProto("name: 1\npackage: 2\n", "f", &message)
                              .message()),
              HasSubstr("f:1:7: "));
  EXPECT_THAT(std::string(ParseTextProto("name: \"a\"\nnone: 2\nnor: 3\n", "f",
                                         &message).message()),
              HasSubstr("f:2:"));
}

TEST(InFile, NamesIt) {
  EXPECT_EQ(InFile(absl::DataLossError("x: y"), "f"),
            absl::DataLossError("f: x: y"));
  EXPECT_TRUE(InFile(absl::OkStatus(), "f").ok());
}

TEST(ParseTextProto, RefusesMoreThanTheParserCounts) {
  google::protobuf::FileDescriptorProto message;
  // Nothing of it is read.
  const absl::string_view text("", size_t{1} << 31);
  EXPECT_THAT(
      std::string(ParseTextProto(text, "f", &message).message()),
      HasSubstr("f: not a textproto: 2147483648 bytes"));
}

}  // namespace
}  // namespace anisograd
