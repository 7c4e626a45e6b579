"""bench(): a Google Benchmark binary, and a test that it runs."""

def bench(name, srcs, deps = [], data = []):
    native.cc_binary(
        name = name,
        testonly = True,
        srcs = srcs,
        data = data,
        deps = deps + ["@com_github_google_benchmark//:benchmark_main"],
    )
    native.sh_test(
        name = name + "_runs_test",
        # Some run at full size, once.
        size = "medium",
        srcs = ["run_once.sh"],
        args = ["$(location :%s)" % name],
        data = [":" + name],
    )
