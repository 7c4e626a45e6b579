"""precompiled_header(): headers that many files read, parsed once.

g++ takes NAME.h.gch for `-include NAME.h` where both were compiled with the same
flags, and reads NAME.h where they were not, so that what is compiled is the same.
"""

load("@bazel_tools//tools/build_defs/cc:action_names.bzl", "ACTION_NAMES")
load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")

def _precompiled_header_impl(ctx):
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    header = ctx.actions.declare_file("precompiled/%s.h" % ctx.label.name)
    ctx.actions.write(header, "".join(['#include "%s"\n' % path for path in ctx.attr.includes]))
    dep = cc_common.merge_cc_infos(cc_infos = [dep[CcInfo] for dep in ctx.attr.deps])
    read = dep.compilation_context
    out = ctx.actions.declare_file("precompiled/%s.h.gch" % ctx.label.name)
    arguments = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = ACTION_NAMES.cpp_compile,
        variables = cc_common.create_compile_variables(
            feature_configuration = features,
            cc_toolchain = toolchain,
            source_file = header.path,
            output_file = out.path,
            include_directories = read.includes,
            quote_include_directories = read.quote_includes,
            system_include_directories = read.system_includes,
            user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts +
                                 ctx.attr.copts + ["-x", "c++-header"],
        ),
    )
    ctx.actions.run(
        executable = toolchain.compiler_executable,
        arguments = arguments,
        inputs = depset([header], transitive = [read.headers, toolchain.all_files]),
        outputs = [out],
        mnemonic = "PrecompileHeader",
        progress_message = "Precompiling %s" % header.short_path,
        use_default_shell_env = True,
    )
    own = CcInfo(compilation_context = cc_common.create_compilation_context(
        headers = depset([header, out]),
        system_includes = depset([header.dirname]),
    ))
    return [
        cc_common.merge_cc_infos(cc_infos = [own, dep]),
        DefaultInfo(files = depset([header, out])),
    ]

precompiled_header = rule(
    implementation = _precompiled_header_impl,
    doc = "A library with NAME.h, for `-include NAME.h`.",
    attrs = {
        "includes": attr.string_list(mandatory = True, doc = "what NAME.h includes"),
        "copts": attr.string_list(doc = "flags of the files that use it beyond everybody's"),
        "deps": attr.label_list(providers = [CcInfo]),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
    toolchains = ["@bazel_tools//tools/cpp:toolchain_type"],
)
