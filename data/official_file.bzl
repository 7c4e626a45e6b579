"""Official files: pinned by checksum, looked for at every build, never taken on trust.

official_file() is the repository rule: it fetches one file from its official
address, or from Bazel's --distdir or cache, where it is known by its sha256.
official() is the target that all others use: the fetched file, else the one in
data/distdir, else nothing, and then a notice in every build that asks for it.
data/distdir is a link to ../shared/distdir; Bazel looks at it in every build, so
that a file that appears there is taken in the next.

A file with the wrong checksum is an error wherever it was found.
"""

def _official_file_impl(ctx):
    name = ctx.attr.url.split("/")[-1]
    output = "files/" + name
    had = ctx.download(
        url = ctx.attr.url,
        output = output,
        sha256 = ctx.attr.sha256,
        allow_fail = True,
    ).success
    if ctx.attr.sha256 and not had:
        # Bazel does not tell a file that is not there from one that is wrong.
        had = ctx.download(url = ctx.attr.url, output = output, allow_fail = True).success
    if had:
        kind, expected = _checksum(ctx.attr)
        result = ctx.execute([kind + "sum", output])
        found = result.stdout.split(" ")[0]
        if found != expected:
            fail("%s has the wrong checksum: its %s is %s, the official file's is %s" %
                 (ctx.attr.url, kind, found or result.stderr, expected))
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)
    ctx.file("BUILD.bazel", """package(default_visibility = ["//visibility:public"])

filegroup(
    name = "file",
    srcs = %s,
)
""" % ([output] if had else []))

_CHECKSUMS = {
    "sha256": attr.string(),
    "md5": attr.string(doc = "Used where no sha256 is known."),
}

def _checksum(attr):
    return ("sha256", attr.sha256) if attr.sha256 else ("md5", attr.md5)

official_file = repository_rule(
    implementation = _official_file_impl,
    attrs = dict(_CHECKSUMS, url = attr.string(mandatory = True)),
)

def _look_again(repository):
    # As MODULE.bazel names it, or as WORKSPACE does.
    if "~" in repository or "+" in repository:
        return "fetch --force --repo=@@" + repository
    return "sync --only=" + repository

def _official_impl(ctx):
    if not ctx.files.fetched and not ctx.files.beside:
        # Bazel repeats it in every build that uses this target.
        # buildifier: disable=print
        print(("\n\033[1;33m%s could not be had: %s\n" +
               "To look again: put it into ../shared/distdir and build, or, with a network, first\n" +
               "  bazel %s\033[0m") %
              (ctx.attr.file, ctx.attr.consequence, _look_again(ctx.attr.fetched.label.workspace_name)))
        return [DefaultInfo(files = depset())]
    out = ctx.actions.declare_file("official/" + ctx.attr.file)
    if ctx.files.fetched:
        ctx.actions.symlink(output = out, target_file = ctx.files.fetched[0])
    else:
        kind, expected = _checksum(ctx.attr)
        ctx.actions.run(
            executable = ctx.executable._check,
            arguments = [kind, expected, ctx.files.beside[0].path, out.path],
            inputs = ctx.files.beside,
            outputs = [out],
            mnemonic = "CheckOfficial",
            progress_message = "Checking the %s of %s" % (kind, ctx.attr.file),
        )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

official = rule(
    implementation = _official_impl,
    doc = "The official file, or nothing.",
    attrs = dict(
        _CHECKSUMS,
        file = attr.string(mandatory = True, doc = "Its base name."),
        fetched = attr.label(mandatory = True, doc = "Of official_file()."),
        beside = attr.label_list(allow_files = True, doc = "The file in data/distdir, if there."),
        consequence = attr.string(),
        _check = attr.label(
            default = "//data:check_official.sh",
            allow_single_file = True,
            executable = True,
            cfg = "exec",
        ),
    ),
)
