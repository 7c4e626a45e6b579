#!/usr/bin/env python3
"""What a reader would have to say otherwise, said by a program.

  lint.py WORKSPACE           the check, as a test has it: lengths of files and
                              lines, includes that precompiled headers would hide,
                              functions whose bits are the C library's, BUILD files,
                              links and commands of the pages
  lint.py WORKSPACE --format  clang-format's wishes for the lines that differ from
                              main (or from --base=REVISION)
  lint.py WORKSPACE --tidy    clang-tidy (.clang-tidy) on the .cc files that differ;
                              --all: on all, which takes hours
"""

import ast
import glob
import os
import re
import shlex
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.realpath(sys.argv[1]))
ROOMS = ["analysis", "data", "experiments", "figures", "optim", "paper_tables",
         "third_party", "tools"]
MAX_LINES = 500
# Of code; sources hold 80 but for a few tables.
MAX_COLUMNS = 120
# By programs, or to be read by tests as it is.
WRITTEN = re.compile(r"_corpus/|testdata/|golden|recorded\.csv$")
CODE = (".cc", ".h", ".cu", ".cuh", ".bzl", ".bazel", ".BUILD", ".sh", ".py",
        ".proto", ".gp", ".md", ".txt", ".css", ".js")
LOADED = re.compile(r"(native\.)?(cc_(binary|import|library|proto_library|test|"
                    r"toolchain)|sh_(binary|library|test)|proto_(library|"
                    r"lang_toolchain))$")
# Stand-ins for rules that hand on Bazel's own.
HANDS_ON = re.compile(r"/shims/|system/protobuf_rules\.bzl$")
problems = []


def problem(path, line, text):
    problems.append("%s:%d: %s" % (path, line, text))


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as f:
        return f.read()


def files():
    """The tree's files: from git where there is one, else from the rooms."""
    found = []
    if shutil.which("git"):
        found = subprocess.run(["git", "ls-files"], cwd=ROOT, text=True,
                               capture_output=True).stdout.split()
    if not found:
        found = [p for room in ROOMS + ["docs"] for p in
                 glob.glob(room + "/**", root_dir=ROOT, recursive=True)]
        found += glob.glob("*", root_dir=ROOT)
    return sorted(p for p in found if os.path.isfile(os.path.join(ROOT, p)) and
                  "bazel-" not in p and "/distdir" not in p)


def check_text(path):
    text = read(path)
    lines = text.split("\n")
    if len(lines) - 1 > MAX_LINES:
        problem(path, len(lines) - 1, "more than %d lines" % MAX_LINES)
    for number, line in enumerate(lines, 1):
        if line != line.rstrip() and not path.endswith(".md"):
            problem(path, number, "blanks at the end")
        if "\t" in line and path.endswith((".cc", ".h", ".cu", ".cuh", ".py")):
            problem(path, number, "a tab")
        if len(line) > MAX_COLUMNS and path.endswith((".cc", ".h", ".cu", ".cuh")):
            problem(path, number, "more than %d columns" % MAX_COLUMNS)
    if text and not text.endswith("\n") or text.endswith("\n\n"):
        problem(path, len(lines), "one newline belongs at the end")


