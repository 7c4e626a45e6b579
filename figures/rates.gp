# f - f(w*) of each method against the learning rate, one panel a batch size:
# median and range over seeds.

panels = values_batch_size
panel_of(k) = which_batch_size[k]
x_title = "initial learning rate"
y_title = "f(w) − f(w*)"
legend_items = values_method
legend_per_row = 3
legend_title(i) = value_method[i]
legend_colour(i) = style(value_method[i])
legend_line(i) = style(value_method[i])
legend_point(i) = point(value_method[i])
legend_size(i) = dot(2)
gap = 18

stats $data using col_learning_rate name "X" nooutput
stats $data using col_low name "LOW" nooutput
stats $data using col_high name "HIGH" nooutput
set logscale xy
set xrange [X_min / 1.6:X_max * 1.6]
set yrange [LOW_min / 1.5:HIGH_max * 1.5]
set format x "10^{%T}"
# Eight decades have no room for each one's label.
factor = X_max / X_min > 1e4 ? 100 : 10
set xtics factor
unset mxtics

load "panels.gp"
do for [p = 1:panels] {
  set title sprintf("M = %d", value_batch_size[p]) offset 0, -0.7
  set format y is_left(p) ? "10^{%T}" : ""
  plot for [k in members(p)] $data index int(k) - 1 \
      using col_learning_rate:col_median:col_low:col_high with yerrorbars \
      linetype style(curve_method[int(k)]) dashtype 1 linewidth line(0.5) \
      pointsize 0 notitle, \
      for [k in members(p)] $data index int(k) - 1 \
      using col_learning_rate:col_median with linespoints \
      linetype style(curve_method[int(k)]) linewidth line(0.75) \
      pointsize dot(2) notitle
  unset label
  unset arrow
}
unset multiplot
