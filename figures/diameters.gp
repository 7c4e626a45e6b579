# D_inf against D_2 of each data set, a point each: reproduced filled, published
# open; lines of constant D_inf / D_2.

set logscale xy
set format xy "10^{%T}"
set xlabel "D_2 = max_t |w_t − w*|_2"
set ylabel "D_∞ = max_t |w_t − w*|_∞"
stats $data using col_d_2 name "X" nooutput
stats $data using col_d_inf name "Y" nooutput
left = X_min / 2
right = X_max * 2.5
top = Y_max * 2
set xrange [left:right]
set yrange [Y_min / 2:top]
set bmargin at screen foot + 30.0 / height
set tmargin at screen 1 - 6.0 / height
set lmargin at screen 42.0 / width
set rmargin at screen 1 - 92.0 / width
set key at screen 1 - 88.0 / width, graph 1 left top Left reverse samplen 1 \
    spacing 1.3 noenhanced

is_published(k) = curve_source[k] eq "published"
# Circle, square, triangles, diamond.
array shapes[5] = [7, 5, 9, 11, 13]
shape(d) = shapes[1 + (d - 1) % 5]
ratio(r, x) = r * x
name(r) = r == 1 ? "D_∞ = D_2" : sprintf("%g D_2", r)
# Where a line leaves the picture, at its top or its right.
do for [r in "1 0.1 0.01"] {
  x = top / real(r) < right ? top / real(r) : right
  if (x > left && real(r) * x > Y_min / 2) {
    set label name(real(r)) at x / 1.12, real(r) * x / 1.12 right font small \
        offset -0.6, 0
  }
}
plot for [r in "1 0.1 0.01"] ratio(real(r), x) with lines linewidth line(0.5) \
    dashtype 2 linecolor rgb grey notitle, \
    for [k = 1:curves] $data index k - 1 using col_d_2:col_d_inf with points \
    pointtype shape(which_dataset[k]) - is_published(k) \
    pointsize dot(is_published(k) ? 4 : 3) \
    linewidth line(0.75) linecolor rgb blue notitle, \
    for [d = 1:values_dataset] NaN with points pointtype shape(d) \
    pointsize dot(3) linecolor rgb blue title value_dataset[d], \
    NaN with points pointtype 6 pointsize dot(4) linewidth line(0.75) \
    linecolor rgb blue title "open: published"
