"""What full-scale runs of GPT-2 are run on: the GPU with --config=cuda."""

_GPU_REQUESTED = "//experiments:gpu_requested"
_ON_GPU = "//experiments:on_gpu"
_DEFAULT = "//conditions:default"
_NO_TOOLKIT = ("--config=cuda needs the CUDA toolkit, and none was found: set " +
               "CUDA_HOME to where its bin/nvcc is, or build without --config=cuda.")

def run_attributes(full_scale, tool, cuda_tool):
    """Gives the attributes of run_experiment() that say what it runs on.

    A CPU's program can say for itself what it cannot do.

    Args:
      full_scale: whether the run is one that takes a GPU.
      tool: the program for the CPU.
      cuda_tool: the program for the GPU.
    """
    if not full_scale:
        return {"tool": tool}
    return {
        "on_gpu": select({_GPU_REQUESTED: True, _DEFAULT: False}),
        "tags": ["manual"],
        "tool": select(
            {
                _ON_GPU: cuda_tool,
                "//experiments:on_cpu": tool,
            },
            no_match_error = _NO_TOOLKIT,
        ),
    }

def full_scale_or(full, shown):
    """Gives the runs to show: the full-scale ones with --config=cuda, else `shown`."""
    return select({_GPU_REQUESTED: full, _DEFAULT: shown})
