#!/usr/bin/env bash
# printers_test.sh PRINT_TABLE PRINT_FIGURES SHOW SHOW_RESULT OPEN_REPORT COPY_LATEX:
# the scripts behind
# `bazel run`, from a made-up folder of runfiles.
set -euo pipefail
print_table=$PWD/$1 print_figures=$PWD/$2 show=$PWD/$3 show_result=$PWD/$4
open_report=$PWD/$5 copy_latex=$PWD/$6
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
root=$TEST_TMPDIR
user=$root/user
runfiles=$root/x.runfiles/anisograd
mkdir -p "$user" "$root"/x.runfiles/anisograd/{paper_tables,figures,experiments}
ln -s "$PWD/tools" "$runfiles/tools"
cd "$runfiles"
for extension in txt md tex csv; do echo t >"paper_tables/all.$extension"; done
for extension in svg pdf png csv txt; do echo f >"figures/one.$extension"; done
export BUILD_WORKING_DIRECTORY=$user

for command in "$print_table all" "$print_figures one --"; do
  $command >"$root/out"
  grep -q '^Files: bazel-bin/' "$root/out" || fail "$command: no Files"
  $command --help | grep -q '^usage: ' || fail "$command: no usage"
  for wrong in --nonsense stray --out=; do
    status=0
    $command "$wrong" >"$root/out" 2>"$root/errors" || status=$?
    [[ $status == 1 && $(<"$root/errors") == 'ERROR: '*"$wrong"* &&
      ! -s $root/out ]] || fail "$command $wrong: $status $(<"$root/errors")"
  done
  # Before anything is printed.
  ! $command --out=/dev/null/x >"$root/out" 2>/dev/null || fail "/dev/null/x"
  [[ ! -s $root/out ]] || fail "$command prints before it fails"
  ! $command >/dev/full 2>/dev/null || fail "$command: a full device"
  $command --out=to >"$root/out"
  env ANISOGRAD_WORKING_DIRECTORY="$root/elsewhere" $command --out=to >/dev/null
done
for folder in user elsewhere; do
  for file in all.txt all.md all.tex all.csv one.svg one.pdf one.png one.csv; do
    [[ -s $root/$folder/to/$file ]] || fail "no $folder/to/$file"
  done
done

# The page and the files for LaTeX.
echo p >report.html
mkdir -p latex
echo n >latex/numbers.tex
echo t >latex/table_one.tex
for command in "$open_report report.html" "$copy_latex latex"; do
  $command --help | grep -q '^usage: ' || fail "$command: no usage"
  for wrong in --nonsense stray --out=; do
    ! $command "$wrong" >"$root/out" 2>"$root/errors" || fail "$command $wrong"
    [[ $(<"$root/errors") == 'ERROR: '*"$wrong"* ]] || fail "$(<"$root/errors")"
  done
  ! $command --out=/dev/null/x >/dev/null 2>&1 || fail "/dev/null/x"
  $command --out=to >"$root/out"
  [[ $(<"$root/out") == "$user"/to* ]] || fail "$(<"$root/out")"
done
[[ $("$open_report" report.html) == "$runfiles/report.html" ]] || fail "no path"
[[ $("$copy_latex" latex) == *": numbers.tex, 1 tables, 0 figures" ]] ||
  fail "$("$copy_latex" latex)"
[[ -s $user/to/report.html && -s $user/to/numbers.tex ]] || fail "not copied"
BROWSER='cat' "$open_report" report.html --open | grep -qx p || fail "not opened"

# A result in the user's folder, whatever its name; one that is none.
cp "$show_result" experiments/show_result
: >"$user/empty"
run_show() { "$show" experiments/show_result "$@" >"$root/out" 2>"$root/errors"; }
! run_show empty || fail "an empty file is a result"
[[ $(<"$root/errors") == 'ERROR: empty: spec: '* ]] || fail "$(<"$root/errors")"
! run_show nonesuch || fail "nonesuch"
[[ $(<"$root/errors") == 'ERROR: no result of "nonesuch"'* ]] ||
  fail "$(<"$root/errors")"
! run_show --nonsense empty || fail "--nonsense"
[[ $(<"$root/errors") == ERROR:* ]] || fail "$(<"$root/errors")"
run_show --help || fail "--help"
echo PASS
