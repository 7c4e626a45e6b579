#include "data/decimal.h"

#include <charconv>
#include <cmath>
#include <system_error>

#include "absl/strings/charconv.h"

namespace anisograd {

DecimalError ReadAnyDecimal(const char* text, const char* limit, double* value,
                            const char** end) {
  const bool negative = text != limit && *text == '-';
  if (text != limit && (*text == '-' || *text == '+')) ++text;
  // The library would take a second sign, and names like "inf".
  if (text == limit || !((*text >= '0' && *text <= '9') || *text == '.')) {
    return DecimalError::kNotFinite;
  }
  double magnitude;
  const auto [rest, error] = std::from_chars(text, limit, magnitude);
  if (error == std::errc::result_out_of_range) {
    // Says which: 0 or a subnormal is what rounding makes of it.
    absl::from_chars(text, rest, magnitude);
    *end = rest;
    if (magnitude > 1.0) return DecimalError::kTooLarge;
  } else if (error != std::errc() || !std::isfinite(magnitude)) {
    return DecimalError::kNotFinite;
  }
  *value = negative ? -magnitude : magnitude;
  *end = rest;
  return DecimalError::kNone;
}

}  // namespace anisograd
