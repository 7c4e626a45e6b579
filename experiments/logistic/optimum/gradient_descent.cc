#include "experiments/logistic/optimum/gradient_descent.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "absl/base/attributes.h"
#include "absl/types/span.h"
#include "experiments/logistic/optimum/compressed_rows.h"
#include "experiments/logistic/problem/loss_sum.h"
#include "tools/base/lanes.h"
#include "tools/base/vector_math.h"

namespace anisograd {
namespace {

constexpr int64_t kProgressSteps = 1000;

// Sums of runs end with a block.
constexpr int64_t kRowsPerBlock = 256;

// grad f over compressed rows: margins by table reads, residuals, table updates.
class CompressedGradient {
 public:
  explicit CompressedGradient(CompressedRows rows)
      : rows_(std::move(rows)), groups_(rows_.groups.size()) {
    n_ = 0.0;
    for (const double c : rows_.count) n_ += c;
    table_.resize(groups_);
    sum_.resize(groups_);
    for (size_t g = 0; g < groups_; ++g) {
      table_[g].assign(rows_.groups[g].size(), 0.0);
      sum_[g].assign(rows_.groups[g].size(), 0.0);
    }
    // Rounds the last block up; rows beyond the end have count 0 and code 0.
    padded_rows_ = (rows_.rows + kRowsPerBlock - 1) / kRowsPerBlock *
                   kRowsPerBlock;
    rows_.count.resize(padded_rows_, 0.0);
    rows_.positive_count.resize(padded_rows_, 0.0);
    for (auto& codes : rows_.code_of_row) codes.resize(padded_rows_, 0);
    // The constant part: - sum_i positive_i x_i.
    label_part_.assign(rows_.columns, 0.0);
    for (size_t g = 0; g < groups_; ++g) {
      for (int64_t i = 0; i < rows_.rows; ++i) {
        sum_[g][rows_.code_of_row[g][i]] -= rows_.positive_count[i];
      }
    }
    FoldSums(absl::MakeSpan(label_part_));
  }

  int64_t columns() const { return rows_.columns; }

  // gradient = grad f(weights).
  void Evaluate(absl::Span<const double> weights, absl::Span<double> gradient) {
    for (size_t g = 0; g < groups_; ++g) {
      const auto& codes = rows_.groups[g];
      double* table = table_[g].data();
      for (size_t c = 1; c < codes.size(); ++c) {
        table[c] = table[codes[c].prefix] + weights[codes[c].column];
      }
    }
    switch (groups_) {
      case 1: Sweep<1>(); break;
      case 2: Sweep<2>(); break;
      case 3: Sweep<3>(); break;
      case 4: Sweep<4>(); break;
      default: Sweep<0>(); break;
    }
    std::copy(label_part_.begin(), label_part_.end(), gradient.begin());
    FoldSums(gradient);
    for (double& g : gradient) g /= n_;
  }

 private:
  // kGroups: the number of groups where it is known to the compiler, else 0.
  template <size_t kGroups>
  ABSL_ATTRIBUTE_NOINLINE void Sweep() {
    const size_t groups = kGroups > 0 ? kGroups : groups_;
    const uint16_t* code[16];
    const double* table[16];
    double* sum[16];
    for (size_t g = 0; g < groups; ++g) {
      code[g] = rows_.code_of_row[g].data();
      table[g] = table_[g].data();
      sum[g] = sum_[g].data();
    }
    // Residuals of eight rows and, while the processor computes them, the sums of
    // the eight before, each addition of which waits for another.
    constexpr int64_t kRows = Lanes8::kLanes;
    double residual[2][kRows];
    const auto compute = [&](int64_t i) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      // Margins do not pass through memory: to read four numbers at once that
      // were written one by one is to wait.
      Lanes8 z = Look(table[0], code[0] + i);
#pragma GCC unroll 4
      for (size_t g = 1; g < groups; ++g) z = z + Look(table[g], code[g] + i);
      // sigma(z) is the residual of label -1 at margin -z.
      const Lanes8 p = LogisticResidual(-z, ExpNonPositive(-Abs(z)));
      (p * Lanes8::Load(rows_.count.data() + i)).Store(residual[i / kRows % 2]);
    };
    // Group 0 is sorted: runs of one code are added up in a register.
    uint16_t current = 0;
    double run = 0.0;
    const auto add_up = [&](int64_t first) ABSL_ATTRIBUTE_ALWAYS_INLINE {
      const double* from = residual[first / kRows % 2];
#pragma GCC unroll 8
      for (int64_t k = 0; k < kRows; ++k) {
        const double r = from[k];
        const uint16_t c = code[0][first + k];
        if (c != current) {
          sum[0][current] += run;
          run = 0.0;
          current = c;
        }
        run += r;
#pragma GCC unroll 4
        for (size_t g = 1; g < groups; ++g) sum[g][code[g][first + k]] += r;
      }
    };
    for (int64_t block = 0; block < padded_rows_; block += kRowsPerBlock) {
      current = code[0][block];
      run = 0.0;
      compute(block);
      int64_t i = block + kRows;
      for (; i < block + kRowsPerBlock; i += kRows) {
        compute(i);
        add_up(i - kRows);
      }
      add_up(i - kRows);
      sum[0][current] += run;
    }
  }

