#include "data/bpe_vocabulary.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <tuple>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "data/input_file.h"
#include "data/json_sax.h"
#include "tools/base/status_macros.h"

namespace anisograd {
namespace {

constexpr absl::string_view kEndOfText = "<|endoftext|>";

using TokenIds = absl::flat_hash_map<std::string, int32_t>;

// GPT-2's files write each byte as one printable character: those in
// !..~, U+00A1..U+00AC and U+00AE..U+00FF stand for themselves, the other 68
// bytes, in increasing order, are U+0100, U+0101, ... Id order is the same.
struct ByteCharacters {
  std::array<int, BpeVocabulary::kBytes> byte_of_id;
  // Indexed by code point; -1 where a character stands for no byte.
  std::array<int, 0x144> byte_of_character;

  ByteCharacters() {
    byte_of_character.fill(-1);
    int printable = 0;
    for (int b = 0; b < 256; ++b) {
      if (StandsForItself(b)) byte_of_id[printable++] = b;
    }
    int other = 0;
    for (int b = 0; b < 256; ++b) {
      if (StandsForItself(b)) {
        byte_of_character[b] = b;
      } else {
        byte_of_id[printable + other] = b;
        byte_of_character[0x100 + other++] = b;
      }
    }
  }

  static bool StandsForItself(int b) {
    return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
  }

  // The bytes that `characters` stand for; nullopt where one stands for none.
  std::optional<std::string> ToBytes(absl::string_view characters) const {
    std::string bytes;
    for (size_t i = 0; i < characters.size(); ++i) {
      // All these characters have one or two bytes in UTF-8.
      size_t point = static_cast<unsigned char>(characters[i]);
      if (point >= 0x80) {
        if ((point & 0xE0) != 0xC0 || ++i == characters.size()) return {};
        const auto low = static_cast<unsigned char>(characters[i]);
        if ((low & 0xC0) != 0x80) return {};
        point = ((point & 0x1F) << 6) | (low & 0x3F);
      }
      if (point >= byte_of_character.size() || byte_of_character[point] < 0) {
        return {};
      }
      bytes += static_cast<char>(byte_of_character[point]);
    }
    return bytes;
  }
};

const ByteCharacters& Characters() {
  static const ByteCharacters* const characters = new ByteCharacters;
  return *characters;
}

std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::Utf8SafeCEscape(text.substr(0, 80)), "\"");
}

// {"token": id, ...}
class EncoderJsonReader : public JsonHandler {
 public:
  TokenIds ids;

  absl::Status StartObject() override {
    return std::exchange(started_, true) ? Refuse("an object")
                                         : absl::OkStatus();
  }
  absl::Status Key(std::string key) override {
    token_ = std::move(key);
    return absl::OkStatus();
  }
  absl::Status EndObject() override { return absl::OkStatus(); }
  absl::Status Integer(int64_t value) override {
    if (!started_) return Refuse("a number");
    if (value < 0 || value > std::numeric_limits<int32_t>::max()) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", Quoted(token_), ": id ", value,
                       " out of range"));
    }
    if (!ids.emplace(token_, static_cast<int32_t>(value)).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("token ", Quoted(token_), " appears twice"));
    }
    return absl::OkStatus();
  }

 protected:
  absl::Status Refuse(absl::string_view what) override {
    if (!started_) {
      return absl::InvalidArgumentError(
          absl::StrCat("must be one object of tokens and ids, not ", what));
    }
    return absl::InvalidArgumentError(absl::StrCat(
        "token ", Quoted(token_), ": its id must be an integer, not ", what));
  }

 private:
  bool started_ = false;
  std::string token_;
};

// The tokens by id; ids must be 0 .. n-1, each once, <|endoftext|> last.
absl::StatusOr<std::vector<const std::string*>> TokensById(
    const TokenIds& ids, const std::string& file) {
  std::vector<const TokenIds::value_type*> by_id;
  for (const auto& token : ids) by_id.push_back(&token);
  // Of several errors the first one, however the map has its tokens.
  std::sort(by_id.begin(), by_id.end(), [](const auto* a, const auto* b) {
    return std::tie(a->second, a->first) < std::tie(b->second, b->first);
  });
  std::vector<const std::string*> token_of;
  for (size_t i = 0; i < by_id.size(); ++i) {
    const auto& [token, id] = *by_id[i];
    if (i > 0 && by_id[i - 1]->second == id) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": tokens ", Quoted(by_id[i - 1]->first), " and ",
                       Quoted(token), " share the id ", id));
    }
    if (static_cast<size_t>(id) >= ids.size()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file, ": token ", Quoted(token), ": id ", id,
                       " out of range for ", ids.size(), " tokens"));
    }
    token_of.push_back(&token);
  }
  if (token_of.size() <= BpeVocabulary::kBytes ||
      *token_of.back() != kEndOfText) {
    return absl::InvalidArgumentError(
        absl::StrCat(file, ": must hold 256 bytes, merged tokens and, with the "
                     "last id, ", kEndOfText));
  }
  return token_of;
}

// One line "LEFT RIGHT" of vocab.bpe.
struct MergeLine {
  int32_t left = 0;
  int32_t right = 0;
  std::string result;
};

