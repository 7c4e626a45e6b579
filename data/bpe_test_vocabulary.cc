#include "data/bpe_test_vocabulary.h"

#include "absl/strings/str_cat.h"

namespace anisograd {
namespace {

// UTF-8 of a character below U+0800.
std::string Character(int point) {
  if (point < 0x80) return std::string(1, static_cast<char>(point));
  return {static_cast<char>(0xC0 | (point >> 6)),
          static_cast<char>(0x80 | (point & 0x3F))};
}

}  // namespace

TestVocabulary MakeTestVocabulary(
    const std::vector<std::pair<std::string, std::string>>& merges) {
  TestVocabulary files;
  int id = 0;
  const auto add = [&](const std::string& token) {
    absl::StrAppend(&files.encoder_json, id == 0 ? "{" : ", ", "\"", token,
                    "\": ", id);
    ++id;
  };
  const auto add_range = [&](int first, int last) {
    for (int point = first; point <= last; ++point) {
      const bool escaped = point == '"' || point == '\\';
      add(absl::StrCat(escaped ? "\\" : "", Character(point)));
    }
  };
  // The characters that the files write bytes as, in the order of their ids.
  add_range('!', '~');
  add_range(0xA1, 0xAC);
  add_range(0xAE, 0xFF);
  add_range(0x100, 0x143);
  files.vocab_bpe = "#version: 0.2\n";
  for (const auto& [left, right] : merges) {
    add(left + right);
    absl::StrAppend(&files.vocab_bpe, left, " ", right, "\n");
  }
  add("<|endoftext|>");
  files.encoder_json += "}";
  return files;
}

}  // namespace anisograd
