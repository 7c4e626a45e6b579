"""What runs on this machine's GPU with --config=cuda."""

_GPU_REQUESTED = "//experiments:gpu_requested"
_NO_TOOLKIT = ("--config=cuda needs the CUDA toolkit, and none was found: set " +
               "CUDA_HOME to where its bin/nvcc is, or build without --config=cuda.")

def on_gpu_or(gpu, cpu):
    """Gives `gpu` with --config=cuda, which takes a toolkit, else `cpu`."""
    return select(
        {
            "//experiments:on_gpu": gpu,
            "//experiments:on_cpu": cpu,
        },
        no_match_error = _NO_TOOLKIT,
    )

def if_gpu_requested(then, otherwise):
    """Gives `then` with --config=cuda, toolkit or not."""
    return select({_GPU_REQUESTED: then, "//conditions:default": otherwise})

def run_on_gpu(ctx, args, **action):
    """Runs ctx.attr.tool where it has the GPU to itself.

    Not in a sandbox, so that all lock the same folder; nor from a cache, whose
    keys do not know the GPU.

    Args:
      ctx: of a rule with the attribute `tool`.
      args: its arguments.
      **action: further arguments of ctx.actions.run.
    """
    ctx.actions.run_shell(
        command = "exec /usr/bin/flock . \"$@\"",
        arguments = [ctx.executable.tool.path, args],
        tools = [ctx.attr.tool[DefaultInfo].files_to_run],
        execution_requirements = {"local": "1"},
        **action
    )
