"""What the machine's own tools are, as a file that actions depend on.

Compilers and gnuplot are found on the machine, so that Bazel sees neither their
files nor their versions, and a cache filled before an upgrade would serve what
the older tool made. fingerprint() writes the versions of packages to a file; the
actions that run those tools take it as an input. The list of packages is read in
every build (a change of another package makes the same file again, and nothing
else), so that an upgrade is noticed without a fetch.
"""

_STATUS = "/var/lib/dpkg/status"

def _machine_packages_impl(ctx):
    if ctx.path(_STATUS).exists:
        ctx.symlink(_STATUS, "status")
    else:
        # No Debian: what the tools themselves say, as of the last fetch.
        text = ""
        for tool in ["g++", "ld", "gnuplot"]:
            if ctx.which(tool):
                version = ctx.execute([tool, "--version"]).stdout.splitlines()[0]
                text += "Package: %s\nStatus: install ok installed\nVersion: %s\n\n" % (tool, version)
        ctx.file("status", text)
    ctx.file("BUILD.bazel", "exports_files([\"status\"])\n")
    ctx.file("WORKSPACE", "workspace(name = %r)\n" % ctx.name)

machine_packages = repository_rule(
    implementation = _machine_packages_impl,
    local = True,
)

def _fingerprint_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".txt")
    ctx.actions.run_shell(
        inputs = [ctx.file._status],
        outputs = [out],
        # Paragraphs of "Package:", "Status:", ..., "Version:" lines.
        command = """LC_ALL=C awk -v pattern="^($3)$" '
            /^Package: / { package = $2 }
            /^Status: / { installed = $0 ~ /ok installed$/ }
            /^Version: / && installed && package ~ pattern {
              sub(/^Version: /, ""); print package " " $0
            }' "$1" | LC_ALL=C sort -u >"$2" && [ -s "$2" ]""",
        arguments = [ctx.file._status.path, out.path, "|".join(ctx.attr.packages)],
        mnemonic = "Fingerprint",
    )
    return [DefaultInfo(files = depset([out]))]

fingerprint = rule(
    implementation = _fingerprint_impl,
    doc = "Writes NAME.txt: the installed packages that match, with their versions.",
    attrs = {
        "packages": attr.string_list(
            mandatory = True,
            doc = "extended regular expressions of whole package names",
        ),
        "_status": attr.label(default = "@machine_packages//:status", allow_single_file = True),
    },
)
