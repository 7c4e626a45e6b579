"""report_page(): a run as one self-contained page of HTML."""

load("//paper_tables:paper_table.bzl", "PaperTableInfo")

def _report_page_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name + ".html")
    made_of = ctx.attr.tables[PaperTableInfo]
    named = {
        "--report": ctx.file.report,
        "--numbers": [f for f in ctx.files.tables if f.basename == "all.csv"][0],
        "--methods": ctx.file._methods,
        "--css": ctx.file.css,
        "--script": ctx.file.script,
    }
    lists = {
        "--results": made_of.results,
        "--constants": made_of.constants,
        "--fine_tuning": made_of.fine_tuning,
        "--smoothness": made_of.smoothness,
        "--inputs": ctx.files.inputs,
        "--versions": ctx.files._versions,
    }
    args = ctx.actions.args()
    for flag, file in named.items():
        args.add(flag, file)
    for flag, files in lists.items():
        args.add_joined(flag, files, join_with = ",")
    args.add_joined(
        "--figures",
        [f for f in ctx.files.figures if f.extension == "svg"],
        join_with = ",",
    )
    args.add("--out", out)
    inputs = list(named.values()) + ctx.files.figures
    for files in lists.values():
        inputs += files
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        mnemonic = "ReportPage",
        progress_message = "Writing the report page",
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

report_page = rule(
    implementation = _report_page_impl,
    attrs = {
        # A RunReport, and the files of the same paper_table() "all".
        "report": attr.label(allow_single_file = [".pb"], mandatory = True),
        "tables": attr.label(mandatory = True, providers = [PaperTableInfo]),
        # Files of paper_figure()s, in the order of the page.
        "figures": attr.label_list(allow_files = True),
        # What else the tables were made from, whose checksums the page names.
        "inputs": attr.label_list(allow_files = True),
        "css": attr.label(allow_single_file = [".css"], mandatory = True),
        "script": attr.label(allow_single_file = [".js"], mandatory = True),
        "_methods": attr.label(default = "//figures:methods.csv", allow_single_file = True),
        "_versions": attr.label_list(default = [
            "//third_party/toolchain:compiler",
            "//third_party/toolchain:gnuplot",
            "//third_party/toolchain:unicode",
        ]),
        "_tool": attr.label(default = "//paper_tables/report:report_main", executable = True, cfg = "target"),
    },
)
