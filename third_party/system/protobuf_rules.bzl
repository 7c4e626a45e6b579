"""Protobuf's rules where its own releases have them: in @com_google_protobuf//bazel.

Debian's packages have none, so these hand on what Bazel has built in (until 8).
"""

# Bazel 4's --incompatible_load_*_rules_from_bzl ask for it.
_TAGS = [
    "__CC_RULES_MIGRATION_DO_NOT_USE_WILL_BREAK__",
    "__PROTO_RULES_MIGRATION_DO_NOT_USE_WILL_BREAK__",
]

def proto_library(tags = [], **kwargs):
    native.proto_library(tags = tags + _TAGS, **kwargs)

def cc_proto_library(tags = [], **kwargs):
    native.cc_proto_library(tags = tags + _TAGS, **kwargs)

def proto_lang_toolchain(tags = [], **kwargs):
    native.proto_lang_toolchain(tags = tags + _TAGS, **kwargs)
