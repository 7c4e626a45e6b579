"""paper_figure(): one figure from one CSV file, as SVG, PDF and PNG.

    paper_figure(name = "figure1", data = "//analysis/gpt2:figure1_data", ...)
    figure_set(name = "all", figures = ["figure1", "figure2"])

`bazel build` makes figure1.svg, .pdf, .png, .csv (the data) and .txt (title, caption
and notes); `bazel run` prints the text and the files' paths, and with
`-- --out=DIR` copies the files there. figure_set() does so for many.
"""

load("@rules_shell//shell:sh_binary.bzl", "sh_binary")

_EXTENSIONS = ["svg", "pdf", "png", "csv", "txt"]

_ATTRIBUTES = {
    "data": attr.label(mandatory = True, allow_single_file = [".csv"]),
    "script": attr.label(mandatory = True, allow_single_file = [".gp"]),
    "title": attr.string(mandatory = True),
    "curve": attr.string_list(mandatory = True),
    "point": attr.string_list(mandatory = True),
    "width": attr.int(mandatory = True),
    "height": attr.int(mandatory = True),
    "_style": attr.label(default = "//figures:style.gp", allow_single_file = True),
    "_panels": attr.label(default = "//figures:panels.gp", allow_single_file = True),
    "_methods": attr.label(default = "//figures:methods.csv", allow_single_file = True),
    "_fonts": attr.label(default = "//figures:fonts.conf", allow_single_file = True),
    # Versions of gnuplot, of what it draws with and of the fonts: no action reads
    # the file, but other versions are other actions.
    "_versions": attr.label(default = "//third_party/toolchain:gnuplot", allow_single_file = True),
    "_fixed_time": attr.label(default = "//figures:fixed_time.so", allow_single_file = True),
    "_reader": attr.label(default = "//figures:plot_data_main", executable = True, cfg = "target"),
    "_renderer": attr.label(default = "//figures:render_figure.sh", executable = True, cfg = "target", allow_single_file = True),
}

def _inputs(ctx):
    return [
        ctx.file.data,
        ctx.file.script,
        ctx.file._style,
        ctx.file._panels,
        ctx.file._methods,
        ctx.file._fonts,
        ctx.file._fixed_time,
        ctx.file._versions,
    ]

def _flags(ctx, path):
    """render_figure.sh's flags without --out; path(file) is where a file is."""
    return [
        "--reader=" + path(ctx.executable._reader),
        "--csv=" + path(ctx.file.data),
        "--script=" + path(ctx.file.script),
        "--style=" + path(ctx.file._style),
        "--panels=" + path(ctx.file._panels),
        "--methods=" + path(ctx.file._methods),
        "--fonts=" + path(ctx.file._fonts),
        "--clock=" + path(ctx.file._fixed_time),
        "--title=" + ctx.attr.title,
        "--curve=" + ",".join(ctx.attr.curve),
        "--point=" + ",".join(ctx.attr.point),
        "--width=%d" % ctx.attr.width,
        "--height=%d" % ctx.attr.height,
    ]

def _exec_path(file):
    return file.path

def _runfiles_path(file):
    return file.short_path

def _render_impl(ctx):
    outs = [ctx.actions.declare_file("%s.%s" % (ctx.attr.figure, e)) for e in _EXTENSIONS]
    ctx.actions.run(
        executable = ctx.executable._renderer,
        arguments = _flags(ctx, _exec_path) + ["--out=" + outs[0].path[:-len(".svg")]],
        inputs = _inputs(ctx),
        tools = [ctx.executable._reader],
        outputs = outs,
        mnemonic = "PaperFigure",
        progress_message = "Rendering %s" % ctx.attr.figure,
        use_default_shell_env = True,
    )
    return [DefaultInfo(files = depset(outs), runfiles = ctx.runfiles(outs))]

_render = rule(
    implementation = _render_impl,
    attrs = dict(_ATTRIBUTES, figure = attr.string(mandatory = True)),
)

def _quote(text):
    return "'%s'" % text.replace("'", "'\\''")

def _figure_test_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(
        script,
        "#!/bin/sh\nexec " + " ".join([_quote(a) for a in (
            [ctx.file._test.short_path] + ctx.attr.labels +
            ["--", ctx.executable._renderer.short_path] +
            _flags(ctx, _runfiles_path)
        )]) + "\n",
        is_executable = True,
    )
    files = _inputs(ctx) + [ctx.file._test, ctx.executable._renderer, ctx.executable._reader]
    return [DefaultInfo(executable = script, runfiles = ctx.runfiles(files))]

_figure_test = rule(
    implementation = _figure_test_impl,
    attrs = dict(
        _ATTRIBUTES,
        labels = attr.string_list(mandatory = True),
        _test = attr.label(default = "//figures:figure_test.sh", allow_single_file = True),
    ),
    test = True,
)

def paper_figure(
        name,
        script,
        title,
        curve,
        point,
        height,
        sample = None,
        labels = [],
        data = None,
        width = 396,
        visibility = ["//visibility:public"]):
    """Declares a figure, and NAME_test, which draws it from a sample.

    Args:
      name: "figure1", ...
      script: its gnuplot script; plot_data.h and style.gp say what it finds.
      title: one line for the terminal.
      curve: the data's columns that tell curves apart, each as "NAME:integer",
        "NAME:number" or "NAME:text".
      point: its columns of each point, integers and numbers.
      height: in points of 1/72 inch.
      sample: a small CSV file of made-up data for the test; none for a figure that
        is drawn as another one is.
      labels: texts that the picture of the sample must have.
      data: label of the CSV file; without it there is the test alone.
      width: in points; 396 is the width of the paper's text.
      visibility: of the figure.
    """
    shape = {
        "curve": curve,
        "height": height,
        "point": point,
        "script": script,
        "title": title,
        "width": width,
    }
    if sample:
        _figure_test(name = name + "_test", size = "small", data = sample, labels = labels, **shape)
    if data:
        _render(name = name + "_files", figure = name, data = data, visibility = visibility, **shape)
        figure_set(name = name, figures = [name], visibility = visibility)

def figure_set(name, figures, visibility = ["//visibility:public"]):
    """Declares a target whose `bazel run` builds figures and says where they are.

    Args:
      name: "all", ...
      figures: names of this package's paper_figure()s, in the order of printing.
      visibility: of the target.
    """
    sh_binary(
        name = name,
        srcs = ["print_figures.sh"],
        args = figures + ["--"],
        data = ["//tools/base:printer.sh"] + [":%s_files" % figure for figure in figures],
        visibility = visibility,
    )
