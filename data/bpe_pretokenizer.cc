#include "data/bpe_pretokenizer.h"

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "pcre2.h"

namespace anisograd {
namespace {

// White_Space spelled out: PCRE2's \s also takes U+180E, which has not been
// white space since Unicode 6.3.
#define ANISOGRAD_SPACE \
  "\\x{9}-\\x{d}\\x{20}\\x{85}\\x{a0}\\x{1680}\\x{2000}-\\x{200a}" \
  "\\x{2028}\\x{2029}\\x{202f}\\x{205f}\\x{3000}"
constexpr char kPattern[] =
    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+"
    "| ?[^" ANISOGRAD_SPACE "\\p{L}\\p{N}]+"
    "|[" ANISOGRAD_SPACE "]+(?![^" ANISOGRAD_SPACE "])"
    "|[" ANISOGRAD_SPACE "]+";
#undef ANISOGRAD_SPACE

std::string Message(int error) {
  PCRE2_UCHAR buffer[256];
  pcre2_get_error_message(error, buffer, sizeof(buffer));
  return reinterpret_cast<const char*>(buffer);
}

}  // namespace

struct BpePretokenizer::Regex {
  pcre2_code* code = nullptr;
  pcre2_match_data* match = nullptr;

  Regex() {
    int error = 0;
    PCRE2_SIZE offset = 0;
    code = pcre2_compile(reinterpret_cast<PCRE2_SPTR>(kPattern),
                         PCRE2_ZERO_TERMINATED, PCRE2_UTF | PCRE2_UCP, &error,
                         &offset, nullptr);
    if (code == nullptr) {
      // The pattern is ours and constant.
      std::fprintf(stderr, "BpePretokenizer: %s at %zu\n",
                   Message(error).c_str(), static_cast<size_t>(offset));
      std::abort();
    }
    // Where the system forbids generated code, matching is slower and the same.
    pcre2_jit_compile(code, PCRE2_JIT_COMPLETE);
    match = pcre2_match_data_create_from_pattern(code, nullptr);
  }
  ~Regex() {
    pcre2_match_data_free(match);
    pcre2_code_free(code);
  }
  Regex(const Regex&) = delete;
  Regex& operator=(const Regex&) = delete;
};

BpePretokenizer::BpePretokenizer() : regex_(std::make_unique<Regex>()) {}
BpePretokenizer::BpePretokenizer(BpePretokenizer&&) noexcept = default;
BpePretokenizer& BpePretokenizer::operator=(BpePretokenizer&&) noexcept =
    default;
BpePretokenizer::~BpePretokenizer() = default;

absl::Status BpePretokenizer::Split(
    absl::string_view text, std::vector<absl::string_view>* pieces) const {
  pieces->clear();
  const PCRE2_SIZE* const bounds = pcre2_get_ovector_pointer(regex_->match);
  size_t at = 0;
  // The first call checks that all of the text is UTF-8.
  uint32_t options = 0;
  while (at < text.size()) {
    const int result =
        pcre2_match(regex_->code, reinterpret_cast<PCRE2_SPTR>(text.data()),
                    text.size(), at, options, regex_->match, nullptr);
    options = PCRE2_NO_UTF_CHECK;
    if (result <= PCRE2_ERROR_UTF8_ERR1 && result >= PCRE2_ERROR_UTF8_ERR21) {
      return absl::InvalidArgumentError(
          absl::StrCat("not UTF-8 at byte ",
                       pcre2_get_startchar(regex_->match), ": ",
                       Message(result)));
    }
    // Every character begins a match, so there is one exactly here.
    if (result < 0 || bounds[0] != at) {
      return absl::InternalError(
          absl::StrCat("cannot split at byte ", at, ": ", Message(result)));
    }
    pieces->push_back(text.substr(at, bounds[1] - at));
    at = bounds[1];
  }
  return absl::OkStatus();
}

}  // namespace anisograd
