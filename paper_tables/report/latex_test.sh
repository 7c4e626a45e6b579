#!/usr/bin/env bash
# latex_test.sh DIR: compiles a small document with everything that DIR, the output
# of //paper_tables:latex, has. Skipped where there is no LaTeX.
set -euo pipefail
for program in pdflatex pdftotext; do
  if ! command -v $program >/dev/null; then
    echo "SKIPPED: no $program here; tools/packages_ci.txt has what this test needs"
    exit 0
  fi
done
fail() {
  echo "FAIL: $*" >&2
  exit 1
}
files=$(readlink -f "$1")
cd "$TEST_TMPDIR"
export HOME=$TEST_TMPDIR TEXMFVAR=$TEST_TMPDIR/var
compile() { pdflatex -interaction=nonstopmode -halt-on-error "$1" >"$1.out" 2>&1; }
head='\documentclass{article}
\usepackage[a3paper,landscape,margin=1cm]{geometry}
\usepackage{booktabs,amssymb,graphicx}
\extrafloats{200}
\newcommand\AGpath{'$files/'}
\input{'$files/numbers.tex'}
\begin{document}'

{
  echo "$head"
  echo 'value[\AGnum[round-mode=figures,round-precision=2]{table3/a9a/adagrad/m64}]
    pub[\AGpub{table3/a9a/adagrad/m64}] verdict[\AGverdict{table3/a9a/adagrad/m64}]
    pm[\AGnum[round-mode=places,round-precision=1]{table2/a4a/smoothness_l1}]
    \ifdim \AG{table3/a9a/adagrad/m64}pt<\AG{table3/a9a/sgd/m64}pt below\else above\fi
    \edef\word{\AGverdict{table3/a9a/adagrad/m64}}
    \begin{figure}\caption{In a caption: \AGpub{table3/a9a/sgd/m64}}\end{figure}'
  for file in "$files"/table_*.tex "$files"/figure_*.tex; do
    echo "\\input{$file}\\clearpage"
  done
  echo '\end{document}'
} >all.tex
compile all || fail "$(tail -n 30 all.out)"
text=$(pdftotext all.pdf - | tr '\n' ' ')
pub=$(sed -n 's/^\\AnisogradSet{table3\/a9a\/adagrad\/m64}{pub}{\(.*\)}/\1/p' "$files/numbers.tex")
for words in "pub[$pub]" 'verdict[MATCH]' below 'In a caption: ' 'Figure 1' 'Table 1'; do
  [[ $text == *"$words"* ]] || fail "no \"$words\" in: ${text:0:600}"
done
[[ $text =~ value\[0\.000\ ?1[0-9]\] ]] || fail "not rounded: ${text:0:300}"

# A key that is not there, and a field that is not there, are errors.
for bad in '\AG{table3/a9a/adagrad/m63}' '\AGpub{table3/a9a/adam/m64}'; do
  printf '%s\n' "$head" "$bad" '\end{document}' >bad.tex
  ! compile bad || fail "$bad is no error"
  tr -d '\n' <bad.out | grep -q 'There is no' || fail "$bad: $(tail -n 20 bad.out)"
done

# The hook sees every field.
{
  echo '\documentclass{article}\newcount\fields
\newcommand\AnisogradSet[3]{\global\advance\fields1 }
\input{'"$files"'/numbers.tex}
\begin{document}fields[\the\fields]\end{document}'
} >hook.tex
compile hook || fail "$(tail -n 20 hook.out)"
count=$(grep -c '^\\AnisogradSet' "$files/numbers.tex")
[[ $(pdftotext hook.pdf -) == *"fields[$count]"* ]] || fail "not $count fields"
echo PASS
