"""Hands on the sh_test that Bazel has built in (until 8)."""

sh_test = native.sh_test
