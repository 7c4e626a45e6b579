#!/usr/bin/env bash
# why.sh [BAZEL OPTION]... TARGET...: what has changed since the last build of a
# cell (an optimum, weights): fields of its spec, sources of its data, its optima
# and its trainer, the compiler, flags. Builds no cell; what a cell was built of is
# noted, in Bazel's output base, when this is called while the cell is up to date.
set -euo pipefail
cd "${BUILD_WORKSPACE_DIRECTORY:-$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/..}"
export LC_ALL=C
options=() targets=()
for argument in "$@"; do
  if [[ $argument == -* ]]; then options+=("$argument"); else targets+=("$argument"); fi
done
((${#targets[@]} > 0)) || {
  echo "usage: bazel run //tools:why -- [BAZEL OPTION]... TARGET..." >&2
  exit 1
}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# ask VERB ARGUMENT...: Bazel's answer; what it complains about if it has none.
ask() {
  local verb=$1
  shift
  ./bazelw "$verb" ${options[@]+"${options[@]}"} --noshow_progress "$@" 2>"$scratch/errors" || {
    grep -v '^INFO: ' "$scratch/errors" >&2
    return 1
  }
}
root=$(./bazelw info execution_root 2>/dev/null) || { ask info execution_root; exit 1; }
base=${root%/execroot/*}

# file TARGET, made TARGET: the first file of a target, which the latter builds.
file() {
  echo "$root/$(ask cquery --output=starlark \
    --starlark:expr='target.files.to_list()[0].path' "$1" | sed -n 1p)"
}
made() {
  ask build "$1"
  file "$1"
}

# The parts of a cell: what users call them, and the attributes that have them.
parts=(spec:spec data:dataset optimum:optima weights:weights trainer:tool)

# Lines "PART SHA256 FILE" of all sources of $1. Of the machine's packages those
# that matter are in the fingerprint.
sources() {
  local part rule
  rule=$(ask query --output=build "$1")
  for part in "${parts[@]}"; do
    grep -qE "^  ${part#*:} = " <<<"$rule" || continue
    ask cquery --output=starlark \
      --starlark:expr='"\n".join([f.path for f in target.files.to_list()])' \
      "kind('source file', deps(labels(${part#*:}, $1)))" |
      sed -E '/^$|^external\/(machine_packages|bazel_tools|local_config_)/d' | sort -u | (cd "$root" && while read -r file; do
        [[ -f $file ]] || file=$base/$file
        [[ ! -f $file ]] || printf '%s\n' "$file"
      done | xargs -r -d '\n' sha256sum) |
      sed -E "s|^([0-9a-f]+) +($base/)?|${part%%:*} \1 |"
  done
}
# Lines "MNEMONIC FLAG" of what $1 is compiled and run with, without paths.
flags() {
  ask aquery "mnemonic('Cpp.*|Solve.*|Train.*|Pretrain.*', deps($1))" | awk '
    $1 == "Mnemonic:" { mnemonic = $2 }
    $1 == "Environment:" { print mnemonic, $0 }
    $1 ~ /^-/ { sub(/[)]? ?\\?$/, "", $1); if ($1 !~ /\//) print mnemonic, $1 }' |
    sed 's/ Environment://' | tr -s ' ' | sort -u
}
# Lines "FIELD VALUE" of text protos.
fields() {
  awk '
    /^ *(#|$)/ { next }
    /{$/ { key = prefix $1; if (++n[key] > 1) key = key "[" n[key] "]"
           stack[++depth] = prefix; prefix = key "."; next }
    /^ *}$/ { prefix = stack[depth--]; next }
    { name = $1; sub(/:$/, "", name); key = prefix name
      if (++n[key] > 1) key = key "[" n[key] "]"
      sub(/^ *[^ ]+ /, ""); print key, $0 }' "$@"
}
# What $1 would be built of now, to the folder $2; its last build's note is $3.
state() {
  local spec
  mkdir -p "$2"
  sources "$1" >"$2/sources"
  flags "$1" >"$2/flags"
  cp "$(made //third_party/toolchain:compiler)" "$2/compiler"
  spec=$(ask query "labels(spec, $1)")
  # Expanding it takes a program that may have to be compiled first.
  if [[ -e $3 ]] && diff <(spec_sources "$2") <(spec_sources "$3") >/dev/null; then
    cp "$3/spec" "$2/spec"
  elif [[ -n $spec ]]; then
    fields "$(made "$spec")" >"$2/spec"
  else
    : >"$2/spec"
  fi
  chmod -R u+w "$2"
}

spec_sources() { grep '^spec .*[.]textproto$' "$1/sources" || true; }

# changed TITLE OLD NEW: of two files of lines "KEY VALUE", what differs.
changed() {
  awk -v title="$1" '
    { key = $1; value = $0; sub(/^[^ ]+ /, "", value) }
    NR == FNR { old[key] = value; next }
    { now[key] }
    !(key in old) { printf "  %-9s %s: new, %s\n", title, key, value; next }
    old[key] != value { printf "  %-9s %s: %s, was %s\n", title, key, value, old[key] }
    END { for (key in old) if (!(key in now)) print "  " sprintf("%-9s", title), key ": gone, was " old[key] }
    ' "$2" "$3"
}
# A source is named once, with the parts that it is in; the spec's own by their fields.
changed_sources() {
  awk '
    { key = $1 " " $3 }
    NR == FNR { old[key] = $2; next }
    { now[key] }
    !(key in old) { note($1, $3, " (new)") }
    key in old && old[key] != $2 { note($1, $3, "") }
    END {
      for (key in old) if (!(key in now)) { split(key, k, " "); note(k[1], k[2], " (gone)") }
      for (f in in_parts) if (in_parts[f] != "spec") print "  source    " f " (" in_parts[f] ")"
    }
    function note(part, file, word) {
      file = file word
      in_parts[file] = in_parts[file] (in_parts[file] == "" ? "" : ", ") part
    }' "$1/sources" "$2/sources" | sort
}
report() {
  changed spec "$1/spec" "$2/spec"
  changed_sources "$1" "$2"
  changed compiler "$1/compiler" "$2/compiler"
  diff "$1/flags" "$2/flags" | sed -nE 's/^< (.*)/  flags     \1: gone/p; s/^> (.*)/  flags     \1: new/p'
}

is_up_to_date() {
  ./bazelw build ${options[@]+"${options[@]}"} --noshow_progress --check_up_to_date "$target" \
    >/dev/null 2>&1
}

for target in "${targets[@]}"; do
  target=$(ask query "$target")
  record=${target#//}
  record=$base/why/${record//[\/:]/.}
  result=$(file "$target")
  if [[ ! -e $result ]]; then
    echo "$target: was not built here"
    continue
  fi
  rm -rf "$scratch/now"
  up_to_date=false
  ! is_up_to_date || up_to_date=true
  state "$target" "$scratch/now" "$record"
  if ! $up_to_date && [[ -d $record ]]; then
    report "$record" "$scratch/now" >"$scratch/report" || true
    if [[ -s $scratch/report ]]; then
      echo "$target: changed since its last build"
      cat "$scratch/report"
      continue
    fi
    # Asked while something was changed, Bazel has forgotten some of the actions that
    # it met, and does not know them again when the change has been taken back.
    [[ $(sha256sum <"$result") != "$(cat "$record/result" 2>/dev/null)" ]] || up_to_date=true
  fi
  if $up_to_date; then
    echo "$target: up to date"
    rm -rf "$record"
    mkdir -p "${record%/*}"
    cp -r "$scratch/now" "$record"
    sha256sum <"$result" >"$record/result"
  elif [[ -d $record ]]; then
    echo "$target: made of the same as in its last build, but what was made is gone or was changed"
  else
    echo "$target: not up to date, and there is no note of its last build. Newer than it:"
    cut -d' ' -f3 "$scratch/now/sources" | sort -u | (cd "$root" &&
      while read -r file; do
        [[ -e $file ]] || file=$base/$file
        [[ ! $file -nt $result ]] || echo "  ${file#"$base"/}"
      done)
  fi
done
