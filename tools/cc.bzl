"""cc_library() and cc_binary() as all of ours are: with common.h, parsed once."""

load("@rules_cc//cc:defs.bzl", _cc_binary = "cc_binary", _cc_library = "cc_library")

_COMMON = "//third_party/system:common"

# Not what reads nothing, nor what is compiled in a way of its own, for which g++
# would parse common.h anew. lint.py has each file include what it uses all the
# same.
def _with_common(attributes):
    sources = [s for s in attributes.get("srcs", []) if s.endswith(".cc")]
    if not sources or not attributes.get("deps") or attributes.get("copts"):
        return attributes
    return dict(
        attributes,
        copts = ["-include", "common.h"],
        deps = attributes["deps"] + [_COMMON],
    )

def cc_library(**attributes):
    _cc_library(**_with_common(attributes))

def cc_binary(**attributes):
    _cc_binary(**_with_common(attributes))
