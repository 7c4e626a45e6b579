#!/usr/bin/env python3
"""Whether tests would notice: small faults put into the code, one at a time.

  tools/mutants.py --report=FILE [--count=5] [--seed=1] [--timeout=60]
                   [--tests="//x:a_test //x:b_test"] SOURCE...
  tools/mutants.py --report=FILE --again=EARLIER_REPORT
  tools/mutants.py --list SOURCE...

Of each source (.cc or .h) --count mutants are drawn, the same for the same seed:
first the kind of change, so that constants, of which there are most, are not
most of the draw, then the place. Each is compiled and tested by --tests; without
it by the test beside the file, or by the small and medium C++ tests of its room
that depend on it. Then the file is as it was, after Ctrl-C and errors too.

The report has a mutant a line: verdict, place, kind, from, to, seconds. killed:
a test failed. survived: all passed; either the mutant computes the same, or no
test would notice the fault. timed out: a test did not end in --timeout seconds.
not compiled: the compiler refused, or warned. --again tries the survivors of an
earlier report, whose sources are the same. --list runs nothing and prints all
mutants there are.

Comments, strings, directives, CHECKs and logs are left alone. Mutants are kept
out of the disk cache, and may take no more than 4 GB.
"""
import argparse
import collections
import json
import os
import random
import re
import signal
import subprocess
import sys
import time

Mutant = collections.namedtuple("Mutant", "path start kind old new")

# What may stand in a file without being code, longest first at each place.
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<d>[^(]*)\(.*?\)(?P=d)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"
    r'|^[ \t]*#(?:\\\n|[^\n])*',
    re.DOTALL | re.MULTILINE)
OUR_OWN = re.compile(r"\b(?:D?CHECK\w*|Q?CHECK\w*|ABSL_\w*CHECK\w*|V?LOG\w*|ABSL_LOG|"
                     r"ABSL_UNREACHABLE|static_assert|template|using|namespace)\b[^;{]*")
SWAPPED = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "==",
           "+": "-", "-": "+", "*": "/", "/": "*", "&&": "||", "||": "&&",
           "+=": "-=", "-=": "+=", "*=": "/=", "/=": "*="}
# What a blank stands on both sides of is no template, pointer or sign.
OPERATOR = re.compile(r"(?<=\s)(%s)(?=\s)" % "|".join(
    re.escape(o) for o in sorted(SWAPPED, key=len, reverse=True)))
CONSTANT = re.compile(r"(?<![\w.'])(?<!e-)([012])(?=(?:\.0?)?(?![\w.']))")
SIMPLE = [
    ("value", re.compile(r"\b(true|false)\b"),
     {"true": "false", "false": "true"}),
    ("jump", re.compile(r"\b(continue|break)(?=;)"), {"continue": "", "break": ""}),
    ("extreme", re.compile(r"(?<=std::)(min|max)(?=[(_<])"),
     {"min": "max", "max": "min"}),
    ("not", re.compile(r"(?<![\w)])(!)(?=[\w(*])"), {"!": ""}),
    ("operator", OPERATOR, SWAPPED),
]
# An assignment to something that is there already, or a call.
STATEMENT = re.compile(
    r"^[ ]+((?:[(*]*[A-Za-z_][\w.\[\]()>-]*[ ][-+*/|&]?=(?!=)\s[^;{}]*"
    r"|(?!return|throw|case|if|for|while|switch|else)[A-Za-z_][\w.:\[\]>-]*\([^;{}]*\)))(?=;)",
    re.MULTILINE)
CONDITION = re.compile(r"\bif (?:constexpr )?(?=\()")


def blank(match):
    """As long, with the same line ends; a string stays something."""
    filler = " " if match[0].lstrip()[0] in "/#" else "_"
    return re.sub(r"[^\n]", filler, match[0])


def code_of(text):
    code = NOT_CODE.sub(blank, text)
    return OUR_OWN.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), code)


