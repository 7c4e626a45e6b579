"""What programs of this package record: cell_bounds(), a family's cells of SGD and
AdaGrad beside the theorems, one action a cell; theory_record(), anything else."""

load("//experiments:experiment.bzl", "EXPERIMENT_ENV", "cell_name")

def _cell_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".pb")
    args = ctx.actions.args()
    args.add("--result", ctx.file.result)
    args.add("--dataset", ctx.file.dataset)
    args.add("--optimum", ctx.file.optimum)
    args.add("--seeds", ctx.attr.seeds)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = [ctx.file.result, ctx.file.dataset, ctx.file.optimum],
        outputs = [out],
        env = EXPERIMENT_ENV,
        mnemonic = "CellBounds",
        progress_message = "Setting %s beside the theorems" % ctx.file.result.short_path,
    )
    return [DefaultInfo(files = depset([out]))]

_cell = rule(
    implementation = _cell_impl,
    attrs = {
        "result": attr.label(allow_single_file = [".pb"], mandatory = True),
        "dataset": attr.label(allow_single_file = True, mandatory = True),
        "optimum": attr.label(allow_single_file = [".pb"], mandatory = True),
        "seeds": attr.int(),
        "_tool": attr.label(default = "//analysis/theory:cell_bounds_main", executable = True, cfg = "target"),
    },
)

def cell_bounds(name, family, dataset, batch_sizes, methods = ["sgd", "adagrad"], seeds = 0):
    """Declares NAME, the bounds of all its cells, and NAME_METHOD_mM of each.

    Args:
      name: of the set.
      family: an experiment() of //experiments/logistic with an exact optimum.
      dataset: its data.
      batch_sizes: of its cells.
      methods: of its cells.
      seeds: how many of each cell are replayed; 0: all.
    """
    cells = []
    for method in methods:
        for batch_size in batch_sizes:
            cell = cell_name(name, method, batch_size)
            _cell(
                name = cell,
                dataset = dataset,
                optimum = "//experiments/logistic:%s_optimum_exact" % family,
                seeds = seeds,
                result = cell_name("//experiments/logistic:" + family, method, batch_size),
            )
            cells.append(":" + cell)
    native.filegroup(name = name, srcs = cells)

def _record_impl(ctx):
    outs = [ctx.actions.declare_file(ctx.label.name + part + ".pb") for part in ctx.attr.parts]
    args = ctx.actions.args()
    args.add_all(ctx.attr.flags)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add_joined("--out", outs, join_with = ",")
    ctx.actions.run(
        executable = ctx.executable.tool,
        arguments = [args],
        outputs = outs,
        env = EXPERIMENT_ENV,
        mnemonic = "TheoryRecord",
        progress_message = "Making %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset(outs))]

theory_record = rule(
    implementation = _record_impl,
    doc = "NAME.pb, or several, what a program that reads nothing writes to --out.",
    attrs = {
        "flags": attr.string_list(),
        "parts": attr.string_list(default = [""], doc = "--out is NAME and each of these"),
        "tool": attr.label(executable = True, cfg = "target", mandatory = True),
    },
)
