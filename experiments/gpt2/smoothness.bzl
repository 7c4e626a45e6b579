"""gpt2_smoothness(): the check of Assumption 5.1, one action.

    gpt2_smoothness(name = "smoothness_reduced", dataset = "//data:alpaca_small_tokens")

runs the spec NAME.textproto and gives :NAME, a Gpt2SmoothnessResult.

    gpt2_smoothness_shown(name = "smoothness_shown", full = "smoothness_full", reduced = "smoothness_reduced", dataset = ...)

gives the result that the figure shows.
"""

load(":recorded.bzl", "recorded_or_reduced")
load(":run_gpt2.bzl", "full_scale_or", "run_gpt2")

def gpt2_smoothness(
        name,
        dataset,
        full_scale = False,
        visibility = ["//visibility:public"]):
    """Declares one run.

    Args:
      name: as in its spec, NAME.textproto, a Gpt2SmoothnessSpec in text form.
      dataset: a token file, as the spec names it.
      full_scale: takes a GPU (--config=cuda), so that only an explicit request
        builds it ("manual").
      visibility: of the target.
    """
    run_gpt2(
        name = name,
        spec = name + ".textproto",
        dataset = dataset,
        mnemonic = "ProbeSmoothness",
        progress_message = "Checking Assumption 5.1 on GPT-2 (%s)" % name,
        visibility = visibility,
        full_scale = full_scale,
        tool = "//experiments/gpt2/smoothness",
        cuda_tool = "//experiments/gpt2/smoothness/cuda:smoothness_cuda",
    )

def gpt2_smoothness_shown(name, full, reduced, dataset, visibility = ["//visibility:public"]):
    """Declares the result that Figure 1 shows.

    :FULL with --config=cuda; else recorded/FULL.textproto or :REDUCED.

    Args:
      name: the target's name.
      full: the full-scale run.
      dataset: its token file.
      reduced: the run for a CPU.
      visibility: of all targets.
    """
    native.filegroup(
        name = name,
        srcs = full_scale_or([":" + full], [recorded_or_reduced(
            full = full,
            spec = full + ".textproto",
            dataset = dataset,
            reduced = reduced,
            kind = "smoothness",
            visibility = visibility,
        )]),
        visibility = visibility,
    )
