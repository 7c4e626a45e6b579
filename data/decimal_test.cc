#include "data/decimal.h"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "gtest/gtest.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

struct Read {
  DecimalError error;
  double value = -7.0;
  // Bytes of the number.
  int64_t size = -1;
};

// Reads `text` with something behind it.
Read ReadAll(const std::string& text, const std::string& behind = " 12345678") {
  const std::string padded = text + behind;
  Read read;
  const char* end = padded.data() - 1;
  read.error = ReadDecimal(padded.data(), padded.data() + text.size(),
                           &read.value, &end);
  read.size = end - padded.data();
  return read;
}

uint64_t Bits(double x) {
  uint64_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

void ExpectAsStrtod(const std::string& text) {
  const Read read = ReadAll(text);
  ASSERT_EQ(read.error, DecimalError::kNone) << text;
  ASSERT_EQ(Bits(read.value), Bits(std::strtod(text.c_str(), nullptr))) << text;
  ASSERT_EQ(read.size, text.size()) << text;
}

TEST(ReadDigits, AnyNumberOfThem) {
  std::string digits;
  uint64_t expected = 0;
  for (int k = 0; k <= 19; ++k) {
    for (const char behind : {' ', '/', ':', '\0', '\xFF', '\x8A', 'e'}) {
      const std::string text = digits + behind + "9876543210";
      uint64_t value = 0;
      EXPECT_EQ(ReadDigits(text.data(), &value), text.data() + k);
      EXPECT_EQ(value, expected);
      // Behind others.
      value = 3;
      ReadDigits(std::string("07").append(1, behind).append(8, '1').data(),
                 &value);
      EXPECT_EQ(value, 307u);
    }
    const int next = (7 * k + 1) % 10;
    absl::StrAppend(&digits, next);
    expected = expected * 10 + static_cast<uint64_t>(next);
  }
}

TEST(ReadDigits, EveryByteButTenEndsThem) {
  for (int byte = 0; byte < 256; ++byte) {
    for (int before = 0; before < 8; ++before) {
      std::string text(static_cast<size_t>(before), '4');
      text += static_cast<char>(byte);
      text += "x2345678";
      uint64_t value = 0;
      const bool digit = byte >= '0' && byte <= '9';
      EXPECT_EQ(ReadDigits(text.data(), &value) - text.data(),
                before + (digit ? 1 : 0))
          << byte;
    }
  }
}

TEST(ReadDecimal, RandomDoublesAsTheyArePrinted) {
  RandomStream stream(1, RandomPurpose::kTest);
  for (int i = 0; i < 100000; ++i) {
    const uint64_t bits = stream.At(static_cast<uint64_t>(i));
    double x;
    std::memcpy(&x, &bits, sizeof(x));
    if (!std::isfinite(x)) continue;
    // Every double is told by 17 digits.
    const std::string text = absl::StrFormat("%.17g", x);
    ASSERT_EQ(Bits(ReadAll(text).value), bits) << text;
    // As data have them: of moderate size, in few digits and in many.
    const double y = std::ldexp(x, -std::ilogb(x)) *
                     std::pow(10.0, static_cast<int>(bits % 13) - 6);
    for (int digits = 0; digits <= 20; ++digits) {
      ExpectAsStrtod(absl::StrFormat("%.*f", digits, y));
      if (i % 16 == 0) ExpectAsStrtod(absl::StrFormat("%.*g", digits, y));
    }
    if (HasFatalFailure()) return;
  }
}

// Digits at random, around the most that are read at once and beyond them.
TEST(ReadDecimal, RandomDigits) {
  RandomStream stream(2, RandomPurpose::kTest);
  for (int i = 0; i < 200000; ++i) {
    std::string text;
    const uint64_t size = 1 + stream.NextBelow(24);
    const uint64_t zeros = stream.NextBelow(3) == 0 ? stream.NextBelow(size) : 0;
    for (uint64_t k = 0; k < size; ++k) {
      absl::StrAppend(&text, k < zeros ? 0 : stream.NextBelow(10));
    }
    if (stream.NextBelow(4) != 0) {
      text.insert(stream.NextBelow(text.size() + 1), ".");
    }
    if (stream.NextBelow(4) == 0) {
      absl::StrAppend(&text, stream.NextBelow(2) ? "e" : "E",
                      stream.NextBelow(2) ? "+" : "-", stream.NextBelow(40));
    }
    ExpectAsStrtod(absl::StrCat(i % 3 == 0 ? "-" : "", text));
    if (HasFatalFailure()) return;
  }
}

// Halfway between doubles, and next to it.
TEST(ReadDecimal, RoundsToTheNearest) {
  for (const char* text :
       {"9007199254740991", "9007199254740992", "9007199254740993",
        "9007199254740995", "900719925474099.3", "18446744073709551615",
        "9999999999999999999", "99999999999999999999", "0.9007199254740993",
        "9007199254740993.00000000000000000001", "8.5e22", "1.7976931348623157e308",
        "1.79769313486231580793e308", "2.2250738585072011e-308",
        "0.000000000000000000000000000000000000000012345", "4.9e-324", "2.5e-324",
        "0", "-0", "-0.0", "0.", ".5", "-.5", "5.", "1e0", "1E+2", "0e999",
        "00000000000000000000000000000001.5"}) {
    ExpectAsStrtod(text);
  }
}

TEST(ReadDecimal, SignsUnderflowAndOverflow) {
  EXPECT_EQ(ReadAll("+2.5").value, 2.5);
  EXPECT_EQ(Bits(ReadAll("-1e-400").value), Bits(-0.0));
  EXPECT_EQ(Bits(ReadAll("1e-400").value), Bits(0.0));
  for (const char* text : {"1e999", "-1e309", "+1.8e308"}) {
    EXPECT_EQ(ReadAll(text).error, DecimalError::kTooLarge) << text;
    EXPECT_EQ(ReadAll(text).size, std::strlen(text)) << text;
  }
}

TEST(ReadDecimal, WhatIsNoNumber) {
  for (const char* text : {"", "-", "+", ".", "-.", "e5", "inf", "-inf", "nan",
                           "infinity", "--1", "+-1", "-+1", "x", " 1", ",5"}) {
    EXPECT_EQ(ReadAll(text, "\n\n\n\n\n\n\n\n").error,
              DecimalError::kNotFinite)
        << text;
  }
}

TEST(ReadDecimal, EndsWhereTheNumberDoes) {
  for (const auto& [text, size] :
       {std::pair<const char*, int64_t>{"1.2.3", 3}, {"0x10", 1}, {"1e", 1},
        {"1ex", 1}, {"1e+", 1}, {"1,5", 1}, {"12_", 2}, {"1e5x", 3},
        {"1e-400x", 6}}) {
    EXPECT_EQ(ReadAll(text).size, size) << text;
  }
}

}  // namespace
}  // namespace anisograd