// Reads the merge that makes token `result_id`.
absl::StatusOr<MergeLine> ParseMerge(absl::string_view line,
                                     const TokenIds& ids, int32_t result_id) {
  const size_t space = line.find(' ');
  if (space == absl::string_view::npos || space == 0 ||
      space + 1 == line.size() ||
      line.find(' ', space + 1) != absl::string_view::npos) {
    return absl::InvalidArgumentError(absl::StrCat(
        "must be two tokens with a space between, is ", Quoted(line)));
  }
  MergeLine merge;
  const auto earlier_token = [&](absl::string_view name, int32_t* id) {
    const auto it = ids.find(name);
    if (it == ids.end()) {
      return absl::InvalidArgumentError(
          absl::StrCat("merges the unknown token ", Quoted(name)));
    }
    if (it->second >= result_id) {
      return absl::InvalidArgumentError(absl::StrCat(
          "merges ", Quoted(name), ", which only a later merge makes"));
    }
    *id = it->second;
    return absl::OkStatus();
  };
  RETURN_IF_ERROR(earlier_token(line.substr(0, space), &merge.left));
  RETURN_IF_ERROR(earlier_token(line.substr(space + 1), &merge.right));
  merge.result =
      absl::StrCat(line.substr(0, space), line.substr(space + 1));
  const auto it = ids.find(merge.result);
  if (it == ids.end()) {
    return absl::InvalidArgumentError(
        absl::StrCat("makes the unknown token ", Quoted(merge.result)));
  }
  if (it->second != result_id) {
    return absl::InvalidArgumentError(
        absl::StrCat("makes ", Quoted(merge.result), " of id ", it->second,
                     " where the order of merges asks for ", result_id));
  }
  return merge;
}

}  // namespace

void BpeVocabulary::AppendToken(absl::string_view bytes) {
  bytes_.append(bytes.data(), bytes.size());
  token_start_.push_back(static_cast<uint32_t>(bytes_.size()));
}

BpeVocabulary BpeVocabulary::ByteLevel() {
  BpeVocabulary vocabulary;
  for (int32_t id = 0; id < kBytes; ++id) {
    const int byte = Characters().byte_of_id[id];
    vocabulary.byte_token_[byte] = id;
    const char c = static_cast<char>(byte);
    vocabulary.AppendToken(absl::string_view(&c, 1));
  }
  return vocabulary;
}

absl::StatusOr<BpeVocabulary> BpeVocabulary::FromGpt2Files(
    absl::string_view encoder_json, absl::string_view vocab_bpe,
    const BpeOptions& options) {
  if (options.max_merges < 0) {
    return absl::InvalidArgumentError("max_merges must not be negative");
  }
  EncoderJsonReader encoder;
  RETURN_IF_ERROR(ParseJson(encoder_json, options.encoder_file, &encoder));
  const TokenIds& ids = encoder.ids;
  ASSIGN_OR_RETURN(const std::vector<const std::string*> token_of,
                   TokensById(ids, options.encoder_file));

  BpeVocabulary vocabulary = ByteLevel();
  for (int32_t id = 0; id < kBytes; ++id) {
    if (Characters().ToBytes(*token_of[id]) != vocabulary.TokenBytes(id)) {
      return absl::InvalidArgumentError(
          absl::StrCat(options.encoder_file, ": id ", id, " is ",
                       Quoted(*token_of[id]), " where GPT-2 has the byte ",
                       Characters().byte_of_id[id]));
    }
  }

  int line_number = 0;
  const auto bad = [&](absl::string_view reason) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.merges_file, ":", line_number, ": ", reason));
  };
  const int32_t end_of_text = static_cast<int32_t>(ids.size()) - 1;
  int32_t next_id = kBytes;
  vocab_bpe = WithoutByteOrderMark(vocab_bpe);
  while (!vocab_bpe.empty()) {
    ++line_number;
    const size_t newline = vocab_bpe.find('\n');
    if (newline == absl::string_view::npos) {
      return bad("the last line does not end; truncated?");
    }
    // No token has a CR: the byte is written as another character.
    const absl::string_view line =
        absl::StripSuffix(vocab_bpe.substr(0, newline), "\r");
    vocab_bpe.remove_prefix(newline + 1);
    if (line_number == 1) {
      if (line != "#version: 0.2") return bad("must be \"#version: 0.2\"");
      continue;
    }
    auto merge = ParseMerge(line, ids, next_id);
    if (!merge.ok()) return bad(merge.status().message());
    const std::optional<std::string> bytes =
        Characters().ToBytes(merge->result);
    if (!bytes.has_value()) {
      return bad(absl::StrCat(Quoted(merge->result),
                              " holds a character that stands for no byte"));
    }
    if (next_id - kBytes < options.max_merges) {
      vocabulary.merge_.emplace(PairKey(merge->left, merge->right), next_id);
      vocabulary.AppendToken(*bytes);
    }
    ++next_id;
  }
  if (next_id != end_of_text) {
    return absl::InvalidArgumentError(absl::StrCat(
        options.merges_file, ": ", next_id - kBytes, " merges where ",
        options.encoder_file, " has ", end_of_text - kBytes,
        " merged tokens; truncated?"));
  }
  return vocabulary;
}

absl::StatusOr<std::string> BpeVocabulary::Decode(
    absl::Span<const int32_t> tokens) const {
  std::string text;
  for (size_t i = 0; i < tokens.size(); ++i) {
    const int32_t token = tokens[i];
    if (token < 0 || token >= size()) {
      return absl::OutOfRangeError(
          absl::StrCat("token ", i, " has the id ", token,
                       " in a vocabulary of ", size()));
    }
    absl::StrAppend(&text,
                    token == end_of_text() ? kEndOfText : TokenBytes(token));
  }
  return text;
}

}  // namespace anisograd
