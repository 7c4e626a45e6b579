"""gpt2_smoothness(): the check of Assumption 5.1, one action.

    gpt2_smoothness(name = "smoothness_reduced", dataset = "//data:alpaca_reduced_tokens")

runs the spec NAME.textproto and gives :NAME, a Gpt2SmoothnessResult.
"""

load("//experiments:experiment.bzl", "run_experiment")

def gpt2_smoothness(
        name,
        dataset,
        full_scale = False,
        visibility = ["//visibility:public"]):
    """Declares one run.

    Args:
      name: as in its spec, NAME.textproto, a Gpt2SmoothnessSpec in text form.
      dataset: a token file, as the spec names it.
      full_scale: takes months on a CPU, so that only an explicit request builds
        it ("manual").
      visibility: of the target.
    """
    run_experiment(
        name = name,
        spec = name + ".textproto",
        dataset = dataset,
        weights = ["//data:gpt2_safetensors"],
        tool = "//experiments/gpt2:smoothness_main",
        mnemonic = "ProbeSmoothness",
        progress_message = "Checking Assumption 5.1 on GPT-2 (%s)" % name,
        tags = ["manual"] if full_scale else [],
        visibility = visibility,
    )
