"""cc_library() and cc_binary() as all of ours are: what they read is parsed once."""

load("@rules_cc//cc:defs.bzl", _cc_binary = "cc_binary", _cc_library = "cc_library")

_EIGEN = ["@eigen", "@eigen//:eigen"]

# Not where nothing is read, nor what is compiled in a way of its own, for which g++
# would parse the header anew. lint.py has each file include what it uses all the
# same. A select() cannot be looked into: as sources it goes without.
def _with_common(attributes):
    sources = attributes.get("srcs", [])
    if type(sources) == "select":
        return attributes
    sources = [s for s in sources if s.endswith(".cc")]
    deps = attributes.get("deps")
    if not sources or not deps or attributes.get("copts"):
        return attributes
    with_eigen = type(deps) != "select" and [d for d in deps if d in _EIGEN]
    header = "common_eigen" if with_eigen else "common"
    return dict(
        attributes,
        copts = ["-include", header + ".h"],
        deps = deps + ["//third_party/system:" + header],
    )

def cc_library(**attributes):
    _cc_library(**_with_common(attributes))

def cc_binary(**attributes):
    _cc_binary(**_with_common(attributes))
