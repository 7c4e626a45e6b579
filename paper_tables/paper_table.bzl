"""paper_table(): one table from results, as text, Markdown, LaTeX and CSV.

    paper_table(name = "table3", results = [...], constants = [...])

`bazel build` makes table3.txt, .md, .tex and .csv; `bazel run` prints the text
and the files' paths, and with `-- --out=DIR` copies the files there.
"""

load("@rules_shell//shell:sh_binary.bzl", "sh_binary")

PaperTableInfo = provider(
    doc = "What a table was made of, for what says where its numbers come from.",
    fields = {
        "constants": "files of ConstantsResult",
        "fine_tuning": "files of Gpt2Result",
        "results": "files of ExperimentResult",
        "smoothness": "files of Gpt2SmoothnessResult",
    },
)

def _render_impl(ctx):
    outs = [ctx.actions.declare_file("%s.%s" % (ctx.attr.table, e)) for e in ["txt", "md", "tex", "csv"]]
    args = ctx.actions.args()
    args.add("--table", ctx.attr.table)
    args.add_joined("--results", ctx.files.results, join_with = ",")
    args.add_joined("--constants", ctx.files.constants, join_with = ",")
    args.add_joined("--fine_tuning", ctx.files.fine_tuning, join_with = ",")
    args.add_joined("--smoothness", ctx.files.smoothness, join_with = ",")
    args.add_joined("--fresh", ctx.files.fresh, join_with = ",", omit_if_empty = True)
    args.add_joined("--measured", ctx.files.measured, join_with = ",", omit_if_empty = True)
    args.add_joined("--held_out", ctx.files.held_out, join_with = ",", omit_if_empty = True)
    args.add_joined("--curvature", ctx.files.curvature, join_with = ",", omit_if_empty = True)
    args.add_joined("--theory", ctx.files.theory, join_with = ",")
    args.add_joined("--adversary", ctx.files.adversary, join_with = ",")
    args.add_joined("--tails", ctx.files.tails, join_with = ",")
    args.add("--published", ctx.file._published)
    args.add("--tolerances", ctx.file._tolerances)
    args.add("--rates", ctx.file._rates)
    args.add("--recorded", ctx.file._recorded)
    args.add("--out", outs[0].path[:-len(".txt")])
    report = []
    if ctx.attr.table == "all":
        # What //paper_tables:record copies.
        outs.append(ctx.actions.declare_file("all_recorded.csv"))
        args.add("--out_recorded", outs[-1])

        # What else is made of the report; its own output group, "report".
        report = [ctx.actions.declare_file("all_report.pb")]
        args.add("--out_report", report[0])
    ctx.actions.run(
        executable = ctx.executable._renderer,
        arguments = [args],
        inputs = ctx.files.results + ctx.files.constants + ctx.files.fine_tuning +
                 ctx.files.smoothness + ctx.files.fresh + ctx.files.measured +
                 ctx.files.held_out + ctx.files.curvature +
                 ctx.files.theory + ctx.files.adversary + ctx.files.tails +
                 [ctx.file._published, ctx.file._tolerances, ctx.file._rates, ctx.file._recorded],
        outputs = outs + report,
        mnemonic = "PaperTable",
        progress_message = "Rendering %s" % ctx.attr.table,
    )
    return [
        DefaultInfo(files = depset(outs), runfiles = ctx.runfiles(outs)),
        OutputGroupInfo(report = depset(report)),
        PaperTableInfo(
            constants = ctx.files.constants,
            fine_tuning = ctx.files.fine_tuning,
            results = ctx.files.results + ctx.files.fresh,
            smoothness = ctx.files.smoothness,
        ),
    ]

_render = rule(
    implementation = _render_impl,
    attrs = {
        "table": attr.string(mandatory = True),
        "results": attr.label_list(allow_files = [".pb"]),
        "constants": attr.label_list(allow_files = [".pb"]),
        "fine_tuning": attr.label_list(allow_files = [".pb"]),
        "smoothness": attr.label_list(allow_files = [".pb"]),
        "fresh": attr.label_list(allow_files = [".pb"]),
        "measured": attr.label_list(allow_files = [".pb"]),
        "held_out": attr.label_list(allow_files = [".pb"]),
        "curvature": attr.label_list(allow_files = [".pb"]),
        "theory": attr.label_list(allow_files = [".pb"]),
        "adversary": attr.label_list(allow_files = [".pb"]),
        "tails": attr.label_list(allow_files = [".pb"]),
        "_published": attr.label(default = "//paper_tables:published.textproto", allow_single_file = True),
        "_tolerances": attr.label(default = "//paper_tables:tolerances.textproto", allow_single_file = True),
        "_rates": attr.label(default = "//paper_tables:rates.textproto", allow_single_file = True),
        "_recorded": attr.label(default = "//paper_tables:recorded.csv", allow_single_file = True),
        "_renderer": attr.label(default = "//paper_tables:render_main", executable = True, cfg = "target"),
    },
)

def paper_table(
        name,
        results = [],
        constants = [],
        fine_tuning = [],
        smoothness = [],
        fresh = [],
        measured = [],
        held_out = [],
        curvature = [],
        theory = [],
        adversary = [],
        tails = [],
        visibility = ["//visibility:public"]):
    """Declares a table.

    Args:
      name: "table1", "table2", ... or "all" for the whole report.
      results: cells, //experiments/logistic:a9a and the like.
      constants: //analysis:a9a_constants and the like; their order is that of
        the data sets in the table.
      fine_tuning: results of GPT-2, //experiments/gpt2:shown.
      smoothness: of the check of Assumption 5.1,
        //experiments/gpt2:smoothness_shown; for the claims.
      fresh: the cells on seeds that nothing was selected on, //experiments/logistic:a9a_fresh.
      measured: //analysis:a9a_measured and the like.
      held_out: //analysis:a9a_held_out.
      curvature: //experiments/gpt2:curvature_reduced.
      theory: bounds of cells, //analysis/theory:a9a_bounds and the like.
      adversary: //analysis/theory:adversary_record.
      tails: //analysis/theory:tails.
      visibility: of the target.
    """
    _render(
        name = name + "_files",
        table = name,
        results = results,
        constants = constants,
        fine_tuning = fine_tuning,
        smoothness = smoothness,
        fresh = fresh,
        measured = measured,
        held_out = held_out,
        curvature = curvature,
        theory = theory,
        adversary = adversary,
        tails = tails,
        visibility = visibility,
    )
    sh_binary(
        name = name,
        srcs = ["print_table.sh"],
        args = [name],
        data = [
            ":%s_files" % name,
            "//tools/base:printer.sh",
        ],
        visibility = visibility,
    )
