#!/usr/bin/env bash
# Holds what runs elsewhere to the tree: each `run:` of the workflow and each step of
# the Containerfile parses, and is a program of the tree, a command that README.md or
# docs/usage.md has, or an installation; the cache is where .bazelrc has it; and
# tools/bare_machine.sh reads the same steps.
#
#   workflow_test.sh WORKFLOW CONTAINERFILE BAZELRC README USAGE CI_RUN BARE_MACHINE
set -euo pipefail
workflow=$1 containerfile=$2 bazelrc=$3 readme=$4 usage=$5 ci_run=$6 bare=$7
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# known COMMAND: without --config=ci it is one that the pages show.
known() {
  local bare_command=${1//--config=ci /}
  case $1 in
    'apt-get update' | "grep -v '^#' /srv/packages.txt | xargs apt-get install -y --no-install-recommends") return ;;
    .ci/run) [[ -x $ci_run ]] ; return ;;
    'echo "BAZEL_HOME='*) return ;; # executed below
  esac
  # Up to what is asked of a program: its value is the reader's.
  bare_command=${bare_command%%=*}
  grep -qF -e "$bare_command" -e "${bare_command#./bazelw }" "$readme" "$usage"
}
check() {
  local what=$1 count=0 line part
  shift
  for line in "$@"; do
    bash -n <<<"$line" || fail "$what: \"$line\" is no command"
    while read -r part; do
      known "$part" || fail "$what: no page shows \"$part\""
      ((++count))
    done <<<"${line// && /$'\n'}"
  done
  ((count >= 3)) || fail "$what: only $count commands"
  echo "$what: $count commands"
}

mapfile -t runs < <(sed -nE 's/^ *- run: //p' "$workflow")
check "$workflow" "${runs[@]}"
mapfile -t steps < <(sed -nE 's/^(RUN|CMD) //p' "$containerfile")
check "$containerfile" "${steps[@]}"
(($(wc -l <"$containerfile") < 15)) || fail "$containerfile: 15 lines or more"

cache=$(sed -nE 's/^build --disk_cache=~\///p' "$bazelrc")
[[ $cache ]] && (($(grep -cxF "          path: \${{ env.BAZEL_HOME }}/$cache" "$workflow") == 2)) &&
  grep -qF " a volume at $cache in root's home" "$containerfile" || fail "another cache than .bazelrc's"
# What a red run has made is kept and shown: all that follows it.
grep -qxF 'permissions:' "$workflow" || fail "a token that may write"
awk '/^ +- /{ ++steps } /^ +if: always[(][)]$/ { ++always } /run: [.]ci\/run$/ { steps = always = 0 }
  END { exit !(steps == always && steps >= 3) }' "$workflow" || fail "a red run skips a step"
# Where Bazel's ~ is, with another HOME.
for line in "${runs[@]}"; do
  [[ $line != *BAZEL_HOME=* ]] || HOME=/nowhere GITHUB_ENV=$TEST_TMPDIR/env bash -c "$line"
done
[[ $(<"$TEST_TMPDIR/env") == BAZEL_HOME=$(env -u HOME bash -c 'echo ~') ]] || fail "another home than Bazel's"

# The script takes its steps from the Containerfile, whatever these are.
(source /dev/stdin <<<"$(grep -E '^steps\(\)' "$bare")"
  cd "$(dirname "$containerfile")"
  [[ $(steps RUN; steps CMD) == "$(printf '%s\n' "${steps[@]}")" ]]) ||
  fail "$bare does other steps"
# CI names what skipped, and no other test.
(source /dev/stdin <<<"$(sed -n '/^skipped() {/,/^}/p' "$ci_run")"
  printf 'SKIPPED: there is no x\nSKIPPED: twice\n' >"$TEST_TMPDIR/skips.log"
  echo 'nothing was SKIPPED: here' >"$TEST_TMPDIR/passes.log"
  for name in skips passes; do
    printf '{"id":{"testResult":{"label":"//a:%s","run":1}},"testResult":{"testActionOutput":[{%s' \
      $name "\"name\":\"test.log\",\"uri\":\"file://$TEST_TMPDIR/$name.log\"},{\"name\":\"test.xml\"}]}}"
    echo
  done >"$TEST_TMPDIR/events"
  [[ $(skipped "$TEST_TMPDIR/events") == '//a:skips: there is no x' ]]) || fail "CI's skips are others"
# The check can fail.
! known 'make install' || fail "anything goes"
