"""refusal_test(): --//data:require_official=true refuses a target, and says why."""

def _refusal_test_impl(ctx):
    target = ctx.attr.target[0]
    found = []
    if AnalysisFailureInfo in target:
        found = [cause.message for cause in target[AnalysisFailureInfo].causes.to_list()]
    return [AnalysisTestResultInfo(
        success = any([ctx.attr.message in message for message in found]),
        message = "no error \"%s\", but: %s" % (ctx.attr.message, found),
    )]

refusal_test = rule(
    implementation = _refusal_test_impl,
    analysis_test = True,
    attrs = {
        "message": attr.string(mandatory = True, doc = "A part of the error."),
        "target": attr.label(
            cfg = analysis_test_transition(settings = {
                "//command_line_option:allow_analysis_failures": "True",
                "//data:require_official": True,
            }),
            mandatory = True,
        ),
    },
)
