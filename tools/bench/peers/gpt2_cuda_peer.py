"""The training steps of gpt2_step_bench in PyTorch, for one run beside it.

    gpt2_step_bench --benchmark_out=ours.json --benchmark_out_format=json
    python3 gpt2_cuda_peer.py ours.json peer.json [--filter=REGEX]
    python3 peer_ratios.py ours.json peer.json

Takes from ours.json which steps there are, the model and the lengths of the
sequences, and writes peer.json in Google Benchmark's form: each of our names
with the variant behind it, tokens_per_second counted without padding, and
real_time in milliseconds. It is written after every variant, the first of all
steps first, since compiling one takes a while and the time may be over before
the last. gpu_run.sh bench runs all three.

The step: bf16 autocast with parameters in single precision (TF32 and single
precision for rows of that name), torch.compile, fused Adam and SGD (foreach
Adagrad, which has no fused form on CUDA), gradients clipped at norm 1 (foreach),
the vocabulary padded to a multiple of 64. Compiled are the embedding, one block
for all of them, and the head with its loss: twelve blocks in one graph took 2.3
times as long to compile (PyTorch 2.6, two CPU cores). What that costs PyTorch is
the fusion of a block's last sum with the next one's layer norm, a reading of the
residual stream each way: 0.2 ms a step of 16,384 tokens by reckoning. In its
favour, no step waits for its loss. Each row has `graphs`, how many were compiled:
3, or a variant was not what it should be.
Variants:
  padded      sequences padded behind to the longest of the batch; F.scaled_dot_
              product_attention with is_causal (flash), padding without a target
  packed      no padding, flash attention over sequences of different lengths:
              flash_attn's where it is installed, else PyTorch's own operator
  packed_flex no padding, flex_attention with a mask of each sequence's causal
              pairs; it has no attention dropout, which is left out
A variant that fails is written with error_occurred and the reason.
"""

import argparse
import re
import sys
import time

import torch
from torch import nn
from torch.nn import functional as F

import benchmark_rows

NO_TARGET = -1


class Batch:
    """Random tokens of the given lengths, as [rows, columns] with targets."""

    def __init__(self, lengths, vocabulary, packed, device):
        if packed:
            rows, columns = 1, sum(lengths)
        else:
            rows, columns = len(lengths), max(lengths)
        tokens = torch.randint(0, vocabulary, (rows, columns))
        self.targets = torch.full((rows, columns), NO_TARGET)
        positions, document = torch.zeros(columns), torch.zeros(columns)
        start = 0
        for i, n in enumerate(lengths):
            row, first = (0, start) if packed else (i, 0)
            last = first + n
            self.targets[row, first:last - 1] = tokens[row, first + 1:last]
            positions[first:last] = torch.arange(n)
            document[first:last] = i
            start += n
        if not packed:
            positions = torch.arange(columns)
        self.tokens = tokens.to(device)
        self.targets = self.targets.to(device)
        self.positions = positions.long().to(device)
        self.document = document.long().to(device)
        self.longest = max(lengths)
        self.starts = torch.tensor([0] + lengths).cumsum(0).int().to(device)


def padded_attention(batch):
    def attend(q, k, v, dropout):
        return F.scaled_dot_product_attention(q, k, v, dropout_p=dropout,
                                              is_causal=True)
    return attend


def flash_varlen_attention(batch):
    try:
        from flash_attn import flash_attn_varlen_func

        def flash(q, k, v, dropout):
            return flash_attn_varlen_func(q, k, v, batch.starts, batch.starts,
                                          batch.longest, batch.longest,
                                          dropout_p=dropout, causal=True)
    except ImportError:

        def flash(q, k, v, dropout):
            return torch.ops.aten._flash_attention_forward(
                q, k, v, batch.starts, batch.starts, batch.longest,
                batch.longest, dropout, True, False)[0]

    def attend(q, k, v, dropout):
        # [1, heads, tokens, 64] <-> [tokens, heads, 64]
        q, k, v = (x[0].transpose(0, 1) for x in (q, k, v))
        return flash(q, k, v, dropout).transpose(0, 1)[None]
    return attend


def flex_attention(batch):
    from torch.nn.attention import flex_attention as flex
    document = batch.document

    def sees(b, h, query, key):
        return (query >= key) & (document[query] == document[key])

    n = batch.tokens.shape[1]
    mask = flex.create_block_mask(sees, None, None, n, n,
                                  device=batch.tokens.device)

    def attend(q, k, v, dropout):
        return flex.flex_attention(q, k, v, block_mask=mask)
    return attend


VARIANTS = {"padded": (False, padded_attention),
            "packed": (True, flash_varlen_attention),
            "packed_flex": (True, flex_attention)}


class Block(nn.Module):
    def __init__(self, width, heads, dropout):
        super().__init__()
        self.heads, self.p = heads, dropout
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.c_attn = nn.Linear(width, 3 * width)
        self.c_proj = nn.Linear(width, width)
        self.c_fc = nn.Linear(width, 4 * width)
        self.mlp_proj = nn.Linear(4 * width, width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x, attend):
        b, t, c = x.shape
        qkv = self.c_attn(self.ln_1(x)).view(b, t, 3, self.heads, -1)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        y = attend(q, k, v, self.p).transpose(1, 2).reshape(b, t, c)
        x = x + self.drop(self.c_proj(y))
        y = F.gelu(self.c_fc(self.ln_2(x)), approximate="tanh")
        return x + self.drop(self.mlp_proj(y))


