"""constants(): the smoothness and noise constants of a family, one action."""

def _constants_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".pb")
    args = ctx.actions.args()
    args.add("--spec", ctx.file.spec)
    args.add("--dataset", ctx.file.dataset)
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = [ctx.file.spec, ctx.file.dataset],
        outputs = [out],
        mnemonic = "Constants",
        progress_message = "Estimating the constants of %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

constants = rule(
    implementation = _constants_impl,
    attrs = {
        # The family's; says whether the constant feature 1 is appended.
        "spec": attr.label(allow_single_file = [".textproto"], mandatory = True),
        "dataset": attr.label(allow_single_file = True, mandatory = True),
        "_tool": attr.label(default = "//analysis:constants_main", executable = True, cfg = "target"),
    },
)
