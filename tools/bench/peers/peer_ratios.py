"""Our training steps beside PyTorch's, from the JSON files of one run.

    python3 peer_ratios.py ours.json peer.json

ours.json is gpt2_step_bench's, peer.json gpt2_cuda_peer.py's, either as far as
it came. Prints the median
over repetitions of tokens per second (without padding), the model FLOPs
utilisation against the product rate measured in ours.json, and how many times
as fast ours is. Fails where no step is in both.
"""

import statistics
import sys

import benchmark_rows


def medians(path, field):
    """Of every name; and each name's first row, one with the field if it has."""
    rows = benchmark_rows.read(path)["benchmarks"]
    values, firsts = {}, {}
    for row in rows:
        if row["run_type"] != "iteration":
            continue
        name = benchmark_rows.name_of(row)
        if field in row:
            if name not in values:
                firsts[name] = row
            values.setdefault(name, []).append(row[field])
        else:
            firsts.setdefault(name, row)
    return ({name: statistics.median(v) for name, v in values.items()}, firsts)


def main():
    ours, our_rows = medians(sys.argv[1], "tokens_per_second")
    theirs, their_rows = medians(sys.argv[2], "tokens_per_second")
    compared = 0
    for peer, row in their_rows.items():
        name, variant = peer.rsplit("/", 1)
        if name not in ours:
            continue
        if peer not in theirs:
            print(f"{name}: PyTorch {variant}: {row.get('error_message')}")
            continue
        # Of the same step, so utilisations are as tokens per second.
        mfu = (our_rows[name]["mfu_measured"] /
               our_rows[name]["tokens_per_second"])
        print(f"{name}: ours {ours[name]:.0f} tokens/s "
              f"(MFU {100 * mfu * ours[name]:.1f} %), PyTorch {variant} "
              f"{theirs[peer]:.0f} ({100 * mfu * theirs[peer]:.1f} %): "
              f"{ours[name] / theirs[peer]:.2f} times as fast")
        compared += 1
    return 0 if compared else "peer_ratios.py: no step is in both files"


if __name__ == "__main__":
    sys.exit(main())
