#!/usr/bin/env bash
# mutants_test.sh MUTANTS: its mutants of a small source, and the verdicts of a
# stand-in for Bazel.
set -euo pipefail
command -v python3 >/dev/null || {
  echo "SKIPPED: there is no python3 (tools/packages_ci.txt)"
  exit 0
}
mutants=$PWD/$1
cd "$TEST_TMPDIR"

# Of every kind, and what is left alone: comments, strings, characters, checks,
# directives, templates, pointers, signs, digits of longer numbers.
cat >kinds.cc <<'END_SOURCE'
#define ONE 1 + 1
// a < b && 2
int F(const T* const p, std::vector<int> v) {  /* 0 */
  CHECK(p != nullptr && v.size() > 0) << "+ 1 +" << '2';
  const bool on = true;
  if (*p < v.size() &&
      on) {
    total_ += std::min(v[0], -10);
    RETURN_IF_ERROR(Add("x < 0",
                        p));
  }
  if (auto it = Find(1e-2); !it) continue;
  return 20 - 1.0;
}
END_SOURCE
"$mutants" --list kinds.cc | cut -f2-5 | sed 's/^kinds.cc://' | sort -t: -k1,1n -k2,2n -s >listed
cat listed
diff - listed <<'END_EXPECTED'
5:19	value	"true"	"false"
6:7	condition	"*p < v.size() &&\n      on"	"!(*p < v.size() &&\n      on)"
6:10	operator	"<"	"<="
6:21	operator	"&&"	"||"
8:5	statement	"total_ += std::min(v[0], -10)"	""
8:12	operator	"+="	"-="
8:20	extreme	"min"	"max"
8:26	constant	"0"	"1"
9:5	statement	"RETURN_IF_ERROR(Add(\"x < 0\",\n                        p))"	""
12:29	not	"!"	""
12:29	condition	"!it"	"!(!it)"
12:34	jump	"continue"	""
13:13	operator	"-"	"+"
13:15	constant	"1"	"0"
13:15	constant	"1"	"2"
END_EXPECTED

# Bazel, as far as it matters: what it says of each content of the source, and
# that a copy in no disk cache is asked for where there is a mutant.
cat >bazelw <<'END_BAZEL'
#!/usr/bin/env bash
case $(<source.cc) in
  'bool f = 0 == 2;' | 'bool f = true;') exit 0 ;;
  'bool f = 0 != 2;') status=3 ;;
  'bool f = 1 == 2;') status=3; echo "//x:y_test TIMEOUT in 60.0s" ;;
  'bool f = 0 == 1;') status=1; echo "ERROR: $REFUSAL" ;;
  'bool f = 0 == 3;') status=${LAST:-0} ;;
  *) status=2 ;;
esac
[[ " $* " == *" --disk_cache= "* ]] || exit 2
case $status in INT | HUP) kill -"$status" $PPID && exit 0 ;; esac
exit $status
END_BAZEL
chmod +x bazelw
echo 'bool f = 0 == 2;' >source.cc
cp source.cc before
# In the words of Bazel 4 and of later ones.
for refusal in "C++ compilation of rule '//x:y' failed" \
  'Compiling x/y.cc failed: (Exit 1): gcc failed' "Linking of rule '//x:y' failed"; do
  REFUSAL=$refusal "$mutants" --report=report --tests=//x:y_test --count=9 source.cc |
    grep '^1 killed, 1 not compiled, 1 survived, 1 timed out$'
done
# What a program of the tests' makes is no compiler's.
REFUSAL='Compiling the tables failed' "$mutants" --report=made --tests=//x:y_test --count=9 \
  source.cc | grep '^2 killed, 1 survived, 1 timed out$'
cut -f1,2,4,5 report | diff - <(printf '%s\n' \
  $'timed out\tsource.cc:1:10\t"0"\t"1"' $'killed\tsource.cc:1:12\t"=="\t"!="' \
  $'not compiled\tsource.cc:1:15\t"2"\t"1"' $'survived\tsource.cc:1:15\t"2"\t"3"') || {
  cat report
  exit 1
}
cmp before source.cc
# The survivors once more, of which a test has learned.
LAST=3 "$mutants" --report=second --again=report --tests=//x:y_test | grep '^1 killed$'
# The file is as it was after an interruption, and after what Bazel cannot do.
for status in INT HUP 2; do
  ! LAST=$status "$mutants" --report=third --again=report --tests=//x:y_test || exit 1
  cmp before source.cc
done
# Not what has changed since.
echo 'bool f = true;' >source.cc
! "$mutants" --report=third --again=report --tests=//x:y_test 2>said || exit 1
grep '^source.cc has changed since the earlier report$' said
# Not where tests fail by themselves.
echo 'bool f = 0 != 2;' >source.cc
! "$mutants" --report=fourth --tests=//x:y_test source.cc || exit 1
echo PASSED
