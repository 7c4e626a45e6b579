"""Every library the project takes from the machine, one call each.

Adding one: a line in tools/packages.txt, a call here, a NAME.BUILD beside, and its
name in MODULE.bazel's use_repo().
"""

load(":system_package.bzl", "system_absl", "system_package")

def _package(name, build_file, **kwargs):
    system_package(
        name = name,
        build_file = "//third_party/system:" + build_file,
        **kwargs
    )

def system_repositories():
    """Declares the system libraries as external repositories."""
    system_absl(name = "com_google_absl")
    _package(
        "bzip2",
        "bzip2.BUILD",
        debian = "libbz2-dev",
        headers = {"/usr/include/bzlib.h": "bzlib.h"},
        libs = ["bz2.a"],
    )
    _package(
        "boost_context",
        "boost_context.BUILD",
        debian = "libboost-context-dev",
        headers = {"/usr/include/boost": "boost"},
        libs = ["boost_context.a"],
    )
    _package(
        "clang",
        "clang.BUILD",
        debian = "clang, libclang-rt-dev",
        files = {"/usr/bin/clang++": "bin/clang++"},
    )
    _package(
        "eigen",
        "eigen.BUILD",
        debian = "libeigen3-dev",
        headers = {"/usr/include/eigen3": "eigen3"},
    )
    _package(
        "highway",
        "highway.BUILD",
        debian = "libhwy-dev",
        headers = {"/usr/include/hwy": "hwy"},
    )
    _package(
        "com_google_protobuf",
        "protobuf.BUILD",
        debian = "libprotobuf-dev, protobuf-compiler",
        files = {"/usr/bin/protoc": "bin/protoc"},
        headers = {"/usr/include/google/protobuf": "google/protobuf"},
        libs = ["protobuf.a"],
        rules = [
            "bazel/cc_proto_library.bzl",
            "bazel/proto_library.bzl",
            "bazel/toolchains/proto_lang_toolchain.bzl",
        ],
        rules_file = "//third_party/system:protobuf_rules.bzl",
    )
    _package(
        "com_google_googletest",
        "gtest.BUILD",
        debian = "libgtest-dev, libgmock-dev",
        headers = {
            "/usr/include/gtest": "gtest",
            "/usr/include/gmock": "gmock",
        },
        libs = [
            "gtest.a",
            "gmock.a",
            "gmock_main.a",
        ],
        rules = ["bazel/precompiled_header.bzl"],
        rules_file = "//third_party/system:precompiled_header.bzl",
    )
    _package(
        "com_github_google_benchmark",
        "benchmark.BUILD",
        debian = "libbenchmark-dev",
        headers = {"/usr/include/benchmark": "benchmark"},
        libs = ["benchmark_main.a"],
    )
    _package(
        "libmd",
        "libmd.BUILD",
        debian = "libmd-dev",
        headers = {"/usr/include/sha2.h": "sha2.h"},
        libs = ["md.a"],
    )
    _package(
        "nlohmann_json",
        "nlohmann_json.BUILD",
        debian = "nlohmann-json3-dev",
        headers = {"/usr/include/nlohmann": "nlohmann"},
    )
    _package(
        "pcre2",
        "pcre2.BUILD",
        debian = "libpcre2-dev",
        headers = {"/usr/include/pcre2.h": "pcre2.h"},
        libs = ["pcre2-8.a"],
    )
