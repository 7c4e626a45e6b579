"""experiment(): a family of training runs, one target and one action per cell.

    experiment(name = "a9a", protocol = "small.textproto")

makes a spec of the protocol and of the data set's name and size, and gives, for
method x batch size of the spec,

    :a9a_adagrad_m64      the ExperimentResult of one table cell
    :a9a_optimum_paper    the w* that suboptimality refers to
    :a9a_optimum_exact    the best known value of inf f, with a certificate
    :a9a                  all cells
    :a9a_family           the spec

The spec is expanded first, one small action a cell, and a cell's action reads
the expanded spec alone: adding a batch size to a family reruns nothing else.
"""

load("//data:dataset.bzl", "DatasetSpecInfo")

METHODS = ["sgd", "adagrad", "adagrad_norm", "adam", "rmsprop", "signsgd"]
BATCH_SIZES = [1, 4, 16, 64, 256, 1024]

# Fixed, so that bits do not depend on the shell that started Bazel.
EXPERIMENT_ENV = {"LC_ALL": "C"}

def _expanded_spec_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".textproto")
    inputs = [ctx.file.spec]
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--out", out)
    if ctx.attr.family:
        inputs.append(ctx.attr.dataset[DatasetSpecInfo].file)
        args.add("--name", ctx.attr.family)
        args.add("--dataset", inputs[1])
    args.add("--method", ctx.attr.method)
    args.add("--batch_size", ctx.attr.batch_size)
    if ctx.attr.optimum:
        args.add("--optimum", ctx.attr.optimum)
    ctx.actions.run(
        executable = ctx.executable.expand,
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        env = EXPERIMENT_ENV,
        mnemonic = "ExpandSpec",
        progress_message = "Expanding %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

expanded_spec = rule(
    implementation = _expanded_spec_impl,
    doc = "A family's spec, of a protocol; or one cell's, or one optimum's, part of it.",
    attrs = {
        "spec": attr.label(allow_single_file = [".textproto"], mandatory = True),
        # For a family alone: its name, and its data set.
        "family": attr.string(),
        "dataset": attr.label(providers = [DatasetSpecInfo]),
        "method": attr.string(),
        "batch_size": attr.int(),
        "optimum": attr.string(),
        "expand": attr.label(default = "//experiments:expand_spec", executable = True, cfg = "target"),
    },
)

def experiment_args(ctx, out):
    """The arguments that every trainer and solver takes.

    Args:
      ctx: of a rule with EXPERIMENT_ATTRS.
      out: the result's file.
    """
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--dataset", ctx.file.dataset)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    return args

EXPERIMENT_ATTRS = {
    "spec": attr.label(allow_single_file = [".textproto"], mandatory = True),
    "dataset": attr.label(allow_single_file = True, mandatory = True),
    # "target": the optimised build that everything else uses; "exec" would
    # build the trainer a second time.
    "tool": attr.label(executable = True, cfg = "target", mandatory = True),
    "mnemonic": attr.string(mandatory = True),
    "progress_message": attr.string(mandatory = True),
}

def _run_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".result.pb")
    args = experiment_args(ctx, out)
    if ctx.files.optima:
        args.add_joined("--optima", ctx.files.optima, join_with = ",")
    ctx.actions.run(
        executable = ctx.executable.tool,
        arguments = [args],
        inputs = [ctx.file.spec, ctx.file.dataset] + ctx.files.optima,
        outputs = [out],
        env = EXPERIMENT_ENV,
        mnemonic = ctx.attr.mnemonic,
        progress_message = ctx.attr.progress_message,
    )
    return [DefaultInfo(files = depset([out]))]

run_experiment = rule(
    implementation = _run_impl,
    doc = "Runs a trainer or a solver on an expanded spec.",
    attrs = dict(
        EXPERIMENT_ATTRS,
        optima = attr.label_list(allow_files = [".pb"]),
    ),
)

def experiment(
        name,
        protocol,
        dataset = None,
        methods = METHODS,
        batch_sizes = BATCH_SIZES,
        optima = ["paper", "exact"],
        visibility = ["//visibility:public"]):
    """Declares the cells of one data set.

    Args:
      name: the family's name.
      protocol: an ExperimentSpec in text form without name and data set.
      dataset: of dataset(); by default the target of //data named like the
        family.
      methods: rows, by the names that the protocol gives them.
      batch_sizes: columns. Methods and batch sizes that the protocol does not
        have are refused when the cell is expanded.
      optima: roles of the protocol's optima: "paper" and, if any, "exact".
      visibility: of all targets.
    """
    if not methods or not batch_sizes:
        fail("experiment %s: methods and batch_sizes must not be empty" % name)
    if "paper" not in optima:
        fail("experiment %s: suboptimality needs the optimum \"paper\"" % name)
    dataset = dataset or "//data:" + name
    spec = name + "_family"
    expanded_spec(
        name = spec,
        dataset = dataset,
        family = name,
        spec = protocol,
        visibility = visibility,
    )

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
