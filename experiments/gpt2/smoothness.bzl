"""gpt2_smoothness(): the check of Assumption 5.1, one action.

    gpt2_smoothness(name = "smoothness_reduced", dataset = "//data:alpaca_small_tokens")

runs the spec NAME.textproto and gives :NAME, a Gpt2SmoothnessResult.

    gpt2_smoothness_shown(
        name = "smoothness_shown",
        dataset = "//data:alpaca_joint_tokens",
        full = "smoothness_full",
        part = "smoothness_tenth",
        reduced = "smoothness_reduced",
    )

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

def gpt2_smoothness_shown(name, full, part, reduced, dataset, visibility = ["//visibility:public"]):
    """Declares the result that Figure 1 shows.

    :FULL with --config=cuda; else recorded/FULL.textproto, recorded/PART.textproto
    or :REDUCED, the first that there is.

    Args:
      name: the target's name.
      full: the full-scale run.
      part: the same model on some of the data.
      reduced: the run for a CPU.
      dataset: the token file of FULL and PART.
      visibility: of all targets.
    """
    shown = ":" + reduced
    for run in [part, full]:
        shown = recorded_or_reduced(
            full = run,
            spec = run + ".textproto",
            dataset = dataset,
            reduced = shown,
            kind = "smoothness",
            visibility = visibility,
        )
    native.filegroup(
        name = name,
        srcs = full_scale_or([":" + full], [shown]),
        visibility = visibility,
    )
