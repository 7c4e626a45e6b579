#!/usr/bin/env bash
# coverage.sh [PATTERN...]: which lines of the C++ code the tests execute, by room:
# builds the tests (all, but for those that start a Bazel of their own) for gcov
# in an output base of their own, runs them, and prints a table. A header's line
# counts once, and as executed where one of those who include it executed it.
# Needs python3 (tools/packages_ci.txt).
set -euo pipefail
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..}"
patterns=("$@")
# Not //..., which goes into the links of another output base.
((${#patterns[@]} > 0)) ||
  patterns=(//data/... //optim/... //experiments/... //analysis/... //figures/... //paper_tables/... //tools/...)
base=${XDG_CACHE_HOME:-$HOME/.cache}/anisograd-coverage
mkdir -p "$base/data"
rm -rf "$base/data"/*

# What gcov reads beside the object files is no output that Bazel knows: no sandbox
# and no cache may come between. -O1: at -O0 the trainers' tests take an hour.
status=0
./bazelw --output_base="$base/output" test --noshow_progress --disk_cache= \
  --symlink_prefix=/ --spawn_strategy=local --platform_suffix=coverage --test_tag_filters=-external,-no_sanitizer \
  --copt=--coverage --copt=-O1 --linkopt=--coverage --copt=-Wno-error \
  --test_env=GCOV_PREFIX="$base/data" --nocache_test_results --test_output=errors \
  --keep_going "${patterns[@]}" >"$base/log" 2>&1 || status=$?
grep -E '^Executed|FAILED|TIMEOUT' "$base/log" | sort -u
root=$(./bazelw --output_base="$base/output" info execution_root 2>/dev/null)
./bazelw --output_base="$base/output" shutdown 2>/dev/null
python3 - "$root" "$base/data" <<'PY'
import collections, json, os, re, subprocess, sys
root, data = sys.argv[1:]
rooms = re.compile(r"^(data|optim|experiments|analysis|figures|paper_tables|tools)/")
lines = collections.defaultdict(dict)  # file -> line -> executed
def read(gcno, gcda):
    out = subprocess.run(["gcov", "--json-format", "--stdout", gcda or gcno],
                         capture_output=True, cwd=root).stdout
    for report in out.splitlines():
        for f in json.loads(report)["files"]:
            path = os.path.relpath(os.path.join(root, f["file"]), root)
            # Neither tests nor what protoc wrote.
            if not rooms.match(path) or re.search(r"_(test|fuzzer)[.]cc$|fuzz_replay", path): continue
            for l in f["lines"]:
                n = l["line_number"]
                lines[path][n] = lines[path].get(n, False) or l["count"] > 0
for folder, _, files in os.walk(os.path.join(root, "bazel-out")):
    for name in files:
        if not name.endswith(".gcno"): continue
        gcno = os.path.join(folder, name)
        # Compilers are told that they are in /proc/self/cwd.
        gcda = "%s/proc/self/cwd/%s.gcda" % (data, os.path.relpath(gcno, root)[:-5])
        if os.path.exists(gcda):
            # gcov looks for the one beside the other.
            beside = gcda[:-5] + ".gcno"
            if not os.path.exists(beside): os.symlink(gcno, beside)
        else: gcda = None
        read(gcno, gcda)
by_room = collections.defaultdict(lambda: [0, 0, 0])
for path, counts in lines.items():
    for room in (os.path.dirname(path), "all"):
        by_room[room][0] += 1
        by_room[room][1] += len(counts)
        by_room[room][2] += sum(counts.values())
print("| room | files | lines | executed |\n|---|--:|--:|--:|")
for room, (files, n, hit) in sorted(by_room.items(), key=lambda r: (r[0] == "all", r[0])):
    print(f"| {'**all**' if room == 'all' else '`%s`' % room} | {files} | {n:,} | {100 * hit / n:.1f} % |")
PY
exit $status
