# Sorted L_j and sigma_j against their rank, a curve a data set.

panels = values_quantity
panel_of(k) = which_quantity[k]
x_title = "rank of the coordinate"
y_title = "value"
array shades[5] = [0x35B779, 0x21908C, 0x31688E, 0x443A83, 0x440154]
do for [d = 1:values_dataset] {
  set linetype 100 + d linecolor rgb shades[1 + (d - 1) % 5] dashtype 1 + (d - 1) % 5
}
legend_items = values_dataset
legend_per_row = values_dataset < 5 ? values_dataset : 5
legend_title(i) = value_dataset[i]
legend_colour(i) = 100 + i
legend_line(i) = 100 + i
legend_point(i) = 0
legend_size(i) = 0
gap = 30

set logscale xy
set format xy "10^{%T}"
load "panels.gp"
do for [p = 1:panels] {
  set title (value_quantity[p] eq "sigma_j" ? "σ_j at w = 0" : value_quantity[p]) \
      offset 0, -0.7
  plot for [k in members(p)] $data index int(k) - 1 using col_rank:col_value \
      with lines linetype 100 + which_dataset[int(k)] linewidth line(0.9) notitle
  unset label
  unset arrow
}
unset multiplot
