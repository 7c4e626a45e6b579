"""run_gpt2(): one run of GPT-2; a full-scale one on the GPU with --config=cuda."""

load("//data:require_official.bzl", "REQUIRE_OFFICIAL", "official_required")
load("//experiments:experiment.bzl", "EXPERIMENT_ATTRS", "EXPERIMENT_ENV", "experiment_args")
load("//experiments:gpu.bzl", "if_gpu_requested", "on_gpu_or", "run_on_gpu")

def _run_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".result.pb")
    outputs = [out]
    args = experiment_args(ctx, out)
    if ctx.attr.saves_weights:
        outputs.append(ctx.actions.declare_file(ctx.label.name + ".safetensors"))
        args.add("--save_weights", outputs[1])
    for weights in ctx.files.weights:
        args.add("--weights", weights)
    if ctx.attr.weights and not ctx.files.weights:
        if official_required(ctx):
            fail("%s could not be had, and --//data:require_official refuses a random start" %
                 ctx.attr.weights.label)
        args.add("--random_start")
    action = {
        "inputs": [ctx.file.spec, ctx.file.dataset] + ctx.files.weights,
        "outputs": outputs,
        "env": EXPERIMENT_ENV,
        "mnemonic": ctx.attr.mnemonic,
        "progress_message": ctx.attr.progress_message,
    }
    if ctx.attr.on_gpu:
        run_on_gpu(ctx, args, **action)
    else:
        ctx.actions.run(executable = ctx.executable.tool, arguments = [args], **action)
    return [
        # What others take: the weights, where they are saved.
        DefaultInfo(files = depset([outputs[-1]])),
        OutputGroupInfo(result = depset([out])),
    ]

_run = rule(
    implementation = _run_impl,
    doc = "Runs a program of GPT-2's on a spec.",
    attrs = dict(
        dict(EXPERIMENT_ATTRS, **REQUIRE_OFFICIAL),
        # The official weights, or nothing where they cannot be had, so that a
        # random start stands in; or those that another run saved. Without the
        # attribute there are none to have.
        weights = attr.label(allow_files = True),
        # The target is NAME.safetensors, the weights that the run ends with; its
        # result is in the output group "result".
        saves_weights = attr.bool(),
        # The tool computes on the GPU, where it has to be alone: runs wait for
        # each other.
        on_gpu = attr.bool(),
    ),
)

def run_gpt2(name, full_scale, tool, cuda_tool = None, **kwargs):
    """Declares one run.

    A CPU's program can say for itself what it cannot do.

    Args:
      name: of the target.
      full_scale: takes a GPU (--config=cuda) and hours, so that only an
        explicit request builds it ("manual").
      tool: the program for the CPU.
      cuda_tool: the program for the GPU, if full_scale.
      **kwargs: further attributes: spec, dataset, what is shown of it; weights, if
        not full_scale.
    """
    if not full_scale:
        _run(name = name, tool = tool, **kwargs)
        return
    _run(
        name = name,
        tool = on_gpu_or(cuda_tool, tool),
        on_gpu = if_gpu_requested(True, False),
        tags = ["manual"],
        weights = "//data:gpt2_safetensors",
        **kwargs
    )

def full_scale_or(full, shown):
    """Gives the runs to show: the full-scale ones with --config=cuda, else `shown`."""
    return if_gpu_requested(full, shown)
