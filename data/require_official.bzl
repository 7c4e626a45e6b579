"""--//data:require_official=true, for rules that have a stand-in to refuse."""

load("//third_party:bool_flag.bzl", "BoolFlagInfo")

REQUIRE_OFFICIAL = {"_require_official": attr.label(default = "//data:require_official")}

def official_required(ctx):
    """Whether stand-ins are errors.

    Args:
      ctx: of a rule with REQUIRE_OFFICIAL among its attributes.
    """
    return ctx.attr._require_official[BoolFlagInfo].value
