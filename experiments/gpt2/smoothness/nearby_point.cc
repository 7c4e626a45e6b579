#include "experiments/gpt2/smoothness/nearby_point.h"

#include "tools/base/normal.h"
#include "tools/base/random.h"

namespace anisograd {
namespace {

// Elements that one task moves.
constexpr int64_t kPiece = 1 << 14;

// nearby = w + radius z(j).
template <typename Z>
void MoveAll(const ParameterLayout& layout, absl::Span<const float> w,
             double radius, const Z& z, ThreadPool* pool,
             absl::Span<float> nearby) {
  for (const ParameterTensor& tensor : layout.tensors()) {
    pool->ParallelRanges(tensor.size, kPiece, [&](int64_t begin, int64_t end) {
      for (int64_t j = tensor.offset + begin; j < tensor.offset + end; ++j) {
        nearby[j] =
            static_cast<float>(static_cast<double>(w[j]) + radius * z(j));
      }
    });
  }
}

}  // namespace

void MakeNearbyPoint(const ParameterLayout& layout, absl::Span<const float> w,
                     double radius, Gpt2SmoothnessSpec::Direction direction,
                     uint64_t seed, uint32_t point, ThreadPool* pool,
                     absl::Span<float> nearby) {
  const RandomStream stream(seed, RandomPurpose::kNearbyPoints, point);
  const auto z = [&](int64_t j) {
    const uint64_t position = static_cast<uint64_t>(j);
    if (direction == Gpt2SmoothnessSpec::NORMAL) {
      return NormalAt(stream, position);
    }
    return stream.At(position) >> 63 == 0 ? 1.0 : -1.0;
  };
  MoveAll(layout, w, radius, z, pool, nearby);
}

void MakeAscentPoint(const ParameterLayout& layout, absl::Span<const float> w,
                     double radius, absl::Span<const float> here,
                     absl::Span<const float> there, ThreadPool* pool,
                     absl::Span<float> nearby) {
  const auto z = [&](int64_t j) { return there[j] >= here[j] ? 1.0 : -1.0; };
  MoveAll(layout, w, radius, z, pool, nearby);
}

}  // namespace anisograd