class Gpt2(nn.Module):
    def __init__(self, model, dropout):
        super().__init__()
        width = model["width"]
        self.wte = nn.Embedding((model["vocabulary"] + 63) // 64 * 64, width)
        self.wpe = nn.Embedding(model["context"], width)
        self.drop = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(
            Block(width, model["heads"], dropout)
            for _ in range(model["layers"]))
        self.ln_f = nn.LayerNorm(width)
        for p in self.parameters():
            if p.dim() > 1:
                nn.init.normal_(p, std=0.02)

    def compile_parts(self):
        self.embed = torch.compile(self.embed)
        self.head = torch.compile(self.head)
        for block in self.blocks:
            block.compile()

    def embed(self, tokens, positions):
        return self.drop(self.wte(tokens) + self.wpe(positions))

    def head(self, x, targets):
        logits = F.linear(self.ln_f(x), self.wte.weight)
        return F.cross_entropy(logits.flatten(0, 1), targets.flatten(),
                               ignore_index=NO_TARGET)

    def forward(self, batch, attend):
        x = self.embed(batch.tokens, batch.positions)
        for block in self.blocks:
            x = block(x, attend)
        return self.head(x, batch.targets)


def make_optimizer(rule, parameters, fused):
    if rule == "adagrad":
        return torch.optim.Adagrad(parameters, lr=1e-4, eps=1e-10,
                                   foreach=True)
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[rule]
    return kind(parameters, lr=1e-4, fused=fused)


def measure(fields, model, lengths, variant, device, steps):
    """Milliseconds per step, once for each repetition; and graphs compiled."""
    torch.manual_seed(1)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    cuda = device == "cuda"
    tf32 = fields["arithmetic"] == "tf32"
    torch.backends.cuda.matmul.allow_tf32 = tf32
    packed, attention = VARIANTS[variant]
    batch = Batch(lengths, model["vocabulary"], packed, device)
    attend = attention(batch)
    gpt2 = Gpt2(model, 0.1 if fields["dropout"] else 0.0).to(device).train()
    optimizer = make_optimizer(fields["rule"], gpt2.parameters(), cuda)
    # Elsewhere than on a GPU the script is only tried out.
    if cuda:
        gpt2.compile_parts()

    def step():
        optimizer.zero_grad(set_to_none=True)
        with torch.autocast(device, torch.bfloat16,
                            enabled=fields["arithmetic"] == "bf16"):
            loss = gpt2(batch, attend)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(gpt2.parameters(), 1.0, foreach=True)
        optimizer.step()
        return loss

    def wait():
        if cuda:
            torch.cuda.synchronize()

    for _ in range(steps):
        loss = step()
    if not torch.isfinite(loss):
        raise RuntimeError(f"the loss is {loss}")
    times = []
    for _ in range(3):
        wait()
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait()
        times.append(1e3 * (time.perf_counter() - start) / steps)
    return times, torch._dynamo.utils.counters["stats"]["unique_graphs"]


NAME = re.compile(
    r"Step/(?P<arithmetic>\w+)/(?P<sequences>[\w:]+)/(?P<tokens>tokens:\d+)/"
    r"(?P<rule>\w+?)(?P<dropout>/dropout)?$")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("out")
    parser.add_argument("--filter", default="",
                        help="takes the steps whose name it is found in")
    parser.add_argument("--steps", type=int, default=10)
    arguments = parser.parse_args()
    ours = benchmark_rows.read(arguments.ours)
    context = ours["context"]
    model = {key: int(value) for key, value in
             (pair.split("=") for pair in context["model"].split(","))}
    device = "cuda" if torch.cuda.is_available() else "cpu"
    where = torch.cuda.get_device_name() if device == "cuda" else "cpu"
    names = dict.fromkeys(benchmark_rows.name_of(b)
                          for b in ours["benchmarks"]
                          if b["run_type"] == "iteration")
    steps = [(name, variant)
             for variant in VARIANTS for name in names
             if NAME.match(name) and re.search(arguments.filter, name)]
    rows = []
    for name, variant in steps:
        fields = NAME.match(name)
        key = f"lengths/{fields['sequences']}/{fields['tokens']}"
        lengths = [int(n) for n in context[key].split(",")]
        # Without padding there is nothing to pack.
        if variant != "padded" and len(set(lengths)) == 1:
            continue
        row = {"name": f"{name}/{variant}", "run_type": "iteration"}
        try:
            times, graphs = measure(fields, model, lengths, variant, device,
                                    arguments.steps)
            for ms in times:
                rows.append(dict(row, real_time=ms, time_unit="ms",
                                 graphs=graphs,
                                 tokens_per_second=1e3 * sum(lengths) / ms))
            print(f"{row['name']}: {times[-1]:.2f} ms, {graphs} graphs",
                  flush=True)
        # Whatever a library has against the variant is its result.
        except Exception as error:  # pylint: disable=broad-except
            # Often followed by a page of advice.
            reason = re.split(r"\n|\. ", str(error))[0]
            rows.append(dict(row, error_occurred=True, error_message=reason))
            print(f"{row['name']}: {reason}", flush=True)
        if device == "cuda":
            torch.cuda.empty_cache()
        benchmark_rows.write(arguments.out,
                             {"device": where, "torch": torch.__version__},
                             rows)
    return 0 if rows else "gpt2_cuda_peer.py: no step has such a name"


if __name__ == "__main__":
    sys.exit(main())
