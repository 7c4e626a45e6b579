#!/usr/bin/env python3
"""How long a build would take on other numbers of workers.

    bazel build --profile=PROFILE.gz TARGET...           a cold one, measured
    bazel aquery 'deps(set(TARGET...))' >ACTIONS
    tools/schedule.py PROFILE.gz ACTIONS [WORKERS...]    1 10 100 1000

Every action takes the time that the profile says, and starts when those whose
outputs it reads have ended and a worker is free; of those that could start, the
one first from which the longest chain of work hangs. Transfers and sandboxes
cost nothing, so that this is a bound. Actions that the profile does not know
(links, files that Bazel writes itself) take no time.
"""
import collections
import gzip
import heapq
import json
import re
import sys


def read_times(path):
    """Seconds by what Bazel calls the action."""
    with (gzip.open if path.endswith(".gz") else open)(path, "rt") as f:
        events = json.load(f)["traceEvents"]
    times = collections.defaultdict(list)
    for event in events:
        if event.get("cat") == "action processing":
            times[event["name"]].append(event["dur"] / 1e6)
    return times


def read_actions(path):
    """(name, inputs, outputs) of every action, of the text form of aquery."""
    actions = []
    header = ""
    for line in open(path):
        if line.startswith("  Mnemonic: "):
            match = re.match(r"action '(.*)'$", header)
            actions.append((match[1] if match else header, [], []))
        elif not line.startswith(" "):
            header = line.strip()
        elif match := re.match(r"  (Inputs|Outputs): \[(.*)\]$", line):
            actions[-1][1 if match[1] == "Inputs" else 2].extend(match[2].split(", "))
    return actions


def simulate(workers, times, needs, feeds, order):
    """Seconds until all is done; `order` is smallest for what starts first."""
    missing = [len(n) for n in needs]
    ready = [(order[i], i) for i in range(len(times)) if not missing[i]]
    heapq.heapify(ready)
    running, now, done = [], 0.0, 0
    while ready or running:
        while ready and (len(running) < workers):
            _, i = heapq.heappop(ready)
            heapq.heappush(running, (now + times[i], i))
        now, i = heapq.heappop(running)
        done += 1
        for j in feeds[i]:
            missing[j] -= 1
            if not missing[j]:
                heapq.heappush(ready, (order[j], j))
    assert done == len(times), "the actions wait for each other"
    return now


def main(profile, actions_file, *workers):
    measured, actions = read_times(profile), read_actions(actions_file)
    # An action that is there twice (for the host) has a time each.
    times = [measured[a[0]].pop(0) if measured.get(a[0]) else 0.0 for a in actions]
    maker = {out: i for i, a in enumerate(actions) for out in a[2]}
    # A tree of links has its own manifest among its inputs.
    needs = [{maker[f] for f in a[1] if f in maker} - {i} for i, a in enumerate(actions)]
    feeds = [[] for _ in actions]
    for i, need in enumerate(needs):
        for j in need:
            feeds[j].append(i)
    # The longest chain of work that starts with each action.
    chain, left = [0.0] * len(actions), [len(f) for f in feeds]
    stack = [i for i in range(len(actions)) if not left[i]]
    while stack:
        i = stack.pop()
        chain[i] = times[i] + max((chain[j] for j in feeds[i]), default=0.0)
        for j in needs[i]:
            left[j] -= 1
            if not left[j]:
                stack.append(j)
    total = sum(times)
    print(f"{sum(t > 0 for t in times)} of {len(actions)} actions have a measured time, "
          f"{total:.1f} s of work; {sum(map(sum, measured.values())):.1f} s measured are none of these")
    print(f"longest chain {max(chain):.1f} s; a tenth of it or more:")
    link = [chain.index(max(chain))]
    while link:
        if times[link[0]] > max(chain) / 10:
            print(f"  {times[link[0]]:.1f} s {actions[link[0]][0]}")
        link = sorted(feeds[link[0]], key=lambda j: -chain[j])[:1]
    print(f"{'workers':>8} {'makespan s':>11} {'speed-up':>9} {'efficiency':>11}")
    for n in [int(w) for w in workers] or [1, 10, 100, 1000]:
        span = simulate(n, times, needs, feeds, [-c for c in chain])
        print(f"{n:8} {span:11.1f} {total / span:9.1f} {100 * total / span / n:10.1f}%")


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
