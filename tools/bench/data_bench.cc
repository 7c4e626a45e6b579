// Parsing of LIBSVM text, bytes per second. BENCH_LIBSVM names a real file with
// 123 features (a9a); without it a generated one of the same kind is used.

#include <cstdlib>
#include <string>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "data/libsvm.h"
#include "data/synthetic.h"
#include "tools/base/file.h"

namespace anisograd {
namespace {

std::string Text(SyntheticSpec::Values values) {
  const char* file = std::getenv("BENCH_LIBSVM");
  if (values == SyntheticSpec::BINARY && file != nullptr) {
    return ReadFile(file).value();
  }
  DatasetSpec spec;
  spec.set_rows(20000);
  spec.set_features(123);
  spec.set_mean_nonzeros(13.87);
  spec.mutable_synthetic()->set_values(values);
  const CsrMatrix m = GenerateStandIn(spec);
  std::string text;
  for (size_t i = 0; i < m.label.size(); ++i) {
    text += m.label[i] > 0 ? "+1" : "-1";
    for (uint32_t k = m.row_start[i]; k < m.row_start[i + 1]; ++k) {
      absl::StrAppend(&text, " ", m.index[k] + 1, ":", m.value[k]);
    }
    text += " \n";
  }
  return text;
}

void BM_ParseLibsvm(benchmark::State& state, SyntheticSpec::Values values) {
  const std::string text = Text(values);
  LibsvmOptions options;
  options.features = 123;
  for (auto _ : state) {
    auto matrix = ParseLibsvm(text, options);
    benchmark::DoNotOptimize(matrix);
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations()) *
                          static_cast<int64_t>(text.size()));
}
BENCHMARK_CAPTURE(BM_ParseLibsvm, ones, SyntheticSpec::BINARY);
BENCHMARK_CAPTURE(BM_ParseLibsvm, decimals, SyntheticSpec::UNIT_NORM);

}  // namespace
}  // namespace anisograd
