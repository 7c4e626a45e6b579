# f - f(w*) of each method against epochs, one panel a batch size: median and
# range over seeds.

panels = values_batch_size
panel_of(k) = which_batch_size[k]
x_title = "epoch"
y_title = "f(w) − f(w*)"
legend_items = values_method
legend_per_row = 3
legend_title(i) = value_method[i]
legend_colour(i) = style(value_method[i])
legend_line(i) = style(value_method[i])
legend_point(i) = point(value_method[i])
legend_size(i) = 0
gap = 18

stats $data using col_epoch name "X" nooutput
stats $data using col_low name "LOW" nooutput
stats $data using col_high name "HIGH" nooutput
set logscale xy
set xrange [X_min:X_max > X_min ? X_max : X_min + 1]
set yrange [LOW_min / 1.5:HIGH_max * 1.5]
# Less than a decade has too few powers of ten.
if (X_max < 10) { set for [e = 1:int(X_max)] xtics add (sprintf("%d", e) e) }

load "panels.gp"
do for [p = 1:panels] {
  set title sprintf("M = %d", value_batch_size[p]) offset 0, -0.7
  set format y is_left(p) ? "10^{%T}" : ""
  plot for [k in members(p)] $data index int(k) - 1 \
      using col_epoch:col_low:col_high with filledcurves \
      linetype style(curve_method[int(k)]) fillstyle transparent solid 0.18 \
      noborder notitle, \
      for [k in members(p)] $data index int(k) - 1 using col_epoch:col_median \
      with lines linetype style(curve_method[int(k)]) linewidth line(0.9) \
      notitle
  unset label
  unset arrow
}
unset multiplot
