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

With --config=cuda the GPU runs all cells of a family at once, :a9a_on_gpu, and
the targets above have its results, which are meant to be the same bytes.
"""

load("//data:dataset.bzl", "DatasetSpecInfo")
load(":gpu.bzl", "on_gpu_or", "run_on_gpu")

PAPER_METHODS = ["sgd", "adagrad"]
METHODS = PAPER_METHODS + ["adagrad_norm", "adam", "rmsprop", "signsgd"]
BATCH_SIZES = [1, 4, 16, 64, 256, 1024]

def _protocol(methods = METHODS, batch_sizes = BATCH_SIZES):
    return struct(methods = methods, batch_sizes = batch_sizes)

# What of experiments/logistic/PROTOCOL.textproto is run on each data set.
PROTOCOLS = {
    "large": _protocol(),
    "small": _protocol(),
}

def middle_batch_size(protocol):
    """The batch size of what is measured at one alone: 64 where the protocol has it.

    Args:
      protocol: of PROTOCOLS.
    """
    sizes = PROTOCOLS[protocol].batch_sizes
    return 64 if 64 in sizes else sizes[len(sizes) // 2]

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
    if ctx.attr.added:
        args.add("--added")
    args.add("--method", ctx.attr.method)
    args.add("--batch_size", ctx.attr.batch_size)
    if ctx.attr.optimum:
        args.add("--optimum", ctx.attr.optimum)
    if ctx.file.grid:
        inputs.append(ctx.file.grid)
        args.add("--grid", ctx.file.grid)
    if ctx.file.like:
        inputs.append(ctx.file.like)
        args.add("--like", ctx.file.like)
        args.add_joined("--seeds", ctx.attr.seeds, join_with = ",")
        args.add("--family", ctx.attr.like_family)
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
        # For a family alone: its name, its data set, and whether that is not one of
        # the paper's.
        "family": attr.string(),
        "dataset": attr.label(providers = [DatasetSpecInfo]),
        "added": attr.bool(),
        "method": attr.string(),
        "batch_size": attr.int(),
        "optimum": attr.string(),
        # For a cell: instead of the family's.
        "grid": attr.label(allow_single_file = [".textproto"]),
        # For a cell that is evaluated afresh: what selected its grid point, its
        # seeds, and its family.
        "like": attr.label(allow_single_file = [".pb"]),
        "seeds": attr.int_list(),
        "like_family": attr.string(),
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

_FamilyResultsInfo = provider(
    doc = "What a family's cells are when they were run at once.",
    fields = {"results": "ExperimentResults by the name of the cell's target"},
)

def _run_impl(ctx):
    if ctx.attr.of_family:
        result = ctx.attr.of_family[_FamilyResultsInfo].results[ctx.label.name]
        return [DefaultInfo(files = depset([result]))]
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
        # Nothing is run: the result is that of a run_family.
        of_family = attr.label(providers = [_FamilyResultsInfo]),
    ),
)

def cell_name(family, method, batch_size):
    """The name, or the label, of a cell's target.

    Args:
      family: its family's, name or label.
      method: row.
      batch_size: column.
    """
    return "%s_%s_m%d" % (family, method, batch_size)

def _family_impl(ctx):
    results = {}
    for method in ctx.attr.methods:
        for batch_size in ctx.attr.batch_sizes:
            cell = cell_name(ctx.attr.family, method, batch_size)
            results[cell] = ctx.actions.declare_file(
                ctx.attr.folder + cell + ".result.pb",
            )
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--dataset", ctx.file.dataset)
    args.add_joined("--optima", ctx.files.optima, join_with = ",")
    args.add_joined("--methods", ctx.attr.methods, join_with = ",")
    args.add_joined("--batch_sizes", ctx.attr.batch_sizes, join_with = ",", map_each = str)
    args.add("--target_prefix", "//%s:" % ctx.label.package)
    args.add("--out_dir", results.values()[0].dirname)
    run_on_gpu(
        ctx,
        args,
        inputs = [ctx.file.spec, ctx.file.dataset] + ctx.files.optima,
        outputs = results.values(),
        env = EXPERIMENT_ENV,
        mnemonic = ctx.attr.mnemonic,
        progress_message = ctx.attr.progress_message,
    )
    return [
        DefaultInfo(
            files = depset(results.values()),
            runfiles = ctx.runfiles(results.values()),
        ),
        _FamilyResultsInfo(results = results),
    ]

run_family = rule(
    implementation = _family_impl,
    doc = "Runs all cells of a family by one call of a program (family_main.h).",
    attrs = dict(
        EXPERIMENT_ATTRS,
        optima = attr.label_list(allow_files = [".pb"]),
        family = attr.string(mandatory = True),
        methods = attr.string_list(mandatory = True),
        batch_sizes = attr.int_list(mandatory = True),
        # Where the results lie in the package: "" or "FOLDER/".
        folder = attr.string(),
    ),
)

def experiment(
        name,
        protocol,
        dataset = None,
        methods = METHODS,
        batch_sizes = BATCH_SIZES,
        optima = ["paper", "exact"],
        other_grid = None,
        added = False,
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
      other_grid: a Grid in text form, which methods that the paper does not have
        search instead of the protocol's.
      added: takes nothing of the protocol that was chosen on the paper's data.
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
        added = added,
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

    run_family(
        name = name + "_on_gpu",
        batch_sizes = batch_sizes,
        dataset = dataset,
        family = name,
        methods = methods,
        mnemonic = "TrainFamily",
        optima = optimum_targets,
        progress_message = "Training all cells of %s on the GPU" % name,
        spec = spec,
        # Not beside the cells' own runs, whose files have the same names.
        tags = ["manual"],
        tool = "//experiments/logistic/cuda:train_family_cuda",
        visibility = visibility,
    )
    cells = []
    for method in methods:
        for batch_size in batch_sizes:
            cell = cell_name(name, method, batch_size)
            expanded_spec(
                name = cell + "_spec",
                spec = spec,
                method = method,
                batch_size = batch_size,
                grid = None if method in PAPER_METHODS else other_grid,
            )
            run_experiment(
                name = cell,
                spec = cell + "_spec",
                dataset = dataset,
                optima = optimum_targets,
                of_family = on_gpu_or(":%s_on_gpu" % name, None),
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

def fresh_seeds(name, like, seeds, dataset = None, visibility = ["//visibility:public"]):
    """Declares cells that evaluate what a family's cells selected on other seeds.

    Args:
      name: the new family's name; its cells are NAME_METHOD_mM.
      like: the family of //experiments/logistic, SGD's and AdaGrad's cells of it.
      seeds: none of which `like` has.
      dataset: of `like`; by default the target of //data named like it.
      visibility: of all targets.
    """
    dataset = dataset or "//data:" + like
    cells = []
    for method in PAPER_METHODS:
        for batch_size in BATCH_SIZES:
            cell = cell_name(name, method, batch_size)
            expanded_spec(
                name = cell + "_spec",
                spec = like + "_family",
                method = method,
                batch_size = batch_size,
                like = cell_name(like, method, batch_size),
                seeds = seeds,
                like_family = name,
            )
            run_experiment(
                name = cell,
                spec = cell + "_spec",
                dataset = dataset,
                optima = [like + "_optimum"],
                tool = "//experiments/logistic/train",
                mnemonic = "Train",
                progress_message = "Evaluating %s on fresh seeds with %s at batch size %d" % (like, method, batch_size),
                visibility = visibility,
            )
            cells.append(":" + cell)
    native.filegroup(
        name = name,
        srcs = cells,
        visibility = visibility,
    )
