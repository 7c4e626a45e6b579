# What each method reaches against the batch size, one panel a quantity: ours as
# filled points on a line, with their spread over seeds, published ones open.

panels = values_panel
panel_of(k) = which_panel[k]
x_title = "batch size M"
y_title = "f(w) − f(w*), or what the panel says"
# Of each method ours, then published.
legend_items = 2 * values_method
legend_per_row = legend_items < 4 ? legend_items : 4
ours(i) = i % 2 == 1
method_of(i) = value_method[(i + 1) / 2]
legend_title(i) = method_of(i) . (ours(i) ? ", ours" : ", published")
legend_colour(i) = style(method_of(i))
legend_line(i) = ours(i) ? style(method_of(i)) : 0
legend_point(i) = point(method_of(i)) - !ours(i)
legend_size(i) = dot(ours(i) ? 2.2 : 3.4)
gap = 36

set logscale xy
stats $data using col_batch_size name "X" nooutput
set xrange [X_min / 1.6:X_max * 1.6]
set xtics 1, 4 font small

load "panels.gp"
is_published(k) = curve_source[k] eq "published"
do for [p = 1:panels] {
  set title value_panel[p] noenhanced offset 0, -0.7
  unset logscale
  set yrange [*:*]
  least = 1e300
  most = 0
  do for [k in members(p)] {
    stats $data index int(k) - 1 using col_low name "LOW" nooutput
    stats $data index int(k) - 1 using col_high name "HIGH" nooutput
    if (LOW_min < least) { least = LOW_min }
    if (HIGH_max > most) { most = HIGH_max }
  }
  set logscale xy
  set yrange [least / 1.25:most * 1.25]
  # Less than two decades have too few powers of ten.
  unset ytics
  if (most / least < 100 && least >= 0.9) {
    set ytics nomirror out (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50) textcolor rgb black font small
    set format y "%g"
  } else { if (most / least < 100) {
    set ytics nomirror out textcolor rgb black font small
    do for [e = floor(log10(least)):ceil(log10(most))] {
      set ytics add (sprintf("10^{%d}", e) 10.0 ** e, \
          sprintf("3·10^{%d}", e) 3 * 10.0 ** e)
    }
  } else {
    set ytics nomirror out textcolor rgb black font small autofreq
    set format y "10^{%T}"
  }}
  plot for [k in members(p)] $data index int(k) - 1 \
      using col_batch_size:col_value:col_low:col_high with yerrorbars \
      linetype style(curve_method[int(k)]) dashtype 1 linewidth line(0.5) \
      pointsize 0 notitle, \
      for [k in members(p)] $data index int(k) - 1 \
      using col_batch_size:(is_published(int(k)) ? NaN : column(col_value)) \
      with linespoints linetype style(curve_method[int(k)]) \
      linewidth line(0.9) pointsize dot(2.2) notitle, \
      for [k in members(p)] $data index int(k) - 1 \
      using col_batch_size:(is_published(int(k)) ? column(col_value) : NaN) \
      with points linetype style(curve_method[int(k)]) \
      pointtype point(curve_method[int(k)]) - 1 linewidth line(0.75) \
      pointsize dot(3.4) notitle
  unset label
  unset arrow
}
unset multiplot
