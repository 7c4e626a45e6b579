"""fuzz_test(): a reader fed with arbitrary bytes, twice.

NAME_replay_test is the part that is the same in every run: the corpus and
seeded mutations of it, through the product's compiler and flags. NAME_test lets
libFuzzer search from the corpus for a few seconds, with everything of ours
compiled by clang for coverage and AddressSanitizer. What it finds is among the
test's undeclared outputs, and belongs in the corpus once it is fixed.
"""

load("@rules_cc//cc:defs.bzl", "cc_library", "cc_test")

_FuzzObjectsInfo = provider(
    doc = "Our own libraries below a target, compiled for fuzzing, and their labels.",
    fields = ["objects", "labels"],
)

# Coverage for the search; line numbers in the report.
_COMPILE = ["-c", "-O1", "-g", "-fno-omit-frame-pointer", "-fsanitize=fuzzer-no-link,address"]

_LINK = ["-fsanitize=fuzzer,address"]

_CLANG = {
    "_clang": attr.label(
        default = "@clang//:bin/clang++",
        allow_single_file = True,
        executable = True,
        cfg = "exec",
    ),
    "_versions": attr.label(default = "//third_party/toolchain:clang"),
}

def _compile(target, ctx, source):
    cc = target[CcInfo].compilation_context
    out = ctx.actions.declare_file("%s_fuzzing/%s.o" % (ctx.label.name, source.basename))
    args = ctx.actions.args()
    args.add_all(ctx.fragments.cpp.copts)
    args.add_all(ctx.fragments.cpp.cxxopts)
    args.add_all(_COMPILE)
    args.add_all(cc.defines, format_each = "-D%s")
    args.add_all(cc.includes, format_each = "-I%s")
    args.add_all(cc.quote_includes, before_each = "-iquote")
    args.add_all(cc.system_includes, before_each = "-isystem")
    args.add(source)
    args.add("-o", out)
    ctx.actions.run(
        executable = ctx.executable._clang,
        arguments = [args],
        inputs = depset([source] + ctx.files._versions, transitive = [cc.headers]),
        outputs = [out],
        mnemonic = "FuzzCompile",
        progress_message = "Compiling %s for fuzzing" % source.short_path,
        use_default_shell_env = True,
    )
    return out

def _fuzz_objects_impl(target, ctx):
    own = []
    if not ctx.label.workspace_name:
        sources = [f for f in getattr(ctx.rule.files, "srcs", []) if f.extension == "cc"]
        own = [_compile(target, ctx, source) for source in sources]
    deps = [dep[_FuzzObjectsInfo] for dep in ctx.rule.attr.deps]
    return [_FuzzObjectsInfo(
        objects = depset(own, transitive = [dep.objects for dep in deps]),
        labels = depset([target.label] if own else [], transitive = [dep.labels for dep in deps]),
    )]

# An aspect, so that a library below many targets is compiled once.
_fuzz_objects = aspect(
    implementation = _fuzz_objects_impl,
    attr_aspects = ["deps"],
    attrs = _CLANG,
    fragments = ["cpp"],
)

def _link(ctx, objects, labels):
    out = ctx.actions.declare_file(ctx.label.name + "_binary")

    # Our own libraries come as objects; those of the machine, and what protoc
    # wrote, as they are.
    archives = []
    flags = []
    for linked in ctx.attr.target[CcInfo].linking_context.linker_inputs.to_list():
        flags += linked.user_link_flags
        if linked.owner not in labels:
            archives += [lib.pic_static_library or lib.static_library for lib in linked.libraries]
    args = ctx.actions.args()
    args.add_all(_LINK)
    args.add_all(objects)
    args.add_all(archives)
    args.add_all(flags)
    args.add("-o", out)
    ctx.actions.run(
        executable = ctx.executable._clang,
        arguments = [args],
        inputs = objects + archives + ctx.files._versions,
        outputs = [out],
        mnemonic = "FuzzLink",
        use_default_shell_env = True,
    )
    return out

def _libfuzzer_test_impl(ctx):
    own = ctx.attr.target[_FuzzObjectsInfo]
    binary = _link(ctx, own.objects.to_list(), own.labels.to_list())
    script = ctx.actions.declare_file(ctx.label.name)

    # libFuzzer adds what it finds to the folder, so it gets a copy. Leaks are
    # not looked for: that needs ptrace, which containers often forbid.
    ctx.actions.write(script, is_executable = True, content = """#!/usr/bin/env bash
set -euo pipefail
mkdir "$TEST_TMPDIR/corpus"
cp -L {corpus} "$TEST_TMPDIR/corpus"
ASAN_OPTIONS=detect_leaks=0 exec {binary} -seed=1 -max_total_time={seconds} \\
  -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \\
  -artifact_prefix="$TEST_UNDECLARED_OUTPUTS_DIR/" "$TEST_TMPDIR/corpus"
""".format(
        binary = binary.short_path,
        corpus = " ".join([f.short_path for f in ctx.files.corpus]),
        seconds = ctx.attr.seconds,
    ))
    return [DefaultInfo(
        executable = script,
        runfiles = ctx.runfiles(files = [binary] + ctx.files.corpus),
    )]

_libfuzzer_test = rule(
    implementation = _libfuzzer_test_impl,
    attrs = dict(
        _CLANG,
        target = attr.label(mandatory = True, providers = [CcInfo], aspects = [_fuzz_objects]),
        corpus = attr.label_list(allow_files = True, mandatory = True),
        seconds = attr.int(mandatory = True),
    ),
    test = True,
)

def fuzz_test(name, srcs, corpus, deps, seconds = 5):
    """Declares the library NAME and the tests NAME_replay_test and NAME_test.

    Args:
      name: of the library.
      srcs: define LLVMFuzzerTestOneInput (tools/base/fuzz_target.h).
      corpus: files to start from, valid and invalid.
      deps: libraries; the sources of our own among them are compiled again.
      seconds: how long libFuzzer searches.
    """
    cc_library(
        name = name,
        testonly = True,
        srcs = srcs,
        deps = deps + ["//tools/base:fuzz_target"],
    )
    cc_test(
        name = name + "_replay_test",
        size = "small",
        srcs = ["//tools/base:fuzz_replay.cc"],
        args = ["$(location %s)" % f for f in corpus],
        data = corpus,
        deps = [
            ":" + name,
            "//tools/base:file",
            "//tools/base:fuzz_target",
            "//tools/base:random",
        ],
    )
    _libfuzzer_test(
        name = name + "_test",
        size = "small",
        corpus = corpus,
        seconds = seconds,
        # It has clang's.
        tags = ["no_sanitizer"],
        target = ":" + name,
    )
