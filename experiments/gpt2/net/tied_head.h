#ifndef EXPERIMENTS_GPT2_NET_TIED_HEAD_H_
#define EXPERIMENTS_GPT2_NET_TIED_HEAD_H_

#include <cstdint>

#include "absl/types/span.h"
#include "experiments/gpt2/net/cross_entropy.h"
#include "experiments/gpt2/net/matrix_view.h"
#include "tools/base/thread_pool.h"

namespace anisograd {

// Rows whose logits exist at one time.
constexpr int64_t kTiedHeadRows = 256;

// The output layer, whose weights are the token embedding, with the loss:
//   logits = h wte^T,  loss = cross entropy over the rows with a target,
// for h [tokens, C] and wte [V, C]. Logits are computed kTiedHeadRows at a time,
// and only for rows with a target: a masked prompt costs nothing here.
template <typename T>
LossSum TiedHeadLoss(ThreadPool* pool, absl::Span<const int32_t> targets,
                     MatrixView<const T> h, MatrixView<const T> wte);

// The same loss, and the gradients of scale * (sum of losses): dh is
// overwritten, dwte added to. Going both ways at once, the head need not
// compute its logits twice.
template <typename T>
LossSum TiedHeadLossAndGradient(ThreadPool* pool,
                                absl::Span<const int32_t> targets,
                                double scale, MatrixView<const T> h,
                                MatrixView<const T> wte, MatrixView<T> dh,
                                MatrixView<T> dwte);

}  // namespace anisograd

#endif  // EXPERIMENTS_GPT2_NET_TIED_HEAD_H_
