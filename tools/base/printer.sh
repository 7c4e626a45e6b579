# Sourced by the scripts behind `bazel run`, which start in their runfiles.
#
#   take_arguments USAGE ARGUMENT...
#       knows --help, --out=DIR, and what else USAGE has in brackets. Sets `out` to
#       the folder DIR as the user sees it, which is made, or to nothing; and `given`
#       to the others that were given, each with a blank on both sides.
take_arguments() {
  local usage=$1 argument
  shift
  out='' given=' '
  for argument; do
    case $argument in
      --out=?*) out=${argument#--out=} ;;
      --help | -h) echo "$usage" && exit ;;
      *)
        [[ $usage == *"[$argument]"* ]] ||
          { echo "ERROR: unknown argument \"$argument\"; $usage" >&2 && exit 1; }
        given+="$argument "
        ;;
    esac
  done
  [[ -n $out ]] || return 0
  [[ $out == /* ]] ||
    out=${ANISOGRAD_WORKING_DIRECTORY:-${BUILD_WORKING_DIRECTORY:-.}}/$out
  mkdir -p "$out"
}
