"""One epoch of SGD on logistic regression: ours beside scikit-learn's.

    pip install scikit-learn
    python3 tools/bench/peers/sklearn_sgd.py A9A_FILE BENCH_BINARY

Same data, batch size 1, one thread each, both timed in this run. scikit-learn's
SGDClassifier(loss="log_loss") does not evaluate the loss; ours does, at every
epoch's end. Prints milliseconds per run and epoch, and the ratio.
"""

import json
import os
import subprocess
import sys
import time

from sklearn.datasets import load_svmlight_file
from sklearn.linear_model import SGDClassifier


def sklearn_ms(path, epochs=20):
    x, y = load_svmlight_file(path, n_features=123)
    x.indices = x.indices.astype("int32")
    x.indptr = x.indptr.astype("int32")
    best = float("inf")
    for _ in range(5):
        model = SGDClassifier(
            loss="log_loss", penalty=None, learning_rate="constant", eta0=0.1,
            max_iter=epochs, tol=None, shuffle=True, random_state=1)
        start = time.perf_counter()
        model.fit(x, y)
        best = min(best, (time.perf_counter() - start) * 1e3 / epochs)
    return best


def ours_ms(path, binary):
    out = subprocess.run(
        [binary, "--benchmark_filter=BM_Epoch/rule:[01]/M:1/",
         "--benchmark_repetitions=5", "--benchmark_format=json"],
        env=dict(os.environ, BENCH_LIBSVM=path), check=True,
        capture_output=True, text=True).stdout
    best = {}
    for b in json.loads(out)["benchmarks"]:
        if b["run_type"] != "iteration":
            continue
        rule = "AdaGrad" if "rule:1" in b["name"] else "SGD"
        key = (rule, "8 lanes" if "lanes:8" in b["name"] else "1 lane")
        ms = b["ms_per_run"]
        best[key] = min(best.get(key, float("inf")), ms)
    return best


def main():
    path, binary = sys.argv[1:3]
    peer = sklearn_ms(path)
    print(f"scikit-learn SGDClassifier, loss not evaluated: {peer:.3f} ms")
    for (rule, lanes), ms in sorted(ours_ms(path, binary).items()):
        print(f"{rule}, {lanes}, loss evaluated: {ms:.3f} ms, "
              f"{peer / ms:.1f} times faster")


if __name__ == "__main__":
    main()