def closing(code, start):
    """Where the parenthesis that opens at `start` closes."""
    depth = 0
    for i in range(start, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return -1


def mutants_of(path, text):
    """All of a file's mutants, in the order of the file within a kind."""
    code = code_of(text)
    found = []

    def add(start, end, kind, new):
        found.append(Mutant(path, start, kind, text[start:end], new))

    for kind, pattern, new in SIMPLE:
        for m in pattern.finditer(code):
            add(m.start(1), m.end(1), kind, new[m[1]])
    for m in CONSTANT.finditer(code):
        for new in {"0": "1", "1": "02", "2": "13"}[m[1]]:
            add(m.start(1), m.end(1), "constant", new)
    for m in STATEMENT.finditer(code):
        # The start of a statement, not its second line.
        before = code[:m.start()].rstrip()
        if before and before[-1] in ";{}:)":
            add(m.start(1), m.end(1), "statement", "")
    for m in CONDITION.finditer(code):
        end = closing(code, m.end())
        start = max(m.end(), code.rfind(";", m.end(), end)) + 1
        start += len(code[start:end]) - len(code[start:end].lstrip())
        if end > start:
            add(start, end, "condition", "!(" + text[start:end] + ")")
    return found


def draw(mutants, count, seed):
    """`count` of a file's mutants, in the order of the file."""
    by_kind = collections.defaultdict(list)
    for m in mutants:
        by_kind[m.kind].append(m)
    rng = random.Random(seed)
    drawn = []
    while by_kind and len(drawn) < count:
        kind = rng.choice(sorted(by_kind))
        drawn.append(by_kind[kind].pop(rng.randrange(len(by_kind[kind]))))
        if not by_kind[kind]:
            del by_kind[kind]
    return sorted(drawn, key=lambda m: m.start)


def place(mutant, text):
    line = text.count("\n", 0, mutant.start) + 1
    column = mutant.start - text.rfind("\n", 0, mutant.start)
    return "%s:%d:%d" % (mutant.path, line, column)


def row(verdict, mutant, text, seconds):
    return "\t".join([verdict, place(mutant, text), mutant.kind, json.dumps(mutant.old),
                      json.dumps(mutant.new), "%.1f" % seconds])


def survivors(report):
    """The mutants of a report that survived."""
    mutants = []
    for line in open(report):
        verdict, where, kind, old, new, _ = line.rstrip("\n").split("\t")
        path, row_, column = where.rsplit(":", 2)
        lines = open(path).read().splitlines(keepends=True)
        start = len("".join(lines[:int(row_) - 1])) + int(column) - 1
        if verdict == "survived":
            mutants.append(Mutant(path, start, kind, json.loads(old), json.loads(new)))
    return mutants


def tests_of(path):
    """NAME_test beside NAME.cc, or all of the room's C++ tests that depend on it."""
    room = os.path.dirname(path)
    while not os.path.exists(os.path.join(room, "BUILD.bazel")):
        room = os.path.dirname(room)
    label = "//%s:%s" % (room, os.path.relpath(path, room))
    query = ('attr(size, "small|medium", filter("_test$", kind(cc_test, '
             "rdeps(//%s:*, %s))))" % (room, label))
    out = subprocess.run(["./bazelw", "query", query], capture_output=True, text=True)
    if not out.stdout.split():
        sys.exit("%s: no test of its room depends on it; give --tests\n%s" %
                 (path, out.stderr))
    beside = re.sub(r"[.](cc|h)$", "_test", label)
    return [beside] if beside in out.stdout.split() else out.stdout.split()


def bazel_test(tests, timeout, *flags):
    """A verdict, and what Bazel printed."""
    out = subprocess.run(
        ["./bazelw", "test", "--noshow_progress", "--notest_keep_going",
         "--test_output=errors", "--test_timeout=%d" % timeout,
         "--run_under=prlimit --as=%d" % 2**32, *flags, *tests],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace")
    if out.returncode == 0:
        return "survived", out.stdout
    if out.returncode == 3:
        return ("timed out" if re.search(r"\bTIMEOUT\b", out.stdout) else "killed"), out.stdout
    if out.returncode == 1:
        # Else what a program made for the tests could not be made. Bazel 4's words,
        # and later ones'.
        refused = re.search(r"C\+\+ compilation|Compiling \S+ failed|Linking", out.stdout)
        return ("not compiled" if refused else "killed"), out.stdout
    sys.exit("Bazel failed:\n" + out.stdout)


def attempt(mutant, text, tests, timeout):
    """The verdict on one; the file is as it was, whatever happens."""
    if not text.startswith(mutant.old, mutant.start):
        sys.exit("%s has changed since the earlier report" % mutant.path)
    try:
        with open(mutant.path, "w") as f:
            f.write(text[:mutant.start] + mutant.new + text[mutant.start + len(mutant.old):])
        return bazel_test(tests, timeout, "--disk_cache=")[0]
    finally:
        with open(mutant.path, "w") as f:
            f.write(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sources", nargs="*")
    parser.add_argument("--report")
    parser.add_argument("--again")
    parser.add_argument("--tests", default="")
    parser.add_argument("--count", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=int, default=60)
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args()
    if options.list:
        for path in options.sources:
            text = open(path).read()
            for m in mutants_of(path, text):
                print(row("listed", m, text, 0))
        return
    if not options.report or not (options.sources or options.again):
        parser.error("give --report, and sources or --again")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # A terminal that is closed ends this, but not under nohup.
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)
    chosen = survivors(options.again) if options.again else []
    for path in options.sources:
        chosen += draw(mutants_of(path, open(path).read()), options.count,
                       "%d %s" % (options.seed, path))
    counts = collections.Counter()
    path = None
    with open(options.report, "w") as report:
        for mutant in chosen:
            if mutant.path != path:
                path, text = mutant.path, open(mutant.path).read()
                tests = options.tests.split() or tests_of(path)
                verdict, log = bazel_test(tests, options.timeout)
                if verdict != "survived":
                    sys.exit("%s: the tests fail without a mutant\n%s" % (path, log))
            began = time.time()
            verdict = attempt(mutant, text, tests, options.timeout)
            counts[verdict] += 1
            report.write(row(verdict, mutant, text, time.time() - began) + "\n")
            report.flush()
    print(", ".join("%d %s" % (n, v) for v, n in sorted(counts.items())))


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("interrupted; the source is as it was")
