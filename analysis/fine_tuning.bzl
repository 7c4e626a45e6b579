"""figure2_data(): the curves of Figure 2 as one CSV file."""

def _figure2_data_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".csv")
    args = ctx.actions.args()
    args.add_joined("--results", ctx.files.results, join_with = ",")
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = ctx.files.results,
        outputs = [out],
        mnemonic = "Figure2Data",
        progress_message = "Collecting the curves of Figure 2",
    )
    return [DefaultInfo(files = depset([out]))]

figure2_data = rule(
    implementation = _figure2_data_impl,
    attrs = {
        "results": attr.label_list(allow_files = [".pb"], mandatory = True),
        "_tool": attr.label(default = "//analysis:figure2_main", executable = True, cfg = "target"),
    },
)
