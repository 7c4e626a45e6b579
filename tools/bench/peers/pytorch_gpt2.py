"""Forward and backward pass of GPT-2 124M on the CPU: ours beside PyTorch's.

    pip install torch transformers
    python3 tools/bench/peers/pytorch_gpt2.py BENCH_BINARY [THREADS [VECTOR_BITS]]

BENCH_BINARY is bazel-bin/tools/bench/gpt2_bench. 512 tokens in one sequence,
fp32, dropout 0.1, the same threads; both sides in turn, three times three passes,
the best of each. PyTorch runs transformers' GPT-2 with eager and with fused ("sdpa")
attention. Prints tokens per second and the ratio, and the same of a product of
2,048 x 2,048 matrices. Ours has vectors of VECTOR_BITS, 256 (the default) or 512;
PyTorch takes what ATEN_CPU_CAPABILITY, MKL_CBWR and ONEDNN_MAX_CPU_ISA allow. Its
products are MKL's, which on an AMD processor may run at AVX2's rate; so that one
product is oneDNN's too, which takes what the processor has.
"""

import json
import subprocess
import sys
import time

import torch
import transformers

TOKENS = 512


def pytorch_pass(attention):
    model = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(attn_implementation=attention))
    model.train()
    tokens = torch.randint(0, 50257, (1, TOKENS))

    def run():
        start = time.perf_counter()
        model(tokens, labels=tokens).loss.backward()
        return TOKENS / (time.perf_counter() - start)

    run()
    return run


def mkl(a, b, c):
    torch.matmul(a, b, out=c)


def onednn(a, b, c):
    torch.ops.mkldnn._linear_pointwise(a, b, None, "none", [], "")


def pytorch_product(library, size=2048):
    a, b, c = (torch.rand(size, size) for _ in range(3))
    best = 0.0
    for _ in range(4):
        start = time.perf_counter()
        library(a, b, c)
        best = max(best, 2.0 * size**3 / (time.perf_counter() - start))
    return best


def ours(binary, name, counter):
    # A repetition is one pass: what is compared is the best one of each side.
    out = subprocess.run(
        [binary, f"--benchmark_filter={name}", "--benchmark_min_time=0.01",
         "--benchmark_repetitions=3", "--benchmark_format=json"],
        check=True, capture_output=True, text=True).stdout
    return max((b for b in json.loads(out)["benchmarks"]
                if b["run_type"] == "iteration"), key=lambda b: b[counter])


def main():
    binary = sys.argv[1]
    threads = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    bits = int(sys.argv[3]) if len(sys.argv) > 3 else 256
    torch.set_num_threads(threads)
    peers = {a: pytorch_pass(a) for a in ("eager", "sdpa")}
    best = {a: 0.0 for a in peers}
    best_ours, share = 0.0, 0.0
    ours_product, products = 0.0, {mkl: 0.0, onednn: 0.0}
    for _ in range(3):
        ours_product = max(ours_product, ours(
            binary, f"BM_Peak/threads:{threads}/vector_bits:{bits}",
            "flops")["flops"])
        for library in products:
            products[library] = max(products[library], pytorch_product(library))
        for name, run in peers.items():
            best[name] = max(best[name], run(), run(), run())
        b = ours(binary, f"BM_TrainingPass/threads:{threads}/sequence:512/"
                 f"vector_bits:{bits}/", "tokens_per_second")
        if b["tokens_per_second"] > best_ours:
            best_ours, share = b["tokens_per_second"], b["share_of_peak"]
    for library, rate in products.items():
        print(f"product of 2,048 x 2,048: ours {1e-9 * ours_product:.0f} GFLOP/s, "
              f"PyTorch by {library.__name__} {1e-9 * rate:.0f}, "
              f"{ours_product / rate:.2f} times as fast")
    print(f"ours: {best_ours:.1f} tokens/s, {100 * share:.0f} % of the measured "
          f"matrix-product rate, {threads} threads")
    for name, rate in best.items():
        print(f"PyTorch {torch.__version__}, {name}: {rate:.1f} tokens/s; "
              f"ours is {best_ours / rate:.2f} times as fast")


if __name__ == "__main__":
    main()
