"""cuda_bench(): a Google Benchmark binary for a GPU, tested on the emulator."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//third_party/cuda:defs.bzl", "cuda_library")
load("//tools:cc.bzl", "cc_binary")

def cuda_bench(name, srcs, deps = [], cuda_deps = []):
    """Declares NAME, which has no benchmarks where there is no CUDA toolkit.

    NAME_runs_test runs every benchmark once on the emulator, at the size that
    the source has for it.

    Args:
      name: of the binary.
      srcs: .cu and .cc files.
      deps: libraries that know nothing of CUDA.
      cuda_deps: cuda_library() targets.
    """
    cuda_library(
        name = name + "_on_device",
        testonly = True,
        srcs = srcs,
        deps = deps + ["@com_github_google_benchmark//:benchmark"],
        cuda_deps = cuda_deps + ["//tools/bench/cuda:device_benchmark"],
    )
    main = "@com_github_google_benchmark//:benchmark_main"
    cc_binary(
        name = name,
        testonly = True,
        visibility = ["//tools:__pkg__"],
        deps = [":%s_on_device" % name, main],
    )
    cc_binary(
        name = name + "_emulated",
        testonly = True,
        deps = [":%s_on_device_emulated" % name, main],
    )
    sh_test(
        name = name + "_runs_test",
        size = "small",
        srcs = ["//tools/bench:run_once.sh"],
        args = ["$(location :%s_emulated)" % name],
        data = [":%s_emulated" % name],
    )
