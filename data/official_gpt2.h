#ifndef DATA_OFFICIAL_GPT2_H_
#define DATA_OFFICIAL_GPT2_H_

namespace anisograd {

// SHA-256 of the official model.safetensors of GPT-2 124M, in lower-case
// hexadecimal, as data/repositories.bzl pins it. A file of other bytes is not
// the official one, whatever its tensors.
extern const char kOfficialGpt2Sha256[];

}  // namespace anisograd

#endif  // DATA_OFFICIAL_GPT2_H_
