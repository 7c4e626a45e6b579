"""dataset(): the binary form of one data set, from its official file."""

load(":require_official.bzl", "REQUIRE_OFFICIAL", "official_required")

def _dataset_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".dataset")

    # The file, or nothing (data/official_file.bzl).
    official = ctx.files.official
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--out", out)
    for f in official:
        args.add("--input", f)
    if not official:
        args.add("--stand_in")
    if official_required(ctx):
        args.add("--require_official")
    ctx.actions.run(
        executable = ctx.executable._convert,
        arguments = [args],
        inputs = [ctx.file.spec] + official,
        outputs = [out],
        mnemonic = "ConvertDataset",
        progress_message = "Converting data set %s%s" % (
            ctx.label.name,
            "" if official else " (SYNTHETIC STAND-IN)",
        ),
    )
    return [
        DefaultInfo(files = depset([out])),
        DatasetSpecInfo(file = ctx.file.spec),
    ]

DatasetSpecInfo = provider(
    doc = "What a data set should be, known before its file is.",
    fields = {"file": "a DatasetSpec in text form"},
)

_dataset = rule(
    implementation = _dataset_impl,
    attrs = dict(
        REQUIRE_OFFICIAL,
        spec = attr.label(allow_single_file = [".textproto"], mandatory = True),
        official = attr.label(allow_files = True, mandatory = True),
        _convert = attr.label(default = "//data:convert_dataset", executable = True, cfg = "target"),
    ),
)

def dataset(name, spec = None, official = None):
    """Declares //data:NAME.

    Args:
      name: as in the spec.
      spec: a DatasetSpec in text form; by default specs/NAME.textproto.
      official: the official file's target; by default the one that
        data/repositories.bzl names after the data set.
    """
    _dataset(
        name = name,
        spec = spec or "specs/%s.textproto" % name,
        official = official or "//data:official_" + name.replace("-", "_"),
    )