# What precompiled headers have (third_party/system), each by what it is needed for:
# g++ would not miss the include.
NAMES = {
    "Eigen/Cholesky": r"Eigen::LL?D?LT\b|\.ldlt\(\)|\.llt\(\)",
    "Eigen/Core": r"Eigen::(Matrix|Vector|RowVector|Array|Map|Ref)",
    "absl/status/status.h": r"absl::(Status|StatusCode|OkStatus|[A-Z]\w+Error)\b",
    "absl/status/statusor.h": r"absl::StatusOr\b",
    "absl/strings/str_cat.h": r"absl::(StrCat|StrAppend)\b",
    "absl/strings/string_view.h": r"absl::string_view\b",
    "absl/types/span.h": r"absl::(Span|MakeSpan|MakeConstSpan)\b",
    "algorithm": r"std::(stable_|partial_)?(sort|nth_element|clamp|copy|fill|generate|find|count|"
                 r"max_element|min_element|equal|reverse|unique|transform|rotate|"
                 r"lower_bound|upper_bound|binary_search|any_of|all_of|none_of|remove_if)(_n|_if)?\(|"
                 r"std::(max|min)[(<]",
    "cmath": r"std::(sqrt|cbrt|f?abs|log\w*|exp(2|m1)?|pow|fma|fm\w+|is(nan|finite|inf)|"
             r"floor|ceil|l?l?round|rint|trunc|(sin|cos|tan)h?|copysign|hypot|nextafter|"
             r"ldexp|frexp|scalbn)\(",
    "cstdint": r"\bu?int(8|16|32|64)_t\b",
    "functional": r"std::(function|ref|cref|less|greater|plus)\b",
    "gmock/gmock.h": r"\b(EXPECT|ASSERT)_THAT\(",
    "google/protobuf/text_format.h": r"protobuf::TextFormat\b",
    "gtest/gtest.h": r"\bTEST(_F|_P)?\(",
    "limits": r"std::numeric_limits\b",
    "map": r"std::(multi)?map\b",
    "memory": r"std::(unique_ptr|shared_ptr|make_unique|make_shared)\b",
    "numeric": r"std::(accumulate|iota)\b",
    "optional": r"std::(optional|nullopt)\b",
    "set": r"std::(multi)?set\b",
    "string": r"std::(string|to_string)\b",
    "utility": r"std::(move|pair|forward|exchange|swap)\b",
    "vector": r"std::vector\b",
}
# Has no names of its own for us.
UNNAMED = {"google/protobuf/generated_message_reflection.h"}
# Compiled without precompiled headers: what is not ours, and by clang.
OTHERS = re.compile(r"third_party/|tools/fuzz\.bzl$")
# What makes numbers, and what it may not make them with.
NUMBERS = re.compile(r"(data|optim|experiments|analysis|tools/base)/.*\.(h|cc)$")
INEXACT = re.compile(r"std::(log|exp|pow|a?(sin|cos|tan)|cbrt|hypot|erf|[tl]gamma)\w*\(")
INCLUDE = re.compile(r'(?m)^#include [<"]([^>"]+)[>"]')


def seen(path, found):
    """What a file of ours includes, itself or by another of ours."""
    if path.endswith(".pb.h"):
        return {"cstdint", "string", "utility"}
    if path not in found:
        found[path] = set()
        if os.path.exists(os.path.join(ROOT, path)):
            for header in INCLUDE.findall(read(path)):
                found[path] |= {header} | seen(header, found)
    return found[path]


def check_includes(tree):
    for path in ["third_party/system/gtest.BUILD", "third_party/system/BUILD.bazel"]:
        named = re.findall(r'(?m)^ +"(\w+|[\w/]+\.h)",$', read(path))
        if not named:
            problem(path, 1, "there are no precompiled headers here any more")
        for header in set(named) - set(NAMES) - UNNAMED:
            problem("tools/lint.py", 1, "NAMES lacks %s, which %s precompiles" % (header, path))
    found = {}
    for path in tree:
        if not path.endswith((".cc", ".h")):
            continue
        code = re.sub(r"//.*", "", read(path))
        for header, names in NAMES.items():
            match = re.search(names, code)
            if match and header not in seen(path, found):
                problem(path, code[:match.start()].count("\n") + 1,
                        "%s is of <%s>, which is not included" % (match.group(0), header))


def check_functions(tree):
    """What computes takes no functions of the C library that are not exact."""
    for path in tree:
        if NUMBERS.match(path) and not re.search(r"_test\.cc$|_testing\.", path):
            code = re.sub(r"//.*", "", read(path))
            for match in INEXACT.finditer(code):
                problem(path, code[:match.start()].count("\n") + 1,
                        "%s...) has other bits with another C library; tools/base/vector_math.h "
                        "has the same everywhere" % match.group(0))


