"""gpt2_experiment(): a family of fine-tuning runs, one action per table cell.

    gpt2_experiment(name = "alpaca", spec = "alpaca.textproto", ...)
    gpt2_shown(name = "table4_results", full = "alpaca", reduced = "alpaca_reduced", ...)

gives :alpaca_adagrad_m64 and the like, and a target with the one result of each
cell that the tables show.
"""

load("//experiments:experiment.bzl", "cell_name", "expanded_spec")
load(":recorded.bzl", "recorded_or_reduced")
load(":run_gpt2.bzl", "full_scale_or", "run_gpt2")

METHODS = ["sgd", "adagrad"]
BATCH_SIZES = [32, 64, 128, 256, 512, 1024]

def cell_specs(family, methods = METHODS, batch_sizes = BATCH_SIZES):
    """Gives the labels of a family's expanded specs, one per cell.

    Args:
      family: the family's label.
      methods: rows.
      batch_sizes: columns.
    """
    return [
        cell_name(family, method, batch_size) + "_spec"
        for method in methods
        for batch_size in batch_sizes
    ]

def gpt2_experiment(
        name,
        spec,
        dataset,
        full_scale = False,
        weights = None,
        methods = METHODS,
        batch_sizes = BATCH_SIZES,
        visibility = ["//visibility:public"]):
    """Declares the cells of one family.

    Args:
      name: the family's name, as in its spec.
      spec: a Gpt2ExperimentSpec in text form.
      dataset: a token file, as the spec names it.
      full_scale: takes a GPU (--config=cuda) and hours, so that only an
        explicit request builds it ("manual").
      weights: of gpt2_pretraining(), for a family that is not full_scale and
        starts from PRETRAINED_WEIGHTS.
      methods: rows, by the names that the spec gives them.
      batch_sizes: columns.
      visibility: of all targets.
    """
    cells = []
    for method in methods:
        for batch_size in batch_sizes:
            cell = cell_name(name, method, batch_size)
            expanded_spec(
                name = cell + "_spec",
                spec = spec,
                method = method,
                batch_size = batch_size,
                expand = "//experiments/gpt2/spec:expand_spec",
            )
            run_gpt2(
                name = cell,
                spec = cell + "_spec",
                dataset = dataset,
                mnemonic = "TrainGpt2",
                progress_message = "Training GPT-2 (%s) with %s at batch size %d" % (name, method, batch_size),
                visibility = visibility,
                full_scale = full_scale,
                tool = "//experiments/gpt2/train",
                cuda_tool = "//experiments/gpt2/train/cuda:train_cuda",
                **({"weights": weights} if weights else {})
            )
            cells.append(":" + cell)
    native.filegroup(
        name = name,
        srcs = cells,
        tags = ["manual"] if full_scale else [],
        visibility = visibility,
    )

def gpt2_pretraining(name, spec, dataset, method, batch_size, visibility = ["//visibility:public"]):
    """Declares NAME.safetensors, the weights that a family's one cell ends with.

    Args:
      name: the family's name, as in its spec.
      spec: a Gpt2ExperimentSpec in text form, of one method and batch size.
      dataset: a token file, as the spec names it.
      method: the spec's.
      batch_size: the spec's.
      visibility: of the target.
    """
    expanded_spec(
        name = name + "_spec",
        spec = spec,
        method = method,
        batch_size = batch_size,
        expand = "//experiments/gpt2/spec:expand_spec",
    )
    run_gpt2(
        name = name,
        spec = name + "_spec",
        dataset = dataset,
        full_scale = False,
        saves_weights = True,
        mnemonic = "PretrainGpt2",
        progress_message = "Pre-training GPT-2 (%s)" % name,
        visibility = visibility,
        tool = "//experiments/gpt2/train",
    )

def gpt2_shown(
        name,
        full,
        reduced,
        dataset,
        methods = METHODS,
        batch_sizes = BATCH_SIZES,
        visibility = ["//visibility:public"]):
    """Declares the results that tables and figures show, one per cell.

    With --config=cuda the full-scale family's, made here. Else a cell's recorded
    result, recorded/CELL.textproto of the full-scale family, where there is one;
    else the reduced family's. A recorded result whose spec or data have changed
    since breaks the build.

    Args:
      name: the target's name.
      full: the full-scale family.
      dataset: its token file.
      reduced: the family that a CPU can run.
      methods: rows.
      batch_sizes: columns.
      visibility: of all targets.
    """
    full_cells = []
    shown = []
    for method in methods:
        for batch_size in batch_sizes:
            cell = cell_name(full, method, batch_size)
            full_cells.append(":" + cell)
            shown.append(recorded_or_reduced(
                full = cell,
                spec = cell + "_spec",
                dataset = dataset,
                reduced = ":" + cell_name(reduced, method, batch_size),
                kind = "cell",
                visibility = visibility,
            ))
    native.filegroup(
        name = name,
        srcs = full_scale_or(full_cells, shown),
        visibility = visibility,
    )
