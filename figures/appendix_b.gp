# Appendix B: R1 with 1/sqrt(d), R2 with 1/d, and AdaGrad's lead over SGD against
# d; a colour a tau.

set logscale xy
set format xy "10^{%T}"
set xrange [70:150000]
set xtics (100, 1000, 10000, 100000)
colour(k) = k == 1 ? blue : k == 2 ? green : k == 3 ? vermilion : k == 4 ? \
    grey : black
set multiplot layout 1, 3 margins screen 0.06, 0.985, \
    foot + 44.0 / height, 1 - 16.0 / height spacing screen 0.075, screen 0.1
set label 1 "d" at screen 0.5, screen foot + 20.0 / height center
set label 3 "points: from data; lines: closed form; dashed: with a valid |L|_1 (R_2), at M = 32 instead of 1 (lead)" \
    at screen 0.5, screen foot + 7.0 / height center font small
unset key

set label 2 "R_1" at graph 0, graph 1 \
    offset 0, screen 6.0 / height
plot for [k = 1:curves] $data index k - 1 using col_d:col_r1 with points \
        pointtype 7 pointsize dot(2) linecolor rgb colour(k), \
    for [k = 1:curves] $data index k - 1 using col_d:col_r1_closed with lines \
        linewidth line(0.75) linecolor rgb colour(k)
unset label 1
unset label 3
set label 2 "R_2"
plot for [k = 1:curves] $data index k - 1 using col_d:col_r2 with points \
        pointtype 7 pointsize dot(2) linecolor rgb colour(k), \
    for [k = 1:curves] $data index k - 1 using col_d:col_r2_closed with lines \
        linewidth line(0.75) linecolor rgb colour(k), \
    for [k = 1:curves] $data index k - 1 using col_d:col_r2_valid with lines \
        linewidth line(0.75) dashtype 2 linecolor rgb colour(k)
set label 2 "f - min f, SGD's / AdaGrad's"
set format y "%g"
set yrange [*:*]
set key top right font small
plot for [k = 1:curves] $data index k - 1 using col_d:col_lead_small \
        with linespoints linewidth line(0.75) pointtype 7 pointsize dot(1.5) \
        linecolor rgb colour(k) title sprintf("τ = %g", curve_tau[k]), \
    for [k = 1:curves] $data index k - 1 using col_d:col_lead_large \
        with linespoints linewidth line(0.75) dashtype 2 pointtype 6 \
        pointsize dot(1.5) linecolor rgb colour(k) notitle
unset multiplot
