# Training loss of each method, one panel a batch size, in the data's order.

# panel_curves[p]: the numbers of panel p's curves, as words.
array panel_batch_size[2]
array panel_curves[2]
panels = 0
do for [k = 1:curves] {
  panel = 0
  do for [p = 1:panels] {
    if (panel_batch_size[p] == curve_batch_size[k]) { panel = p }
  }
  if (panel == 0) {
    if (panels == 2) { exit error "figure 2 has room for 2 batch sizes" }
    panels = panels + 1
    panel = panels
    panel_batch_size[panel] = curve_batch_size[k]
    panel_curves[panel] = ""
  }
  panel_curves[panel] = panel_curves[panel] . " " . k
}

# The legend is below the panels, where no curve can cross it.
legend_lines = 0
do for [p = 1:panels] {
  count = words(panel_curves[p])
  if (count > legend_lines) { legend_lines = count }
}
legend = 9.5 * legend_lines / height

# One pair of axes for both panels, so that they can be compared.
stats $data using col_epoch name "EPOCH" nooutput
stats $data using col_loss name "LOSS" nooutput
margin = 0.04 * (LOSS_max > LOSS_min ? LOSS_max - LOSS_min : 1)
set xrange [0:EPOCH_max > 0 ? EPOCH_max : 1]
set yrange [LOSS_min - margin:LOSS_max + margin]
set xlabel "epoch"
set key at graph 0.5, screen foot + legend center top vertical maxcols 1
set multiplot layout 1, 2 margins screen 0.085, 0.985, \
    foot + legend + 30.0 / height, 1 - 16.0 / height spacing screen 0.075, 0
do for [p = 1:panels] {
  set title sprintf("batch size %d", panel_batch_size[p]) offset 0, -0.5
  if (p == 1) { set ylabel "training loss" offset 1, 0 } else { unset ylabel }
  plot for [k in panel_curves[p]] \
      $data index int(k) - 1 using col_epoch:col_loss with lines \
      linetype style(curve_method[int(k)]) linewidth line(1) \
      title sprintf("%s, learning rate %s", curve_method[int(k)], \
                    number(curve_learning_rate[int(k)]))
  # The notes are drawn once.
  unset label
}
unset multiplot