def phase(label):
    order = 0 if label.startswith("@") else 1 if label.startswith("//") else 2
    return order, label.replace(":", "\0")


def dep_phase(label):
    order = {":": 0, "/": 1, "@": 2}.get(label[:1], -1)
    return order, label.replace(":", "\0")


def check_build(path):
    """Loads: sorted, used, and there for each rule that newer Bazels lack. Sorted deps."""
    tree, lines = ast.parse(read(path), path), read(path).split("\n")
    loads, names = [], {}
    for node in tree.body:
        call = getattr(node, "value", None)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") == "load":
            loads.append((call.args[0].value, node.lineno))
            for argument in call.args[1:] + [k.value for k in call.keywords]:
                names[argument.value] = node.lineno
            names.update({k.arg: node.lineno for k in call.keywords})
            ours = {a.value for a in call.args[1:]} & {"cc_library", "cc_binary"}
            if ours and "rules_cc" in call.args[0].value and not OTHERS.match(path):
                problem(path, node.lineno, "%s: load them from //tools:cc.bzl" % sorted(ours))
    for (a, _), (b, line) in zip(loads, loads[1:]):
        if phase(a) >= phase(b):
            problem(path, line, 'load("%s") belongs before "%s"' % (b, a))
    used = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name)}
    aliases = {k.value.value for node in tree.body if isinstance(
        getattr(node, "value", None), ast.Call) for k in node.value.keywords
        if isinstance(k.value, ast.Constant)}
    for name, line in names.items():
        if name not in used and name not in aliases:
            problem(path, line, "%s is loaded and not used" % name)
    defined = {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            if LOADED.match(name) and name not in names and name not in defined:
                problem(path, node.lineno, "%s is not loaded" % name)
        if (isinstance(node, ast.keyword) and node.arg in ("deps", "test_deps") and
                isinstance(node.value, ast.List)):
            labels = [e.value for e in node.value.elts if isinstance(e, ast.Constant)]
            above = "".join(lines[node.value.lineno - 3:node.value.lineno - 1])
            if labels != sorted(labels, key=dep_phase) and "# Do not sort" not in above:
                problem(path, node.value.lineno, "%s are not sorted" % node.arg)


def anchors(page):
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-")
            for h in re.findall(r"(?m)^#+ (.*?)\s*$", page)}


