"""experiment(): a family of training runs, one target and one action per cell.

    experiment(name = "a9a", spec = "a9a.textproto")

gives, for method x batch size of the spec,

    :a9a_adagrad_m64      the ExperimentResult of one table cell
    :a9a_optimum_paper    the w* that suboptimality refers to
    :a9a_optimum_exact    the best known value of inf f, with a certificate
    :a9a                  all cells

The spec is expanded first, one small action a cell, and a cell's action reads
the expanded spec alone: adding a batch size to a family reruns nothing else.
"""

METHODS = ["sgd", "adagrad", "adagrad_norm", "adam", "rmsprop", "signsgd"]
BATCH_SIZES = [1, 4, 16, 64, 256, 1024]

# Fixed, so that bits do not depend on the shell that started Bazel.
_ENV = {"LC_ALL": "C"}

def _expanded_spec_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".textproto")
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--out", out)
    args.add("--method", ctx.attr.method)
    args.add("--batch_size", ctx.attr.batch_size)
    if ctx.attr.optimum:
        args.add("--optimum", ctx.attr.optimum)
    ctx.actions.run(
        executable = ctx.executable.expand,
        arguments = [args],
        inputs = [ctx.file.spec],
        outputs = [out],
        env = _ENV,
        mnemonic = "ExpandSpec",
        progress_message = "Expanding %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

expanded_spec = rule(
    implementation = _expanded_spec_impl,
    doc = "One cell's, or one optimum's, part of a family's spec.",
    attrs = {
        "spec": attr.label(allow_single_file = [".textproto"], mandatory = True),
        "method": attr.string(),
        "batch_size": attr.int(),
        "optimum": attr.string(),
        "expand": attr.label(default = "//experiments:expand_spec", executable = True, cfg = "target"),
    },
)

def _run_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".result.pb")
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--dataset", ctx.file.dataset)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    if ctx.files.optima:
        args.add_joined("--optima", ctx.files.optima, join_with = ",")
    for weights in ctx.files.weights:
        args.add("--weights", weights)
    action = {
        "inputs": [ctx.file.spec, ctx.file.dataset] + ctx.files.optima + ctx.files.weights,
        "outputs": [out],
        "env": _ENV,
        "mnemonic": ctx.attr.mnemonic,
        "progress_message": ctx.attr.progress_message,
    }
    if ctx.attr.on_gpu:
        # Neither in a sandbox, where all have the same lock, nor from a cache,
        # whose keys do not know the GPU.
        ctx.actions.run_shell(
            command = "exec /usr/bin/flock \"${1%/*}\" \"$@\"",
            arguments = [ctx.executable.tool.path, args],
            tools = [ctx.attr.tool[DefaultInfo].files_to_run],
            execution_requirements = {"local": "1"},
            **action
        )
    else:
        ctx.actions.run(executable = ctx.executable.tool, arguments = [args], **action)
    return [DefaultInfo(files = depset([out]))]

run_experiment = rule(
    implementation = _run_impl,
    doc = "Runs a trainer or a solver on an expanded spec.",
    attrs = {
        "spec": attr.label(allow_single_file = [".textproto"], mandatory = True),
        "dataset": attr.label(allow_single_file = True, mandatory = True),
        "optima": attr.label_list(allow_files = [".pb"]),
        # The official weights, or nothing where they cannot be had.
        "weights": attr.label_list(allow_files = True),
        # "target": the optimised build that everything else uses; "exec" would
        # build the trainer a second time.
        "tool": attr.label(executable = True, cfg = "target", mandatory = True),
        # The tool computes on the GPU, where it has to be alone: runs wait for
        # each other.
        "on_gpu": attr.bool(),
        "mnemonic": attr.string(mandatory = True),
        "progress_message": attr.string(mandatory = True),
    },
)

def experiment(
        name,
        spec,
        dataset = None,
        methods = METHODS,
        batch_sizes = BATCH_SIZES,
        optima = ["paper", "exact"],
        visibility = ["//visibility:public"]):
    """Declares the cells of one data set.

    Args:
      name: the family's name, as in its spec.
      spec: an ExperimentSpec in text form.
      dataset: a target of //data; by default the one named like the family.
      methods: rows, by the names that the spec gives them.
      batch_sizes: columns. Methods and batch sizes that the spec does not have
        are refused when the cell is expanded.
      optima: roles of the spec's optima: "paper" and, if any, "exact".
      visibility: of all targets.
    """
    if not methods or not batch_sizes:
        fail("experiment %s: methods and batch_sizes must not be empty" % name)
    if "paper" not in optima:
        fail("experiment %s: suboptimality needs the optimum \"paper\"" % name)
    dataset = dataset or "//data:" + name

    optimum_targets = []
    for role in optima:
        optimum = "%s_optimum_%s" % (name, role)
        expanded_spec(
            name = optimum + "_spec",
            spec = spec,
            optimum = role,
        )
        run_experiment(
            name = optimum,
            spec = optimum + "_spec",
            dataset = dataset,
            tool = "//experiments/logistic/optimum:solve",
            mnemonic = "SolveOptimum",
            progress_message = "Solving for the optimum (%s) of %s" % (role, name),
            visibility = visibility,
        )
        optimum_targets.append(":" + optimum)
    native.filegroup(
        name = name + "_optimum",
        srcs = optimum_targets,
        visibility = visibility,
    )

    cells = []
    for method in methods:
        for batch_size in batch_sizes:
            cell = "%s_%s_m%d" % (name, method, batch_size)
            expanded_spec(
                name = cell + "_spec",
                spec = spec,
                method = method,
                batch_size = batch_size,
            )
            run_experiment(
                name = cell,
                spec = cell + "_spec",
                dataset = dataset,
                optima = optimum_targets,
                tool = "//experiments/logistic/train",
                mnemonic = "Train",
                progress_message = "Training %s with %s at batch size %d" % (name, method, batch_size),
                visibility = visibility,
            )
            cells.append(":" + cell)
    native.filegroup(
        name = name,
        srcs = cells,
        visibility = visibility,
    )
