#ifndef DATA_BPE_TEST_VOCABULARY_H_
#define DATA_BPE_TEST_VOCABULARY_H_

#include <string>
#include <utility>
#include <vector>

namespace anisograd {

// A small vocabulary in the form of GPT-2's files.
struct TestVocabulary {
  std::string encoder_json;
  std::string vocab_bpe;
};

// The 256 bytes, `merges` of tokens as vocab.bpe writes them, and end-of-text.
TestVocabulary MakeTestVocabulary(
    const std::vector<std::pair<std::string, std::string>>& merges);

}  // namespace anisograd

#endif  // DATA_BPE_TEST_VOCABULARY_H_
