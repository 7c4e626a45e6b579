#!/usr/bin/env bash
# render_figure.sh --NAME=VALUE...: draws one figure from one CSV file, as
# PREFIX.svg, .pdf and .png, copies the data to PREFIX.csv and writes title,
# caption and notes to PREFIX.txt. Same inputs, same bytes: no date, no path, no
# font but fonts.conf's. Nothing is written unless everything succeeds.
#
#   csv, out (PREFIX), title, curve, point: see plot_data_main.cc
#   reader         plot_data_main
#   clock          the library of fixed_time.cc
#   fonts, methods, panels, style
#                  fonts.conf, methods.csv, panels.gp, style.gp
#   script         the figure's own gnuplot script
#   width, height  in points of 1/72 inch
set -euo pipefail

die() {
  echo "ERROR: $*" >&2
  exit 1
}

declare -A flag
for argument in "$@"; do
  [[ $argument =~ ^--([a-z]+)=(.*)$ ]] || die "unknown argument $argument"
  flag[${BASH_REMATCH[1]}]=${BASH_REMATCH[2]}
done

command -v gnuplot >/dev/null || die "no gnuplot; install gnuplot-nox"
font=/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf
[[ -f $font ]] || die "no $font; install fonts-dejavu-core"

# Everything happens under relative names in a scratch folder.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
# A character of a 6 point note is about 3.6 points wide.
"${flag[reader]}" --csv="${flag[csv]}" --curve="${flag[curve]}" \
  --point="${flag[point]}" --title="${flag[title]}" \
  --note_width=$((flag[width] * 10 / 36)) --out="$scratch/figure"
cp "${flag[csv]}" "$scratch/figure.csv"
cp "${flag[fonts]}" "$scratch/fonts.conf"
cp "${flag[style]}" "$scratch/style.gp"
cp "${flag[panels]}" "$scratch/panels.gp"
cp "${flag[script]}" "$scratch/script.gp"

# Linetypes from 11 on; the last line of methods.csv is for all other methods.
awk -F, '
  /^#/ || /^method,/ { next }
  {
    gsub(/ /, ",", $3)
    printf "set linetype %d linecolor rgb \"%s\" pointtype %d dashtype %s\n",
      ++count + 10, $2, $4, $3 == "" ? 1 : "(" $3 ")"
    test = $1 == "other" ? "" : "m eq \"" $1 "\" ? "
    style = style test (count + 10) ($1 == "other" ? "" : " : ")
    point = point test $4 ($1 == "other" ? "" : " : ")
  }
  END { print "style(m) = " style "\npoint(m) = " point }
' "${flag[methods]}" >"$scratch/methods.gp"

clock=$(readlink -f "${flag[clock]}")
# In the plain C locale gnuplot warns about its degree sign.
draw() {
  (cd "$scratch" &&
    env -i PATH="$PATH" LC_ALL=C.UTF-8 TZ=UTC0 XDG_CACHE_HOME="$scratch" \
      FONTCONFIG_FILE="$scratch/fonts.conf" LD_PRELOAD="$clock" gnuplot -e "format = '$1'" \
      -e "width = ${flag[width]}; height = ${flag[height]}" \
      figure.definitions.gp methods.gp style.gp script.gp) ||
    die "${flag[script]}: gnuplot failed"
}
draw svg
draw pdf
draw png
# Readers without DejaVu take the next font, Verdana, of the same widths.
family='font-family="DejaVu Sans'
sed -i "s/$family\"/$family,Verdana,sans-serif\"/g" "$scratch/figure.svg"
# Groups and text without anything, indentation, and what SVG takes by itself:
# half of the file.
LC_ALL=C sed -i -zE \
  's/<g [^>]*>\n<\/g>\n//g; s/ stroke-linecap="butt" stroke-linejoin="miter"//g
   s/ stroke-width="1[.]00"//g; s/<tspan font-family="[^"]*" */<tspan /g
   s/<tspan [^>]*><\/tspan>//g; s/\n[\t ]+/\n/g' \
  "$scratch/figure.svg"
# Tenths of a pixel in coordinates, and nowhere else.
perl -0pi -e 's{( d=\x27[^\x27]*\x27|translate\([^)]*\))}{
  my $t = $1; $t =~ s/([.]\d)\d\b/$1/g; $t =~ s/[.]0\b//g; $t}ge' "$scratch/figure.svg"

for extension in svg pdf png csv txt; do
  install -m 644 "$scratch/figure.$extension" "${flag[out]}.$extension"
done
