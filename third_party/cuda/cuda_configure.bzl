"""Finds the CUDA toolkit; where there is none the repository says so and is empty.

CUDA_HOME or CUDA_PATH name another toolkit than the usual one;
ANISOGRAD_NO_CUDA=1 builds as on a machine without.
"""

_DEFAULT_ROOT = "/usr/local/cuda"

def _find_cuda(ctx):
    environ = ctx.os.environ
    if environ.get("ANISOGRAD_NO_CUDA") == "1":
        return None
    roots = [environ[v] for v in ["CUDA_HOME", "CUDA_PATH"] if environ.get(v)]
    roots.append(_DEFAULT_ROOT)
    nvcc = ctx.which("nvcc")
    if nvcc:
        roots.append(str(nvcc.realpath.dirname.dirname))
    for root in roots:
        if ctx.path(root + "/bin/nvcc").exists:
            return root
    return None

def _cuda_configure_impl(ctx):
    root = _find_cuda(ctx)
    release = ""
    compiler = ""
    if root:
        version = ctx.execute([root + "/bin/nvcc", "--version"])
        if version.return_code != 0:
            fail("%s/bin/nvcc does not run: %s" % (root, version.stderr))
        release = version.stdout.split("release ")[1].split(",")[0]

        # "Cuda compilation tools, release 12.4, V12.4.131"
        compiler = version.stdout.split(", V")[1].split("\n")[0].strip()
        ctx.symlink(root + "/include", "include")

        # Shared libraries by their SONAME (libcublasLt.so.13), so that the
        # loader finds in Bazel's _solib folder what the binary asks for.
        for f in ctx.path(root + "/lib64").readdir():
            if f.basename == "libcudart_static.a" or (
                f.basename.startswith("libcublasLt.so.") and
                f.basename.count(".") == 2
            ):
                ctx.symlink(f, "lib/" + f.basename)
    else:
        ctx.file("include/.none", "")
    ctx.file(
        "config.bzl",
        "CUDA_AVAILABLE = %s\nCUDA_ROOT = %r\nCUDA_RELEASE = %r\nNVCC_VERSION = %r\n" %
        (bool(root), root or "", release, compiler),
    )
    ctx.file("WORKSPACE", "workspace(name = %r)\n" % ctx.name)
    ctx.symlink(ctx.attr.build_file, "BUILD.bazel")

cuda_configure = repository_rule(
    implementation = _cuda_configure_impl,
    attrs = {"build_file": attr.label(allow_single_file = True, mandatory = True)},
    configure = True,
    environ = ["CUDA_HOME", "CUDA_PATH", "PATH", "ANISOGRAD_NO_CUDA"],
    local = True,
)
