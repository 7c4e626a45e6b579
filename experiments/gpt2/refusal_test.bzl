"""refusal_test(): --//data:require_official=true refuses a target, and says why;
refusing_program_test(): the program that makes it is asked to refuse stand-ins."""

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

_CommandsInfo = provider(
    doc = "A target's command lines.",
    fields = ["commands"],
)

def _commands_impl(target, ctx):
    return [_CommandsInfo(commands = [a.argv for a in target.actions if a.argv])]

_commands = aspect(implementation = _commands_impl)

def _refusing_program_test_impl(ctx):
    commands = ctx.attr.target[0][_CommandsInfo].commands
    return [AnalysisTestResultInfo(
        success = any(["--require_official" in command for command in commands]),
        message = "no --require_official, but: %s" % commands,
    )]

refusing_program_test = rule(
    implementation = _refusing_program_test_impl,
    analysis_test = True,
    attrs = {
        "target": attr.label(
            aspects = [_commands],
            cfg = analysis_test_transition(settings = {
                "//data:require_official": True,
            }),
            mandatory = True,
        ),
    },
)
