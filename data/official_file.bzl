"""official_file: a pinned file from its official address, or word that it is missing.

The repository's target //:file holds the file. Where it cannot be had (no
network and not in a --distdir) the target is empty, and one line says so.
"""

def _official_file_impl(ctx):
    name = ctx.attr.urls[0].split("/")[-1]
    result = ctx.download(
        url = ctx.attr.urls,
        output = "files/" + name,
        sha256 = ctx.attr.sha256,
        allow_fail = True,
    )
    if result.success:
        srcs = '["files/%s"]' % name
    else:
        srcs = "[]"

        # buildifier: disable=print
        print("\n\033[1;33m%s could not be fetched from %s.\n%s\033[0m" % (
            name,
            ctx.attr.urls[0],
            ctx.attr.consequence,
        ))
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

filegroup(
    name = "file",
    srcs = %s,
)
""" % srcs)

official_file = repository_rule(
    implementation = _official_file_impl,
    attrs = {
        "urls": attr.string_list(mandatory = True),
        "sha256": attr.string(mandatory = True),
        "consequence": attr.string(
            default = "Its numbers will come from a SYNTHETIC STAND-IN and say so; " +
                      "--//data:require_official=true refuses that.",
        ),
    },
)
