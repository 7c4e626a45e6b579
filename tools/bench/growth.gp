# growth.csv of growth_bench as a picture: seconds of a task (of an epoch of one
# run, of one iteration of L-BFGS) against rows, features, and non-zeros a row.
#
#   gnuplot -e "csv = 'growth.csv'; out = 'growth.png'" tools/bench/growth.gp

tasks = "epoch_sgd epoch_adagrad epoch_adam constants optimum read"
titles = "SGD AdaGrad Adam constants L-BFGS reading"
times = "8000 8000 8000 1000 10000 1000" # milliseconds of how many tasks

# The points of `task` along one of the three, the others as they are.
points(task, rows, features, a_row) = sprintf("< sed -nE 's|^\"%s/rows:%s/features:%s/a_row:%s\",[^,]*,([^,]*),.*|\\1 \\2|p' '%s' | sort -g", task, rows, features, a_row, csv)
one = "([0-9]+)"

set terminal pngcairo size 1200, 420 font "DejaVu Sans,10" noenhanced
set output out
set multiplot layout 1, 3
set logscale xy
set format "10^{%L}"
set termoption enhanced
set ylabel "seconds, one core"
set yrange [1e-4:1e2]
set key left top
set grid linecolor rgb "#dddddd"

set xlabel "rows (10^4 features, 10 non-zeros a row)"
plot for [i = 1:words(tasks)] points(word(tasks, i), one, "10000", "10") \
    using 1:($2 / word(times, i)) with linespoints pointtype 6 + i linewidth 2 title word(titles, i), \
    x * 1e-7 with lines dashtype 2 linecolor rgb "#888888" title "linear"
set xlabel "features (10^5 rows, 10 non-zeros a row)"
plot for [i = 1:words(tasks)] points(word(tasks, i), "100000", one, "10") \
    using 1:($2 / word(times, i)) with linespoints pointtype 6 + i linewidth 2 notitle
set xlabel "non-zeros a row (10^5 rows, 10^4 features)"
plot for [i = 1:words(tasks)] points(word(tasks, i), "100000", "10000", one) \
    using 1:($2 / word(times, i)) with linespoints pointtype 6 + i linewidth 2 notitle, \
    x * 1e-3 with lines dashtype 2 linecolor rgb "#888888" notitle
unset multiplot
