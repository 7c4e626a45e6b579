"""Hands on the sh_binary that Bazel has built in (until 8)."""

sh_binary = native.sh_binary
