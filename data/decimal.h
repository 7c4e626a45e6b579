#ifndef DATA_DECIMAL_H_
#define DATA_DECIMAL_H_

#include <cstdint>

#include "absl/base/attributes.h"
#include "absl/base/optimization.h"

namespace anisograd {

// Numbers in text, as fast as they can be read without reading them less
// exactly. There is a byte behind every text that is given here, and it is part of
// no number, so that no end need be looked for: a line's end, say.

// Reads the digits at `text`: *value becomes *value 10^k + digits, modulo 2^64,
// for the k digits that there are. Returns where they end.
//
// A plain loop: the numbers of a file have much the same length, so the processor
// guesses right where one ends and reads the next meanwhile. To find the end by
// arithmetic, eight digits at a time, makes every number wait for the one before
// it, and took 1.5 times as long on a9a and on numbers of six digits.
ABSL_ATTRIBUTE_ALWAYS_INLINE inline const char* ReadDigits(const char* text,
                                                           uint64_t* value) {
  uint64_t result = *value;
  while (true) {
    const unsigned digit = static_cast<unsigned char>(*text) - unsigned{'0'};
    if (digit > 9) break;
    result = result * 10 + digit;
    ++text;
  }
  *value = result;
  return text;
}

enum class DecimalError { kNone, kNotFinite, kTooLarge };

// For ReadDecimal alone: the numbers that it does not read itself.
DecimalError ReadAnyDecimal(const char* text, const char* limit, double* value,
                            const char** end);

// Reads the decimal number at `text`, which may have a sign, a point and an
// exponent, and rounds it to the nearest double: the bits are those of strtod.
// What is smaller than half of the smallest subnormal becomes a zero. Sets *value,
// and *end behind the number, which is at most `limit`, the end of the text.
// kNotFinite, with neither set, for what is no number, "inf" and "nan"
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
