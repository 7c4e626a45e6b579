# gpu_tests.sh: the part of gpu_run.sh that runs device_tests; it is sourced.

# Sets `chosen` to the tests that --filter leaves, each suite's as one filter of
# GoogleTest's, and prints them with --list. What most else rests on comes first,
# what takes a sanitizer longest last.
choose_suites() {
  mapfile -t chosen < <(ours "$here/bin/device_tests" --gtest_list_tests |
    WANTED=$filter awk '
      function end_of_suite() {
        if (all > 0) listed = 1
        if (some == "") return
        rank = suite ~ /Gpt2Cuda|TrainableModel|MatrixProduct/ ? 1 : \
          suite ~ /FamilyTrainer/ ? 3 : 2
        print rank "\t" (left == all ? suite "*" : some)
      }
      /^[A-Za-z0-9_\/]+[.]( |$)/ {
        end_of_suite()
        suite = $1; all = left = 0; some = ""
      }
      /^  / && suite {
        ++all
        if (suite $1 ~ ENVIRON["WANTED"]) {
          ++left
          some = some (some == "" ? "" : ":") suite $1
        }
      }
      END { end_of_suite(); if (!listed) print "1\t*" }' |
    sort -s -n -k1,1 | cut -f2)
  if ((${#chosen[@]} == 0)); then
    complain "no test's name matches $filter"
  elif [[ -n $list ]]; then
    printf '%s\n' "${chosen[@]}"
  else
    return 0
  fi
  exit "$failed"
}

# LOG COMMAND...: runs the chosen suites one after the other, each by COMMAND; sets
# `bad` to those that failed, and says which did, which were stopped and which there
# was no time for.
test_by_suite() {
  local log=$1 suite
  shift
  local -a late=() left=()
  bad=()
  for suite in "${chosen[@]}"; do
    if ! time_is_left "$suite" 2>/dev/null; then
      left+=("$suite")
      continue
    fi
    logged "$log" ours within_time "$@" "$here/bin/device_tests" \
      --gtest_filter="$suite" 2>&1
    case $suite_status in
      0) ;;
      124 | 137) late+=("$suite") ;;
      *) bad+=("$suite") ;;
    esac
    # Of a device that it does not know a sanitizer says so for every suite, and
    # runs none.
    if (($# > 0)) && grep -q '^=.*not supported' "$logs/$log"; then
      complain "this sanitizer does not support this device"
      exit 1
    fi
  done
  echo "${#chosen[@]} suites, ${#bad[@]} failed${bad[*]:+: ${bad[*]}}"\
"${late[*]:+; out of time: ${late[*]}}${left[*]:+; no time for ${left[*]}}" |
    tee -a "$logs/$log"
  pack_up
}

# The same in one process, which loads CUDA's libraries once, in two thirds
# of the time. Whether that went well.
test_at_once() {
  time_is_left tests 2>/dev/null || return
  local deadline=${deadline:+$((SECONDS + 2 * (deadline - SECONDS) / 3))} all
  all=$(IFS=: && echo "${chosen[*]}")
  logged device_tests.log ours within_time "$here/bin/device_tests" \
    --gtest_filter="$all" 2>&1
  if ((suite_status != 0)); then return 1; fi
  echo "${#chosen[@]} suites, 0 failed" | tee -a "$logs/device_tests.log"
  pack_up
}

# gpu_run.sh tests
run_tests() {
  choose_suites
  : >"$logs/device_tests.log"
  test_at_once || test_by_suite device_tests.log
}

# gpu_run.sh sanitize
sanitize() {
  local sanitizer tool
  local -a command
  choose_suites
  sanitizer=$(command -v compute-sanitizer ||
    echo "${CUDA_HOME:-/usr/local/cuda}/bin/compute-sanitizer")
  if [[ ! -x $sanitizer ]]; then
    echo "gpu_run.sh: no compute-sanitizer in PATH or CUDA_HOME" >&2
    exit 1
  fi
  for tool in "${tools[@]}"; do
    command=("$sanitizer" --tool="$tool" --error-exitcode=9)
    if [[ $tool == memcheck ]]; then command+=(--report-api-errors=no); fi
    : >"$logs/$tool.log"
    test_by_suite "$tool.log" "${command[@]}"
    if [[ $tool == racecheck ]] && ((${#bad[@]} > 0)); then
      : >"$logs/racecheck_sync.log"
      (chosen=("${bad[@]}")
        test_by_suite racecheck_sync.log "${command[@]}" \
          --racecheck-memcpy-async=no)
    fi
  done
}
