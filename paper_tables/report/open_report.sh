#!/usr/bin/env bash
# open_report.sh PAGE [--open] [--out=DIR]: says where the report page is; with
# --open shows it in the browser, with --out copies it to DIR, a folder as the user
# sees it.
set -euo pipefail
source tools/base/printer.sh
usage="usage: bazel run //paper_tables:report -- [--open] [--out=DIR]"
page=$1
shift
take_arguments "$usage" "$@"
page=$(readlink -f "$page")
if [[ -n $out ]]; then
  install -m 644 "$page" "$out/report.html"
  page=$out/report.html
fi
echo "$page"
[[ $given == *" --open "* ]] || exit 0
for browser in "${BROWSER:-}" xdg-open chromium firefox; do
  if [[ -n $browser ]] && command -v "$browser" >/dev/null; then
    exec "$browser" "$page"
  fi
done
echo "ERROR: no browser found; open the file above" >&2
exit 1
