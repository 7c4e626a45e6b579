"""results_csv(): what a program of this package says of results, as one CSV file."""

def _results_csv_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".csv")
    args = ctx.actions.args()
    args.add_joined("--results", ctx.files.results, join_with = ",")
    if ctx.attr.content:
        args.add("--content", ctx.attr.content)
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable.tool,
        arguments = [args],
        inputs = ctx.files.results,
        outputs = [out],
        mnemonic = "ResultsCsv",
        progress_message = "Collecting %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

results_csv = rule(
    implementation = _results_csv_impl,
    attrs = {
        "results": attr.label_list(allow_files = [".pb"], mandatory = True),
        # Takes --results, --out and, where it writes several tables, --content.
        "tool": attr.label(executable = True, cfg = "target", mandatory = True),
        "content": attr.string(),
    },
)
