"""concept(): one concept of the tree, its library and its test."""

load("@rules_cc//cc:defs.bzl", "cc_test")
load(":cc.bzl", "cc_library")

def concept(
        name,
        deps = [],
        test_deps = [],
        test_data = [],
        header_only = False,
        copts = [],
        linkopts = [],
        visibility = None):
    """Declares the cc_library NAME and the cc_test NAME_test.

    They are made of NAME.h, NAME.cc and NAME_test.cc.

    Args:
      name: of the concept.
      deps: of the library.
      test_deps: of the test, beside the library and GoogleTest.
      test_data: files that the test reads.
      header_only: whether there is no NAME.cc.
      copts: of the library.
      linkopts: of the library.
      visibility: of the library.
    """
    cc_library(
        name = name,
        srcs = [] if header_only else [name + ".cc"],
        hdrs = [name + ".h"],
        copts = copts,
        linkopts = linkopts,
        visibility = visibility,
        deps = deps,
    )
    cc_test(
        name = name + "_test",
        size = "small",
        srcs = [name + "_test.cc"],
        data = test_data,
        deps = [
            ":" + name,
            "@com_google_googletest//:gtest_main",
        ] + test_deps,
    )
