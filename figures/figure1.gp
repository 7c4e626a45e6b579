# Assumption 5.1, coordinate by coordinate: a panel a parameter, its scatter and
# the line y = L_0,j + L_1,j x.

if (curves > 6) { exit error "figure 1 has room for 6 parameters" }

# All panels share one colour bar, which the last one draws.
stats $data using col_iteration name "ITERATION" nooutput
set cbrange [ITERATION_min:\
    ITERATION_max > ITERATION_min ? ITERATION_max : ITERATION_min + 1]
unset colorbox

# Linear axes, but logarithmic where most points would lie on one another.
crowded(low, median, high) = low > 0 && median < 0.02 * high

set multiplot layout 2, 3 margins screen 0.09, 0.9, \
    foot + 34.0 / height, 1 - 32.0 / height \
    spacing screen 24.0 / width, screen 56.0 / height
set label 1 "|∂_j f(w)|" at screen 0.495, screen foot + 8.0 / height center
set label 2 "|∂_j f(w) − ∂_j f(w′)| / |w_j − w′_j|" \
    at screen 0.015, screen 0.5 * (1 + foot) rotate center
set label 6 "iteration" at screen 0.94, screen foot + 0.79 center
unset key
# "y = L_0 + L_1 x" without what is 0.
equation(l0, l1) = l1 == 0 ? "y = " . number(l0) : \
    l0 == 0 ? "y = " . number(l1) . " x" : \
    "y = " . number(l0) . " + " . number(l1) . " x"
do for [k = 1:curves] {
  # The last panel's axes would limit what `stats` sees.
  unset logscale
  set xrange [*:*]
  set yrange [*:*]
  stats $data index k-1 using col_gradient name "X" nooutput
  stats $data index k-1 using col_slope name "Y" nooutput
  bound(x) = curve_l0[k] + curve_l1[k] * x
  # A parameter that no example touches has gradient 0 throughout.
  right = X_max > 0 ? X_max : 1
  # All points, and all of a line that is not too steep.
  top = bound(X_max) < 1.5 * Y_max ? bound(X_max) : 1.5 * Y_max
  if (top < Y_max) { top = Y_max }
  if (top <= 0) { top = 1 }
  if (crowded(X_min, X_median, X_max) || crowded(Y_min, Y_median, Y_max)) {
    set logscale xy
    set format xy "10^{%T}"
    set tics autofreq
    x_unit = 1.0
    y_unit = 1.0
    set xrange [X_min / 1.5:X_max * 1.5]
    set yrange [Y_min / 1.5:top * 1.5]
  } else {
    set format xy "%g"
    x_unit = unit(right)
    y_unit = unit(top)
    set xrange [0:right * 1.05 / x_unit]
    set yrange [0:top * 1.05 / y_unit]
    set xtics tic_step(right / x_unit)
    set ytics tic_step(top / y_unit)
  }
  if (x_unit != 1) {
    set label 3 gprintf("×10^{%T}", x_unit) at graph 1, graph 0 \
        right offset 0, screen -19.0 / height font small
  }
  if (y_unit != 1) {
    set label 4 gprintf("×10^{%T}", y_unit) at graph 0, graph 1 \
        right offset 0, screen 6.0 / height font small
  }
  # Three lines of text above the panel.
  set label 5 equation(curve_l0[k], curve_l1[k]) at graph 0.5, graph 1 center \
      offset 0, screen 5.0 / height font small textcolor rgb vermilion
  set label 7 sprintf("[%d]", curve_index[k]) at graph 0.5, graph 1 center \
      offset 0, screen 13.0 / height font small
  set label 8 curve_tensor[k] noenhanced at graph 0.5, graph 1 center \
      offset 0, screen 20.5 / height font small
  if (k == curves) {
    set colorbox user origin screen 0.915, screen foot + 0.25 \
        size screen 0.012, screen 0.5
  }
  plot $data index k-1 using (column(col_gradient) / x_unit): \
      (column(col_slope) / y_unit):col_iteration \
      with points pointtype 7 pointsize dot(1.5) palette, \
      bound(x * x_unit) / y_unit linewidth line(0.75) \
      linecolor rgb vermilion
  # Drawn with the first panel, for all.
  unset label
}
unset multiplot
