# f - f(w*) of each batch size against gradients of single samples, one panel a
# method: what the same work gives in larger and larger batches.

panels = values_method
panel_of(k) = which_method[k]
x_title = "gradients of single samples"
y_title = "f(w) − f(w*), median of the seeds"
legend_items = values_batch_size
legend_per_row = values_batch_size < 6 ? values_batch_size : 6
legend_title(i) = sprintf("M = %d", value_batch_size[i])
legend_colour(i) = 100 + i
legend_line(i) = 100 + i
legend_point(i) = 0
legend_size(i) = 0
gap = 18

stats $data using col_evaluations name "X" nooutput
stats $data using col_median name "Y" nooutput
set logscale xy
set xrange [X_min:X_max > X_min ? X_max : X_min + 1]
set yrange [Y_min / 1.5:Y_max * 1.5]
set format x "10^{%T}"
# Viridis, light to dark from the smallest batch to the largest, and thicker.
share(b) = values_batch_size > 1 ? (b - 1.0) / (values_batch_size - 1) : 1
array shades[6] = [0x8FD744, 0x35B779, 0x21908C, 0x31688E, 0x443A83, 0x440154]
do for [b = 1:values_batch_size] {
  set linetype 100 + b linecolor rgb shades[1 + int(share(b) * 5 + 0.5)]
}

load "panels.gp"
do for [p = 1:panels] {
  set title value_method[p] offset 0, -0.7
  set format y is_left(p) ? "10^{%T}" : ""
  plot for [k in members(p)] $data index int(k) - 1 \
      using col_evaluations:col_median with lines \
      linetype 100 + which_batch_size[int(k)] \
      linewidth line(0.6 + 0.7 * share(which_batch_size[int(k)])) notitle
  unset label
  unset arrow
}
unset multiplot
