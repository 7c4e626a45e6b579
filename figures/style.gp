# What all figures share. Read after the data's definitions and methods.csv's
# styles, before the figure's script, with `format` (svg, pdf or png), `width` and
# `height` (points) set. Of methods.csv there are, for a method as curves name it,
#   style(method)   the number of its linetype
#   point(method)   its filled point

set encoding utf8
# Sizes are in points of the printed page. The SVG has two pixels a point, to be
# legible on a screen as it is; its lines of text stand 1.65 font sizes apart,
# which fontscale, enlarging letters alone, brings down to the PDF's 1.17.
# pdfcairo counts 96 points an inch for fonts, and lines in half points. The PNG
# has 2.5 pixels a point.
letters = format eq "svg" ? 1.4 : format eq "png" ? 2.5 : 1.0
font_unit = format eq "svg" ? 2.0 / letters : 72 / 96.0
text(points) = sprintf("DejaVu Sans,%g", points * font_unit)
line(points) = points * (format eq "png" ? 2.5 : 2.0)
dot(points) = points / (format eq "svg" ? 3.0 : format eq "png" ? 2.4 : 4.0)
# `set key font` takes no expression.
small = text(6)
if (format eq "svg") {
  set terminal svg size 2 * width, 2 * height enhanced \
      background rgb "white" font text(7) fontscale letters
} else { if (format eq "png") {
  set terminal pngcairo size 2.5 * width, 2.5 * height enhanced \
      background rgb "white" font text(7) fontscale letters
} else {
  set terminal pdfcairo size width / 72.0, height / 72.0 enhanced \
      background rgb "white" font text(7) fontscale letters
}}
set output "figure." . format

# Okabe and Ito's colours, told apart by colour-blind readers and, with the
# dashes, in black and white.
blue = 0x0072B2
vermilion = 0xD55E00
green = 0x009E73
black = 0x000000
grey = 0x808080

# Viridis: even steps of lightness.
set palette defined (0 "#440154", 1 "#482475", 2 "#414487", 3 "#355F8D", \
    4 "#2A788E", 5 "#21918C", 6 "#22A884", 7 "#44BF70", 8 "#7AD151", \
    9 "#BDDF26", 10 "#FDE725")

# No blanks around points.
set pointintervalbox 0
set border 3 linewidth line(0.5) linecolor rgb grey
set tics nomirror out scale 0.5 textcolor rgb black
set grid linetype 1 linewidth line(0.25) linecolor rgb 0xD0D0D0
set key samplen 2.5 spacing 1.1 noopaque

# Notes at the bottom of the picture. `foot` is the part of the height that they
# take.
foot = (note_lines * 7.5 + 3) / height
do for [k = 1:note_lines] {
  set label 1000 + k notes[k] noenhanced font small textcolor rgb 0x404040 \
      left at screen 0.01, screen foot - (7.5 * k - 2) / height
}

# 2.5×10^{-6} instead of 2.5e-06.
number(x) = abs(x) >= 100 && abs(x) < 1000 ? sprintf("%.0f", x) \
    : x == 0 || abs(x) >= 0.001 && abs(x) < 1000 ? sprintf("%.2g", x) \
    : sprintf("%.2g×10^{%d}", x / 10.0 ** floor(log10(abs(x))), \
              floor(log10(abs(x))))
# 10 to the power of the leading digit of x > 0, where numbers like x would need
# many digits on an axis; else 1.
unit(x) = x >= 0.1 && x < 1000 ? 1.0 : 10.0 ** floor(log10(x))
# A distance of tics that puts 2 to 5 of them between 0 and x > 0.
tic_step(x) = (digit = x / 10.0 ** floor(log10(x)), \
    (digit < 2 ? 0.5 : digit < 4 ? 1.0 : 2.0) * 10.0 ** floor(log10(x)))

# Without a point no script could tell its axes; the notes say why there is none.
if (curves == 0) {
  set label 1 "no point to draw" at screen 0.5, screen 0.5 * (1 + foot) center
  unset border
  unset tics
  unset key
  set xrange [0:1]
  set yrange [0:1]
  plot NaN notitle
  unset output
  exit gnuplot
}
