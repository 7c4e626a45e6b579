"""bench(): a Google Benchmark binary, and a test that it runs."""

load("@rules_shell//shell:sh_test.bzl", "sh_test")
load("//tools:cc.bzl", "cc_binary")

def bench(name, srcs, deps = [], data = [], test_filter = "."):
    """Declares NAME, and NAME_runs_test, which runs every benchmark once.

    Args:
      name: of the binary.
      srcs: its sources.
      deps: its libraries.
      data: files it reads.
      test_filter: Google Benchmark's filter for the test; "-" in front
        excludes.
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        data = data,
        deps = deps + ["@com_github_google_benchmark//:benchmark_main"],
    )
    sh_test(
        name = name + "_runs_test",
        # Some run at full size, once.
        size = "medium",
        srcs = ["run_once.sh"],
        args = ["$(location :%s)" % name, "'--benchmark_filter=%s'" % test_filter],
        data = [":" + name],
    )
