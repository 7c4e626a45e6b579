"""latex_files(): a run for LaTeX, as a folder of files to \\input."""

def _latex_files_impl(ctx):
    out = ctx.actions.declare_directory(ctx.attr.name)
    args = ctx.actions.args()
    args.add("--report", ctx.file.report)
    args.add_joined(
        "--figures",
        [f for f in ctx.files.figures if f.extension == "pdf"],
        join_with = ",",
    )
    args.add("--out", out.path)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = ctx.files.figures + [ctx.file.report],
        outputs = [out],
        mnemonic = "LatexFiles",
        progress_message = "Writing numbers, tables and figures for LaTeX",
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

latex_files = rule(
    implementation = _latex_files_impl,
    attrs = {
        "report": attr.label(allow_single_file = [".pb"], mandatory = True),
        # Files of paper_figure()s.
        "figures": attr.label_list(allow_files = True),
        "_tool": attr.label(default = "//paper_tables/report:latex_main", executable = True, cfg = "target"),
    },
)
