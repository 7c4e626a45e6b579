"""machine: what WORKSPACE declares, as an extension for MODULE.bazel (Bazel 7)."""

load("//data:repositories.bzl", "data_repositories")
load("//third_party/cuda:cuda_configure.bzl", "cuda_configure")
load("//third_party/system:repositories.bzl", "system_repositories")
load("//third_party/toolchain:fingerprint.bzl", "machine_packages")

def _machine_impl(_ctx):
    system_repositories()
    machine_packages(name = "machine_packages")
    cuda_configure(
        name = "local_config_cuda",
        build_file = "//third_party/cuda:cuda.BUILD",
    )
    data_repositories()

machine = module_extension(implementation = _machine_impl)
