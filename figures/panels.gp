# A page of panels, loaded by a figure's script after it has set
#   panels            how many
#   panel_of(k)       the panel of curve k
#   x_title, y_title  of all panels
#   gap               points between the panels of a row
#   legend_items      for i = 1 .. legend_items, legend_per_row of them a row:
#   legend_title(i)
#   legend_colour(i)  a linetype of its colour
#   legend_line(i)    the linetype of its line, or 0 for no line
#   legend_point(i)   its point and
#   legend_size(i)    the point's size, or 0 for no point
# Linetypes have colours of methods.csv; those from 101 on are set by the script.
# Starts the multiplot, with up to three panels a row, four as two rows, and defines
#   members(p)        the numbers of panel p's curves, as words
#   is_left(p)        whether it is the first of its row
# The script then plots each panel, and after each unsets labels and arrows, which
# are titles and legend: they are drawn once.

columns = panels == 4 ? 2 : panels < 3 ? panels : 3
rows = (panels + columns - 1) / columns
is_left(p) = (p - 1) % columns == 0
members(p) = (found = "", sum [k = 1:curves] \
    (panel_of(k) == p ? (found = found . " " . k, 0) : 0), found)

legend_rows = (legend_items + legend_per_row - 1) / legend_per_row
legend = (11.0 * legend_rows + 3) / height
set multiplot layout rows, columns margins screen 42.0 / width, 1 - 14.0 / width, \
    foot + legend + 33.0 / height, 1 - 14.0 / height \
    spacing screen 1.0 * gap / width, screen 32.0 / height
set label 1 x_title at screen 0.54, screen foot + legend + 8.0 / height center
set label 2 y_title at screen 7.0 / width, \
    screen 0.5 * (1 + foot + legend + 20.0 / height) rotate center
slot = (width - 50.0) / legend_per_row
do for [i = 1:legend_items] {
  x = (42 + slot * ((i - 1) % legend_per_row)) / width
  y = foot + legend - (5.5 + 11.0 * ((i - 1) / legend_per_row)) / height
  if (legend_line(i) > 0) {
    set arrow i from screen x, y rto screen 18.0 / width, 0 nohead \
        linetype legend_line(i) linewidth line(0.9)
  }
  if (legend_size(i) > 0) {
    set label 20 + i "" at screen x + 9.0 / width, y point \
        linetype legend_colour(i) pointtype legend_point(i) \
        pointsize legend_size(i) linewidth line(0.75)
  }
  set label 50 + i legend_title(i) at screen x + 21.0 / width, y noenhanced left
}
