"""FIGURES: the figures that are drawn, in the order of printing and of the report."""

load("//data:datasets.bzl", "DATASETS")

FIGURES = [
    "batch_sizes",
    "figure1",
    "figure2",
    "diameters",
    "coordinates",
    "bounds",
    "appendix_b",
] + [
    "%s_%s" % (d.name, kind)
    for kind in ["suboptimality", "evaluations", "rates"]
    for d in DATASETS
]
