"""gnuplot_versions(): what figures are drawn with, as a file that is their input.

versions.txt holds gnuplot's version, checksums of the program, of the libraries
that it draws with and of the fonts, so that a figure is drawn again where one of
them has changed, and comes from a cache only where all are the same.
"""

_COMMAND = """
gnuplot=$(command -v gnuplot) || { echo "gnuplot: none"; exit 0; }
gnuplot --version
gnuplot=$(readlink -f "$gnuplot")
{ echo "$gnuplot"
  ldd "$gnuplot" | grep -oE '/[^ ]+' |
    grep -E '/lib(cairo|pango|pangocairo|pangoft2|fontconfig|freetype|harfbuzz|pixman|png16|gd)[-.]' |
    xargs -r -n 1 readlink -f
  ls /usr/share/fonts/truetype/dejavu/DejaVuSans.ttf \\
    /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf 2>/dev/null
} | while read -r file; do
  echo "$(basename "$file") sha256 $(sha256sum <"$file" | cut -d ' ' -f 1)"
done | LC_ALL=C sort
"""

def _impl(ctx):
    result = ctx.execute(["bash", "-c", _COMMAND])
    if result.return_code != 0:
        fail("gnuplot_versions: " + result.stderr)
    ctx.file("versions.txt", result.stdout)
    ctx.file("BUILD.bazel", "exports_files([\"versions.txt\"])\n")
    ctx.file("WORKSPACE", "workspace(name = \"%s\")\n" % ctx.name)

gnuplot_versions = repository_rule(
    implementation = _impl,
    configure = True,
    # Looked at again by every Bazel server.
    local = True,
)
