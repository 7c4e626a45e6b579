"""cuda_library(), cuda_test() and cuda_binary(): CUDA C++ that is built twice.

    cuda_library(name = "adagrad_cuda", srcs = ["adagrad.cu"], hdrs = ["adagrad_cuda.h"], ...)
    cuda_test(name = "adagrad_cuda_test", srcs = ["adagrad_cuda_test.cc"], cuda_deps = [":adagrad_cuda"])

gives :adagrad_cuda, compiled by nvcc (empty where there is no toolkit), and
:adagrad_cuda_emulated, the same sources compiled by the C++ compiler against
//tools/cuda/emulator, which runs kernels on the CPU. The test runs on the
emulator, everywhere; :adagrad_cuda_test_on_device is the same test as a library,
to be linked into the one test program for GPUs, //tools:device_tests.
"""

load("@local_config_cuda//:config.bzl", "CUDA_ROOT", "NVCC_VERSION")
load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_library", "cc_test")

# Machine code for A100 and H100/H200, PTX for whatever comes after.
_GENCODE = [
    "-gencode=arch=compute_80,code=sm_80",
    "-gencode=arch=compute_90a,code=sm_90a",
    "-gencode=arch=compute_90,code=compute_90",
]

_CUDA = "//third_party/cuda:enabled"
_EMULATOR = "//tools/cuda/emulator"

def _cuda_object_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".pic.o")
    contexts = [d[CcInfo].compilation_context for d in ctx.attr.deps]
    args = ctx.actions.args()
    args.add("-c", ctx.file.src)
    args.add("-o", out)
    args.add_all(_GENCODE)
    # As .bazelrc has it for the host: no contraction of a*b+c that the code does
    # not ask for.
    args.add_all([
        "-std=c++17",
        "-O3",
        "--fmad=false",
        "--expt-relaxed-constexpr",
        "-ccbin=/usr/bin/g++",
        "-Xcompiler=-fPIC,-ffp-contract=off",
        "-Werror=cross-execution-space-call",
        # Kernels are written to stay in registers; the log says where one does
        # not. No error: it is up to nvcc's release.
        "-Xptxas=--warn-on-spills,--warn-on-local-memory-usage",
    ])
    args.add("-I", ".")
    args.add("-I", ctx.bin_dir.path)
    for c in contexts:
        args.add_all(c.quote_includes, before_each = "-I")
        args.add_all(c.includes, before_each = "-I")
        args.add_all(c.system_includes, before_each = "-isystem")
    args.add_all(ctx.attr.copts)

    # Without --keep, nvcc names its temporary files by process id, and one such
    # name ends up in the object file.
    keep = out.path + ".keep"
    ctx.actions.run_shell(
        command = ("mkdir -p {k} && {n} \"$@\" --keep --keep-dir={k}; rc=$?; " +
                   "rm -rf {k}; exit $rc").format(k = keep, n = CUDA_ROOT + "/bin/nvcc"),
        arguments = [args],
        inputs = depset(
            [ctx.file.src] + ctx.files.hdrs + ctx.files._compiler,
            transitive = [c.headers for c in contexts],
        ),
        outputs = [out],
        mnemonic = "CudaCompile",
        progress_message = "Compiling %s with nvcc %s" % (ctx.file.src.short_path, NVCC_VERSION),
        # The version is part of the action's key through the environment: patches of
        # one release make other code.
        env = {
            "PATH": CUDA_ROOT + "/bin:/usr/bin:/bin",
            "NVCC_VERSION": NVCC_VERSION,
            "TMPDIR": "/tmp",
        },
    )
    return [DefaultInfo(files = depset([out]))]

_cuda_object = rule(
    implementation = _cuda_object_impl,
    attrs = {
        "src": attr.label(allow_single_file = [".cu"], mandatory = True),
        "hdrs": attr.label_list(allow_files = True),
        "deps": attr.label_list(providers = [CcInfo]),
        "copts": attr.string_list(),
        "_compiler": attr.label(default = "//third_party/toolchain:compiler"),
    },
)

def _emulated(label):
    """The emulated variant of a cuda_library's label."""
    if ":" in label:
        return label + "_emulated"
    return label + ":" + label.rsplit("/")[-1] + "_emulated"

