#!/usr/bin/env bash
# Holds the tree to docs/architecture.md: asks Bazel for every rule and its direct
# inputs, and refuses an edge that runs against the order of the rooms. A tree
# whose edges all run one way has no dependency the other way at any depth.
#
#   layering_test.sh WORKSPACE     the file, as a runfile
set -euo pipefail

root=$(dirname "$(readlink -f "$1")")
query=(bazel --output_user_root="$TEST_TMPDIR/bazel" query --output=xml
  --noimplicit_deps --noshow_progress)

# Rooms, lowest first; those of one line know nothing of each other.
order='
tools/base
third_party
tools/cuda
data optim
experiments
experiments/gpt2/net experiments/logistic/problem
experiments/gpt2/spec experiments/logistic/lanes
experiments/gpt2/start experiments/logistic/optimum
experiments/gpt2/train experiments/logistic/train
experiments/gpt2/smoothness experiments/logistic/cuda
experiments/gpt2/record
experiments/gpt2 experiments/logistic
analysis
paper_tables
figures
paper_tables/report
tools
'

# Reads a query's answer, prints what runs against the order.
violations() {
  awk -v order="$order" '
    function room(label, path) {  # the longest room that the label lies in
      path = label; sub(/^\/\//, "", path); sub(/:.*/, "", path)
      while (path != "" && !(path in rank)) if (!sub(/\/[^\/]*$/, "", path)) path = ""
      return path
    }
    # Within experiments/ a test may use a neighbour to make what it reads.
    function group(r) { return test ? substr(r, 1, index(r "/", "/") - 1) : r }
    BEGIN {
      n = split(order, line, "\n")
      for (i = 1; i <= n; ++i) {
        m = split(line[i], names, " ")
        for (j = 1; j <= m; ++j) rank[names[j]] = i
      }
    }
    /<rule class=/ {
      test = /class="[a-z_]*_test"/; inputs = 0
      match($0, /name="[^"]*"/); from = substr($0, RSTART + 6, RLENGTH - 7)
    }
    /<boolean name="testonly" value="true"/ { test = 1 }
    /<rule-input name="\/\// { split($0, part, "\""); input[++inputs] = part[2] }
    /<\/rule>/ {
      ++rules
      # Programs that show whatever experiments/ makes, and names of what is made
      # of all tables and figures.
      if (from ~ /^\/\/(experiments:show|paper_tables:(report|latex)$)/) next
      for (i = 1; i <= inputs; ++i) {
        a = room(from); b = room(input[i])
        # Flags and macros that every BUILD file may name; files are no rules.
        if (b == "" || b == "third_party" || a == "tools") continue
        if (a == "") { print from " lies in no room"; continue }
        if (group(a) == group(b)) continue
        if (rank[b] < rank[a]) continue
        print from " (" a ") -> " input[i] " (" b ")"
      }
      delete input
    }
    END { if (rules == 0) print "no rules read" }'
}

cd "$root"
# Not //..., which follows the links bazel-* into another output base.
"${query[@]}" "$(printf '//%s/... + ' analysis data experiments figures optim \
  paper_tables third_party tools)//:all" >"$TEST_TMPDIR/tree.xml"
found=$(violations <"$TEST_TMPDIR/tree.xml")
if [[ -n $found ]]; then
  printf 'Against the order of the rooms (docs/architecture.md):\n%s\n' "$found"
  exit 1
fi

# The check can fail.
made_up='<rule class="cc_library" name="//data:csr">
<rule-input name="//experiments/logistic/train:cell"/>
</rule>'
[[ $(violations <<<"$made_up") == *'//data:csr (data) -> //experiments/'* ]]
grep -c '<rule ' "$TEST_TMPDIR/tree.xml" | sed 's/$/ rules, no edge against the order/'
