"""run_gpt2(): one run of GPT-2; a full-scale one on the GPU with --config=cuda."""

load("//experiments:experiment.bzl", "EXPERIMENT_ATTRS", "EXPERIMENT_ENV", "experiment_args")

_GPU_REQUESTED = "//experiments:gpu_requested"
_ON_GPU = "//experiments:on_gpu"
_DEFAULT = "//conditions:default"
_NO_TOOLKIT = ("--config=cuda needs the CUDA toolkit, and none was found: set " +
               "CUDA_HOME to where its bin/nvcc is, or build without --config=cuda.")

def _run_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".result.pb")
    args = experiment_args(ctx, out)
    for weights in ctx.files.weights:
        args.add("--weights", weights)
    if ctx.attr.weights and not ctx.files.weights:
        args.add("--random_start")
    action = {
        "inputs": [ctx.file.spec, ctx.file.dataset] + ctx.files.weights,
        "outputs": [out],
        "env": EXPERIMENT_ENV,
        "mnemonic": ctx.attr.mnemonic,
        "progress_message": ctx.attr.progress_message,
    }
    if ctx.attr.on_gpu:
        # Not in a sandbox, so that all lock the same folder; nor from a cache,
        # whose keys do not know the GPU.
        ctx.actions.run_shell(
            command = "exec /usr/bin/flock . \"$@\"",
            arguments = [ctx.executable.tool.path, args],
            tools = [ctx.attr.tool[DefaultInfo].files_to_run],
            execution_requirements = {"local": "1"},
            **action
        )
    else:
        ctx.actions.run(executable = ctx.executable.tool, arguments = [args], **action)
    return [DefaultInfo(files = depset([out]))]

_run = rule(
    implementation = _run_impl,
    doc = "Runs a program of GPT-2's on a spec.",
    attrs = dict(
        EXPERIMENT_ATTRS,
        # The official weights, or nothing where they cannot be had, so that a
        # random start stands in; others than full-scale runs have none.
        weights = attr.label(allow_files = True),
        # The tool computes on the GPU, where it has to be alone: runs wait for
        # each other.
        on_gpu = attr.bool(),
    ),
)

def run_gpt2(name, full_scale, tool, cuda_tool, **kwargs):
    """Declares one run.

    A CPU's program can say for itself what it cannot do.

    Args:
      name: of the target.
      full_scale: takes a GPU (--config=cuda) and hours, so that only an
        explicit request builds it ("manual").
      tool: the program for the CPU.
      cuda_tool: the program for the GPU.
      **kwargs: further attributes: spec, dataset, what is shown of it.
    """
    if not full_scale:
        _run(name = name, tool = tool, **kwargs)
        return
    _run(
        name = name,
        tool = select(
            {
                _ON_GPU: cuda_tool,
                "//experiments:on_cpu": tool,
            },
            no_match_error = _NO_TOOLKIT,
        ),
        on_gpu = select({_GPU_REQUESTED: True, _DEFAULT: False}),
        tags = ["manual"],
        weights = "//data:gpt2_safetensors",
        **kwargs
    )

def full_scale_or(full, shown):
    """Gives the runs to show: the full-scale ones with --config=cuda, else `shown`."""
    return select({_GPU_REQUESTED: full, _DEFAULT: shown})
