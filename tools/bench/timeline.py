#!/usr/bin/env python3
"""Where a build's time went, by phase, from Bazel's own profile.

  bazel run --profile=FILE.gz //paper_tables
  tools/bench/timeline.py FILE.gz

For each phase: when its first action began and its last one ended, in seconds
from the start; how many actions ran (hits of a cache take next to nothing); the
sum of their seconds; the longest; and a bar, a column of it for an equal part of
the whole time, darker where more of the machine's actions were of that phase.
"""

import gzip
import json
import re
import sys

# The phase of an action by what Bazel calls it; the first that matches.
PHASES = [
    ("tests", r"^Testing "),
    ("drawing figures", r"^Rendering .*(figure|/figures)|^Drawing "),
    ("training GPT-2", r"GPT-2"),
    ("training logistic", r"^(Training|Evaluating) "),
    ("optima", r"^Solving "),
    ("constants and bounds",
     r"^(Estimating|Measuring|Setting|Collecting|Making) |^Executing genrule //analysis"),
    ("data", r"^(Converting|Tokenizing|Checking) |^Executing genrule //data"),
    ("compiling", r"^(Compiling|Generating|Precompiling) |FuzzCompile"),
    ("linking", r"^Linking "),
    ("tables, report", r"^(Rendering|Writing (the|numbers)) "),
]
COLUMNS = 40
SHADES = " .:*#"


def actions(path):
    """(start, seconds, name) of what ran, seconds from the command's start."""
    with gzip.open(path, "rt") as profile:
        events = json.load(profile)["traceEvents"]
    return [(e["ts"] / 1e6, e["dur"] / 1e6, e["name"]) for e in events
            if e.get("cat") == "action processing"]


def phase(name):
    for title, pattern in PHASES:
        if re.search(pattern, name):
            return title
    return "the rest"


def main(path):
    groups = {}
    for action in actions(path):
        groups.setdefault(phase(action[2]), []).append(action)
    if not groups:
        sys.exit(f"{path}: no action ran")
    end = max(s + d for group in groups.values() for s, d, _ in group)
    print(f"{'phase':21s} {'from':>6s} {'to':>6s} {'actions':>7s} "
          f"{'sum s':>7s} {'longest':>7s}")
    for title, group in sorted(groups.items(), key=lambda g: min(g[1])):
        busy = [0.0] * COLUMNS
        for start, seconds, _ in group:
            for i in range(COLUMNS):
                left, right = i * end / COLUMNS, (i + 1) * end / COLUMNS
                busy[i] += max(0, min(right, start + seconds) -
                               max(left, start)) / (end / COLUMNS)
        bar = "".join(SHADES[min(4, int(b * 2 + 0.95))] for b in busy)
        print(f"{title:21s} {min(group)[0]:6.0f} "
              f"{max(s + d for s, d, _ in group):6.0f} {len(group):7d} "
              f"{sum(d for _, d, _ in group):7.0f} "
              f"{max(d for _, d, _ in group):7.0f}  |{bar}|")
    longest = sorted((a for g in groups.values() for a in g),
                     key=lambda a: -a[1])[:8]
    print(f"\nall: {end:.0f} s. The longest:")
    for _, seconds, name in longest:
        print(f"{seconds:6.0f} s  {name}")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
