#include "data/official_gpt2.h"

namespace anisograd {

// Defined by the build, from the one place that pins it.
const char kOfficialGpt2Sha256[] = GPT2_SAFETENSORS_SHA256;

}  // namespace anisograd
