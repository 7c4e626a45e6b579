"""What is shown of a run that takes a GPU: its recorded result, where there is
one, else that of a reduced run."""

load("//data:require_official.bzl", "REQUIRE_OFFICIAL", "official_required")

def _recorded_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".result.pb")
    args = ctx.actions.args()
    args.add("--kind", ctx.attr.kind)
    args.add("--spec", ctx.file.spec)
    args.add("--recorded", ctx.file.recorded)
    args.add("--dataset", ctx.file.dataset)
    args.add("--out", out)
    if official_required(ctx):
        args.add("--require_official")
    ctx.actions.run(
        executable = ctx.executable._check,
        arguments = [args],
        inputs = [ctx.file.spec, ctx.file.recorded, ctx.file.dataset],
        outputs = [out],
        mnemonic = "CheckRecorded",
        progress_message = "Checking the recorded result %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

recorded_result = rule(
    implementation = _recorded_impl,
    doc = "A recorded result, refused where its spec or its data have changed since; " +
          "of stand-ins with --//data:require_official.",
    attrs = dict(
        REQUIRE_OFFICIAL,
        kind = attr.string(mandatory = True, values = ["cell", "smoothness"]),
        spec = attr.label(allow_single_file = [".textproto"], mandatory = True),
        dataset = attr.label(allow_single_file = True, mandatory = True),
        recorded = attr.label(allow_single_file = [".textproto"], mandatory = True),
        _check = attr.label(default = "//experiments/gpt2/record:check_recorded", executable = True, cfg = "target"),
    ),
)

def recorded_or_reduced(full, spec, dataset, reduced, kind, visibility):
    """Gives the label of the result to show.

    recorded/FULL.textproto, where there is one, checked against its spec and its
    data by :FULL_recorded; one for which they have changed since breaks the
    build. Else REDUCED.

    Args:
      full: name of the full-scale target.
      spec: its spec; a cell's is expanded.
      dataset: its token file.
      reduced: label of what is shown else.
      kind: of result, as check_recorded.cc has it.
      visibility: of :FULL_recorded.
    """
    file = "recorded/%s.textproto" % full
    if not native.glob([file], allow_empty = True):
        return reduced
    recorded_result(
        name = full + "_recorded",
        kind = kind,
        spec = spec,
        dataset = dataset,
        recorded = file,
        visibility = visibility,
    )
    return ":%s_recorded" % full
