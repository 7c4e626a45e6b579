"""bool_flag(): a flag of ours, --//PACKAGE:NAME=true."""

BoolFlagInfo = provider(
    doc = "For rules that ask for a flag's value.",
    fields = ["value"],
)

def _bool_flag_impl(ctx):
    return [BoolFlagInfo(value = ctx.build_setting_value)]

bool_flag = rule(
    implementation = _bool_flag_impl,
    build_setting = config.bool(flag = True),
)