def cuda_library(
        name,
        srcs = [],
        hdrs = [],
        deps = [],
        cuda_deps = [],
        device_srcs = [],
        device_deps = [],
        emulated_srcs = [],
        emulated_deps = [],
        copts = [],
        testonly = False,
        visibility = None):
    """Declares NAME, for the GPU, and NAME_emulated, for the emulator.

    Args:
      name: of the target.
      srcs: .cu and .cc files of both.
      hdrs: .h and .cuh files.
      deps: libraries that know nothing of CUDA.
      cuda_deps: other cuda_library() targets.
      device_srcs: .cc files of NAME alone.
      device_deps: libraries of NAME alone, such as
        @local_config_cuda//:cublasLt.
      emulated_srcs: .cc files of NAME_emulated alone.
      emulated_deps: libraries likewise.
      copts: for nvcc.
      testonly: whether tests alone may use it.
      visibility: of both.
    """
    cuda = ["@local_config_cuda//:cudart"]
    objects = []
    host = []
    for src in srcs:
        if not src.endswith(".cu"):
            host.append(src)
            continue
        obj = name + "_" + src.rsplit("/")[-1].replace(".cu", "_cu")
        _cuda_object(
            name = obj,
            src = src,
            hdrs = hdrs,
            deps = deps + cuda_deps + cuda,
            copts = copts,
            tags = ["manual"],
            testonly = testonly,
        )
        objects.append(":" + obj)
    cc_library(
        name = name,
        srcs = select({
            _CUDA: objects + host + device_srcs,
            "//conditions:default": [],
        }),
        hdrs = hdrs,
        deps = deps + cuda_deps + select({
            _CUDA: cuda + device_deps,
            "//conditions:default": [],
        }),
        linkstatic = True,
        alwayslink = testonly,
        testonly = testonly,
        visibility = visibility,
    )

    host = []
    for src in srcs:
        if not src.endswith(".cu"):
            host.append(src)
            continue
        copy = name + "_" + src.rsplit("/")[-1].replace(".cu", "_emulated.cc")
        native.genrule(
            name = copy.replace(".", "_"),
            srcs = [src],
            outs = [copy],
            cmd = "cp $< $@",
            testonly = testonly,
        )
        host.append(copy)
    cc_library(
        name = name + "_emulated",
        testonly = True,
        srcs = host + emulated_srcs,
        hdrs = hdrs,
        copts = ["-Wno-unknown-pragmas"],
        alwayslink = testonly,
        deps = deps + [_emulated(d) for d in cuda_deps] + emulated_deps + [_EMULATOR],
        visibility = visibility,
    )

def cuda_test(name, srcs, deps = [], cuda_deps = [], data = [], size = "small", **kwargs):
    """Declares NAME, which runs on the emulator, and NAME_on_device.

    Args:
      name: of the test.
      srcs: .cc or .cu files; tests that a CPU cannot finish in seconds skip
        themselves where tools/cuda/emulated.h says kEmulated.
      deps: libraries that know nothing of CUDA.
      cuda_deps: cuda_library() targets under test.
      data: files it reads.
      size: of the test.
      **kwargs: for the test on the emulator.
    """
    cuda_library(
        name = name + "_on_device",
        testonly = True,
        srcs = srcs,
        deps = deps + ["@com_google_googletest//:gtest"],
        cuda_deps = cuda_deps,
        visibility = ["//visibility:public"],
    )
    cc_test(
        name = name,
        size = size,
        data = data,
        deps = [
            ":%s_on_device_emulated" % name,
            "@com_google_googletest//:gtest_main",
        ],
        **kwargs
    )

def cuda_binary(name, srcs, deps = [], cuda_deps = [], visibility = None):
    """Declares NAME, for the GPU, and NAME_emulated, which tests can run.

    Where there is no toolkit, NAME is a program that says so and fails.

    Args:
      name: of the program.
      srcs: .cc files.
      deps: libraries that know nothing of CUDA.
      cuda_deps: cuda_library() targets.
      visibility: of both.
    """
    cc_binary(
        name = name,
        srcs = select({
            _CUDA: srcs,
            "//conditions:default": ["//third_party/cuda:no_toolkit.cc"],
        }),
        deps = select({
            _CUDA: deps + cuda_deps,
            "//conditions:default": [],
        }),
        visibility = visibility,
    )
    cc_binary(
        name = name + "_emulated",
        testonly = True,
        srcs = srcs,
        deps = deps + [_emulated(d) for d in cuda_deps],
        visibility = visibility,
    )
