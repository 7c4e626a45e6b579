#!/usr/bin/env bash
# programs_test.sh PROGRAM...: what users may expect of every program
# (tools/base/program.h), told by the usage that it shows.
set -uo pipefail
failed=0
errors=$TEST_TMPDIR/errors out=$TEST_TMPDIR/out
# A pipe that nobody reads.
mkfifo "$TEST_TMPDIR/pipe"
exec 8<>"$TEST_TMPDIR/pipe" 9>"$TEST_TMPDIR/pipe" 8>&-

# PROGRAM WHAT STATUS TEXT: of the last run; what is not STATUS 0 is one line of
# error.
expect() {
  local text
  text=$(<"$errors")
  if [[ $status != "$3" || $text != *"$4"* ]] ||
    [[ $3 == 1 && ($text != "ERROR: "* || $(wc -l <"$errors") != 1) ]]; then
    echo "FAIL: $1 $2: exit $status: $text" >&2
    failed=1
  fi
}
run() {
  "$@" >"$out" 2>"$errors" </dev/null
  status=$?
}

for program in "$@"; do
  run "$program" --help
  expect "$program" --help 0 ''
  usage=$(head -n 1 "$out")
  if [[ -s $errors || $usage != "usage: ${program##*/} "* ]]; then
    echo "FAIL: $program --help prints: $usage $(<"$errors")" >&2
    failed=1
  fi
  run "$program" --nonsense=1
  expect "$program" "with an unknown flag" 1 nonsense
  "$program" --help >/dev/full 2>"$errors"
  status=$?
  expect "$program" "on a full device" 1 \
    "ERROR: standard output: No space left on device"
  "$program" --help >&9 2>"$errors"
  status=$?
  expect "$program" "into a closed pipe" $((128 + 13)) ''

  # All that must be given, and what is written.
  required=() outputs=() arguments=false depth=0
  read -r -a words <<<"${usage#usage: * }"
  for word in "${words[@]}"; do
    opening=$(tr -cd '[' <<<"$word") closing=$(tr -cd ']' <<<"$word")
    ((depth += ${#opening}))
    word=${word//[][]/}
    flag=${word%%=*} placeholder=${word#*=}
    case $word in
      --*=OUT*)
        outputs+=("$flag")
        value=$TEST_TMPDIR/written
        ;;
      --*=[MN]) value=1 ;;
      --*=*) value=/nowhere/$placeholder ;;
      *) value= ;;
    esac
    if ((depth == 0)); then
      if [[ $word == --* ]]; then
        required+=("$flag=$value")
      else
        arguments=true
      fi
    fi
    ((depth -= ${#closing}))
  done
  run "$program"
  expect "$program" "without flags" 1 " is required"
  for ((i = 0; i < ${#required[@]}; ++i)); do
    run "$program" "${required[@]:0:i}" "${required[@]:i+1}"
    expect "$program" "without ${required[i]}" 1 \
      "${required[i]%%=*} is required"
  done
  if ! $arguments; then
    run "$program" "${required[@]}" stray
    expect "$program" "with a stray argument" 1 '"stray"'
  fi
  # Before anything is read: the inputs do not exist.
  for flag in "${outputs[@]}"; do
    run "$program" "${required[@]}" "$flag=$TEST_TMPDIR/none/written"
    expect "$program" "$flag in no folder" 1 "$TEST_TMPDIR/none/"
  done
  if ! $arguments; then
    run "$program" "${required[@]}"
    expect "$program" "without its inputs" 1 ''
  fi
  if [[ -e $TEST_TMPDIR/written ]]; then
    echo "FAIL: $program leaves a file after an error" >&2
    failed=1
    rm -r "$TEST_TMPDIR/written"
  fi
done
exit "$failed"
