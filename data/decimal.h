#ifndef DATA_DECIMAL_H_
#define DATA_DECIMAL_H_

#include <cstdint>
#include <cstring>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"

namespace anisograd {

// Numbers in text, as fast as they can be read without reading them less
// exactly. The text goes on for at least kReadAhead bytes behind every position
// that is given here, whatever they are; a number ends at the first byte that is
// no part of it.
inline constexpr int kReadAhead = 8;

// Reads the digits at `text`: *value becomes *value 10^k + digits, modulo 2^64,
// for the k digits that there are. Returns where they end.
//
// Eight at a time (D. Lemire, "Quickly parsing eight digits", 2018): the number
// of digits is found and they are moved to the end of the word, so that leading
// zeros fill it, without a branch that depends on either.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline const char* ReadDigits(const char* text,
                                                           uint64_t* value) {
  constexpr uint64_t kPowers[] = {1,      10,      100,      1000,     10000,
                                  100000, 1000000, 10000000, 100000000};
  while (true) {
    uint64_t word;
    std::memcpy(&word, text, sizeof(word));
    word ^= 0x3030303030303030;
    // The high bit of every byte that is above 9; a carry spoils only bytes
    // behind one that is.
    const uint64_t other =
        ((word + 0x7676767676767676) | word) & 0x8080808080808080;
    if (other & 0x80) return text;
    const int count = other == 0 ? 8 : __builtin_ctzll(other) / 8;
    word <<= 64 - 8 * count;
    word = word * 10 + (word >> 8);
    word = ((word & 0x000000FF000000FF) * 0x000F424000000064 +
            ((word >> 16) & 0x000000FF000000FF) * 0x0000271000000001) >>
           32;
    *value = *value * kPowers[count] + word;
    text += count;
    if (ABSL_PREDICT_TRUE(other != 0)) return text;
  }
}

enum class DecimalError { kNone, kNotFinite, kTooLarge };

// For ReadDecimal alone: the numbers that it does not read itself.
DecimalError ReadAnyDecimal(const char* text, const char* limit, double* value,
                            const char** end);

// Reads the decimal number at `text`, which may have a sign, a point and an
// exponent, and rounds it to the nearest double: the bits are those of strtod.
// What is smaller than half of the smallest subnormal becomes a zero. Sets *value,
// and *end behind the number, which ends at `limit` at the latest: what stands
// there is part of no number. kNotFinite, with neither set, for what is no number, "inf" and "nan"
// among it; kTooLarge, with only *end set, above the largest double.
//
// A number of at most 19 digits without an exponent is m / 10^k, and where m has
// no more than 53 bits both are exact, so that one division rounds correctly
// (Clinger 1990). Everything else goes to the library.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline DecimalError ReadDecimal(
    const char* text, const char* limit, double* value, const char** end) {
  constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,
                                1e7,  1e8,  1e9,  1e10, 1e11, 1e12, 1e13,
                                1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
  constexpr int kMostDigits = 19;
  const bool negative = *text == '-';
  const char* p = text + (negative || *text == '+' ? 1 : 0);
  uint64_t m = 0;
  const char* const whole = p;
  p = ReadDigits(p, &m);
  int64_t digits = p - whole;
  int64_t k = 0;
  if (*p == '.') {
    const char* const fraction = ++p;
    p = ReadDigits(p, &m);
    k = p - fraction;
    digits += k;
  }
  if (ABSL_PREDICT_FALSE(digits == 0 || digits > kMostDigits || m >> 53 != 0 ||
                         (*p | 0x20) == 'e')) {
    return ReadAnyDecimal(text, limit, value, end);
  }
  const double magnitude = static_cast<double>(m) / kPowers[k];
  *value = negative ? -magnitude : magnitude;
  *end = p;
  return DecimalError::kNone;
}

}  // namespace anisograd

#endif  // DATA_DECIMAL_H_