  // table[code[0]], ..., table[code[7]].
  ABSL_ATTRIBUTE_ALWAYS_INLINE static Lanes8 Look(const double* table,
                                                  const uint16_t* code) {
    Lanes8 out;
    out.part[0] = _mm256_set_pd(table[code[3]], table[code[2]], table[code[1]],
                                table[code[0]]);
    out.part[1] = _mm256_set_pd(table[code[7]], table[code[6]], table[code[5]],
                                table[code[4]]);
    return out;
  }

  // Adds sum_i residual_i x_i to `gradient` from the sums per code, which are
  // zero afterwards. Prefixes come before the codes that extend them.
  void FoldSums(absl::Span<double> gradient) {
    for (size_t g = 0; g < groups_; ++g) {
      const auto& codes = rows_.groups[g];
      double* sum = sum_[g].data();
      // Codes of one column stand together.
      uint32_t column = codes.back().column;
      double total = gradient[column];
      for (size_t c = codes.size() - 1; c > 0; --c) {
        if (codes[c].column != column) {
          gradient[column] = total;
          column = codes[c].column;
          total = gradient[column];
        }
        total += sum[c];
        sum[codes[c].prefix] += sum[c];
        sum[c] = 0.0;
      }
      gradient[column] = total;
      sum[0] = 0.0;
    }
  }

  CompressedRows rows_;
  size_t groups_;
  int64_t padded_rows_;
  double n_;
  std::vector<std::vector<double>> table_;
  std::vector<std::vector<double>> sum_;
  std::vector<double> label_part_;
};

template <typename GradientFunction>
std::vector<double> Descend(int64_t dimension,
                            const GradientDescentOptions& options,
                            GradientFunction gradient_of) {
  std::vector<double> weights(dimension, 0.0), gradient(dimension);
  for (int64_t t = 0; t < options.steps; ++t) {
    gradient_of(weights, absl::MakeSpan(gradient));
    for (int64_t j = 0; j < dimension; ++j) {
      weights[j] = MulAdd(-options.learning_rate, gradient[j], weights[j]);
    }
    if (options.progress && (t + 1) % kProgressSteps == 0) {
      options.progress(t + 1);
    }
  }
  return weights;
}

}  // namespace

std::vector<double> RunGradientDescent(const LogisticProblem& problem,
                                       const GradientDescentOptions& options) {
  std::optional<CompressedRows> rows;
  if (!options.plain) rows = CompressRows(problem.view());
  if (rows.has_value() && rows->groups.size() <= 16) {
    CompressedGradient gradient(*std::move(rows));
    return Descend(problem.dimension(), options,
                   [&](absl::Span<const double> w, absl::Span<double> g) {
                     gradient.Evaluate(w, g);
                   });
  }
  return Descend(problem.dimension(), options,
                 [&](absl::Span<const double> w, absl::Span<double> g) {
                   problem.LossAndGradient(w, g);
                 });
}

}  // namespace anisograd
