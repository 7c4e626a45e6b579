"""constants(): a data set's smoothness and noise constants, one action."""

def _constants_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".pb")
    args = ctx.actions.args()
    args.add("--dataset", ctx.file.dataset)
    args.add("--bias_feature=" + str(ctx.attr.bias_feature).lower())
    args.add("--target", str(ctx.label).lstrip("@"))
    args.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [args],
        inputs = [ctx.file.dataset],
        outputs = [out],
        mnemonic = "Constants",
        progress_message = "Estimating the constants of %s" % ctx.label.name,
    )
    return [DefaultInfo(files = depset([out]))]

constants = rule(
    implementation = _constants_impl,
    attrs = {
        "dataset": attr.label(allow_single_file = True, mandatory = True),
        "bias_feature": attr.bool(default = True),
        "_tool": attr.label(default = "//analysis:constants_main", executable = True, cfg = "target"),
    },
)
