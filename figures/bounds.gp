# What the theorems say against what was measured, one panel a family: filled at the
# steps that were selected, open at the grid's largest; along a curve the batch size
# rises between the numbers at its ends. No point may lie below the line.

panels = values_family
panel_of(k) = which_family[k]
x_title = "measured: mean of f(w_t) − f(w*) along the path"
y_title = "the theorem's bound on it"
legend_items = 3
legend_per_row = 3
legend_title(i) = i == 1 ? "SGD (Theorem D.1)" \
    : i == 2 ? "AdaGrad (Theorem 4.1)" : "AdaGrad, largest step"
legend_method(i) = i == 1 ? "SGD" : "AdaGrad"
legend_colour(i) = style(legend_method(i))
legend_line(i) = style(legend_method(i))
legend_point(i) = point(legend_method(i)) - (i == 3)
legend_size(i) = dot(i == 3 ? 3.0 : 2.2)
gap = 26

set logscale xy
stats $data using col_measured name "X" nooutput
stats $data using col_bound name "Y" nooutput
left = X_min / 3
right = X_max * 3
low = X_min / 3
set xrange [left:right]
set yrange [low:Y_max * 8]
set format xy "10^{%T}"
set xtics font small
set ytics font small

load "panels.gp"
is_largest(k) = curve_step[k] eq "largest"
method_point(k) = point(curve_method[k]) - is_largest(k)
batch_size(unused) = sprintf("%d", column(col_batch_size))
do for [p = 1:panels] {
  set title value_family[p] noenhanced offset 0, -0.7
  array last[curves]
  do for [k in members(p)] {
    stats $data index int(k) - 1 using col_bound name "N" nooutput
    last[int(k)] = int(N_records) - 1
  }
  set label 99 "bound = measured" at right / 1.4, low * 4 right font small \
      textcolor rgb 0x404040
  plot x with lines dashtype 2 linewidth line(0.6) linecolor rgb grey notitle, \
      for [k in members(p)] $data index int(k) - 1 \
      using col_measured:col_bound with linespoints \
      linetype style(curve_method[int(k)]) linewidth line(0.75) \
      pointtype method_point(int(k)) \
      pointsize dot(is_largest(int(k)) ? 3.0 : 2.2) notitle, \
      for [k in members(p)] $data index int(k) - 1 every ::0::0 \
      using col_measured:col_bound:(batch_size(0)) with labels font small \
      offset 1.0, -0.5 notitle, \
      for [k in members(p)] $data index int(k) - 1 \
      every ::(last[int(k)])::(last[int(k)]) \
      using col_measured:col_bound:(batch_size(0)) with labels font small \
      offset 0.9, 0.7 notitle
  unset label
  unset arrow
}
unset multiplot
