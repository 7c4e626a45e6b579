"""measure(): what measure_main says of a data set and its cells, one action."""

def _measure_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".pb")
    args = ctx.actions.args()
    args.add("--what", ctx.attr.what)
    args.add("--dataset", ctx.file.dataset)
    args.add_joined("--results", ctx.files.results, join_with = ",")
    args.add("--optimum", ctx.file.optimum)
    for file in ctx.files.test:
        args.add("--test", file)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = [ctx.file.dataset, ctx.file.optimum] + ctx.files.results + ctx.files.test,
        outputs = [out],
        mnemonic = "Measure",
        progress_message = "Measuring %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

measure = rule(
    implementation = _measure_impl,
    attrs = {
        "what": attr.string(mandatory = True, values = ["constants", "held_out"]),
        "dataset": attr.label(allow_single_file = True, mandatory = True),
        # Cells: for constants those whose path is looked at.
        "results": attr.label_list(allow_files = [".pb"], mandatory = True),
        # The EXACT one.
        "optimum": attr.label(allow_single_file = True, mandatory = True),
        # Held-out samples, or nothing where the file could not be had.
        "test": attr.label(allow_files = True),
        "_tool": attr.label(default = "//analysis/measure:measure_main", executable = True, cfg = "target"),
    },
)