def check_links(path, page):
    text = re.sub(r"(?ms)^```.*?^```", "", page)
    for match in re.finditer(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = match.group(1).partition("#")
        line = page[:page.find(match.group(0))].count("\n") + 1
        if "://" in target:
            continue
        full = os.path.normpath(os.path.join(os.path.dirname(path), target)) if target else path
        if not os.path.exists(os.path.join(ROOT, full)):
            problem(path, line, "there is no %s" % target)
        elif anchor and full.endswith(".md") and anchor not in anchors(read(full)):
            problem(path, line, "%s has no heading #%s" % (full, anchor))


def commands(page):
    """(line, words) of each bazel or bazelw command in a block or in backticks."""
    found, fence, held = [], False, ""
    for number, line in enumerate(page.split("\n"), 1):
        if line.startswith("```"):
            fence, held = not fence, ""
            continue
        if fence:
            held += line.strip()
            if held.endswith("\\"):
                held = held[:-1] + " "
                continue
            candidates, held = [held], ""
        else:
            candidates = re.findall(r"`([^`]+)`", line)
        for text in candidates:
            if re.match(r"(\./bazelw|bazel) ", text):
                found.append((number, shlex.split(text, comments=True)))
    return found


PLACEHOLDER = re.compile(r"[A-Z]{2,}|\.\.\.$|^\.\.\.")
LABEL = re.compile(r"`(//[\w/]+(?::[\w.-]+)?|(?:%s)[\w/]*:[\w-]+)`" % "|".join(ROOMS))


def read_commands(pages):
    """Labels, Bazel's flags and the programs' flags that the pages name."""
    labels, flags, own = {}, {}, {}
    for path, page in pages.items():
        for number, line in enumerate(page.split("\n"), 1):
            for label in LABEL.findall(line):
                if not PLACEHOLDER.search(label):
                    labels["//" + label.lstrip("/")] = (path, number)
        for line, words in commands(page):
            at = (path, line)
            if len(words) < 2 or words[1].startswith("-") or words[1] in ("...", "sync"):
                continue
            verb, rest = words[1], words[2:]
            if not re.fullmatch("build|test|run|query|coverage|info|shutdown|clean", verb):
                problem(path, line, "bazel has no command %s" % verb)
                continue
            if "--" in rest:
                cut = rest.index("--")
                for word in rest[cut + 1:]:
                    if word.startswith("--"):
                        own[word[2:].split("=")[0]] = at
                rest = rest[:cut]
            for word in rest:
                setting = re.match(r"--(?:no)?((?:@\w+)?//[^=]*)", word)
                if setting:
                    labels[setting.group(1)] = at
                elif word.startswith("--"):
                    flags[word] = ("build" if verb == "run" else verb, at)
                elif "//" in word and path != "CONTRIBUTING.md":
                    if not PLACEHOLDER.search(word.replace("/...", "")):
                        labels[word.lstrip("-")] = at
    return labels, flags, own


def bazel(*arguments):
    home = [] if "TEST_TMPDIR" not in os.environ else [
        "--output_user_root=" + os.environ["TEST_TMPDIR"] + "/bazel", "--max_idle_secs=5"]
    return subprocess.run(["bazel", *home, *arguments], cwd=ROOT, text=True,
                          capture_output=True)


def check_commands(pages):
    labels, flags, own = read_commands(pages)
    asked = {label: "%s:all" % label if label.endswith("/...") else label for label in labels}
    answer = bazel("query", "--keep_going", "--noshow_progress", " + ".join(
        '"%s"' % a for l, a in asked.items() if l != "//..."))
    for label, (path, line) in labels.items():
        package, _, name = label.partition(":")
        name = name or package.split("/")[-1]
        if re.search("no such (target|package) '%s" % re.escape(package), answer.stderr) and (
                re.search("no such target '%s:%s'" % (re.escape(package), re.escape(name)),
                          answer.stderr) or "no such package '%s'" % package[2:] in answer.stderr):
            problem(path, line, "there is no target %s" % label)
    if not answer.stdout:
        problem("tools/lint.py", 1, "bazel query failed: " + answer.stderr[-300:])
    for verb in {v for v, _ in flags.values()}:
        mine = [f for f, (v, _) in flags.items() if v == verb]
        if bazel("canonicalize-flags", "--for_command=" + verb, "--", *mine).returncode == 0:
            continue
        for flag in mine:
            if bazel("canonicalize-flags", "--for_command=" + verb, "--", flag).returncode:
                problem(*flags[flag][1], "bazel %s has no flag %s" % (verb, flag))
    sources = "\n".join(read(p) for p in files() if p.endswith((".cc", ".sh", ".bzl")))
    for flag, at in own.items():
        name = re.escape(flag[2:] if flag.startswith("no") else flag)
        if not re.search(r"ABSL_FLAG\([^,]*,\s*(?:no)?%s,|--%s\b" % (name, re.escape(flag)), sources):
            problem(*at, "no program has a flag --%s" % flag)
    return len(labels), len(flags), len(own)


def check_tables():
    """The manual names every table that can be asked for."""
    rules = bazel("query", "--noshow_progress", 'kind("_render rule", //paper_tables:*)').stdout
    tables = [t[:-len("_files")] for t in re.findall(r"//paper_tables:(\w+)", rules)]
    if len(tables) < 10:
        problem("tools/lint.py", 1, "there are no tables in //paper_tables any more")
    page = read("docs/usage.md").replace("`table1` to `table5`", " ".join(
        "`table%d`" % n for n in range(1, 6)))
    for table in tables:
        if table != "all" and "`%s`" % table not in page:
            problem("docs/usage.md", 1, "the list of tables lacks %s" % table)


def check_repositories():
    """MODULE.bazel has every repository that WORKSPACE has."""
    declared = set(re.findall(r'(?m)^    "(\w+)",$', read("MODULE.bazel")))
    for path, prefix, pattern in [
            ("data/datasets.bzl", "data_",
             r'name = "([^"]+)",(?:(?!\n    \),)[\s\S])*?url = '),
            ("third_party/system/repositories.bzl", "",
             r'\n    (?:_package\(\s*|system_absl\(name = )"(\w+)"')]:
        names = {prefix + n.replace("-", "_") for n in re.findall(pattern, read(path))}
        if not names:
            problem(path, 1, "there are no repositories here any more")
        for name in sorted(names - declared):
            problem("MODULE.bazel", 1, "use_repo() lacks %s of %s" % (name, path))


def check_configs():
    """A configuration that another one takes is there for the same commands."""
    taken = {"build": ["build"], "test": ["test", "build"]}
    rc = [line.split() for line in read(".bazelrc").split("\n")]
    there = {words[0] for words in rc if words}
    for number, words in enumerate(rc, 1):
        for option in words[1:]:
            verb, name = words[0].split(":")[0], option[9:]
            if option.startswith("--config=") and not words[0].startswith("#") and not any(
                    "%s:%s" % (v, name) in there for v in taken.get(verb, [verb])):
                problem(".bazelrc", number, "bazel %s has no configuration %s" % (verb, name))


def changed(base, suffixes):
    names = subprocess.run(["git", "diff", "--name-only", "--diff-filter=d", base],
                           cwd=ROOT, text=True, capture_output=True, check=True).stdout
    return [n for n in names.split("\n") if n.endswith(suffixes)]


def need(program):
    if not shutil.which(program):
        sys.exit("lint: there is no %s; install the package of that name" % program)


def tidy(base):
    need("clang-tidy")
    sources = ([p for p in files() if p.endswith(".cc")] if "--all" in sys.argv
               else changed(base, (".cc",)))
    external = os.path.realpath(os.path.join(ROOT, "bazel-out/../external"))
    include = [f for d in sorted(glob.glob(external + "/*/include")) +
               [external + "/eigen/include/eigen3"] for f in ("-isystem", d)]
    status = 0
    for source in sources:
        print("clang-tidy", source, flush=True)
        status |= subprocess.run(
            ["clang-tidy", "--quiet", source, "--", "-std=c++17", "-mavx2", "-mfma", "-I.",
             "-Ibazel-bin", "-DPCRE2_CODE_UNIT_WIDTH=8", *include], cwd=ROOT,
            stderr=subprocess.DEVNULL).returncode
    return status


def main():
    base = next((a[7:] for a in sys.argv if a.startswith("--base=")), "main")
    if "--format" in sys.argv:
        need("clang-format")
        return subprocess.run(["git", "clang-format", "--diff", base], cwd=ROOT).returncode
    if "--tidy" in sys.argv:
        return tidy(base)
    tree = files()
    for path in tree:
        if path.endswith(CODE) and not WRITTEN.search(path):
            check_text(path)
        if path.endswith((".bzl", ".bazel", ".BUILD")) and not HANDS_ON.search(path):
            check_build(path)
    check_includes(tree)
    check_functions(tree)
    check_repositories()
    check_tables()
    check_configs()
    pages = {p: read(p) for p in tree if p.endswith(".md")}
    for path, page in pages.items():
        check_links(path, page)
    counts = check_commands(pages)
    print("\n".join(problems))
    print("%d files; %d labels, %d flags of bazel, %d of programs in %d pages; %d problems" %
          (len(tree), *counts, len(pages), len(problems)))
    return 1 if problems or min(counts) == 0 else 0


sys.exit(main())
