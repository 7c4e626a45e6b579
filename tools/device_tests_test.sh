#!/usr/bin/env bash
# The program of all GPU tests starts on a machine without a GPU, and has tests
# in it where there was a toolkit to compile them.
set -euo pipefail
tests=$(tools/device_tests --gtest_list_tests | grep -c '^  ' || true)
case $1 in
  compiled) ((tests > 0)) ;;
  absent)
    echo "no CUDA toolkit: nothing was compiled"
    ((tests == 0))
    ;;
esac
