"""instruction_tokens(): an instruction set as the tokens a trainer reads."""

load(":require_official.bzl", "REQUIRE_OFFICIAL", "official_required")

def _instruction_tokens_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".bin")
    args = ctx.actions.args()
    args.add("--out", out)
    args.add("--max_examples", ctx.attr.max_examples)
    args.add("--max_length", ctx.attr.max_length)
    args.add("--first_example", ctx.attr.first_example)
    args.add("--end_example", ctx.attr.end_example)
    args.add("--template_name", ctx.attr.template)
    if ctx.attr.whole:
        args.add("--whole")
    if ctx.attr.joint:
        args.add("--joint")
    if official_required(ctx):
        args.add("--require_official")

    # Each of these targets holds the official file, or nothing. The stand-in for
    # the vocabulary has a token for each byte: of Alpaca's examples few would
    # have a length that suits a family, so its stand-in goes with it.
    inputs = []
    if ctx.files._encoder and ctx.files._merges:
        args.add("--encoder", ctx.files._encoder[0])
        args.add("--merges", ctx.files._merges[0])
        args.add("--max_merges", ctx.attr.max_merges)
        inputs += ctx.files._encoder + ctx.files._merges
        inputs += ctx.files.instructions
    else:
        args.add("--stand_in_vocabulary")
    if inputs and ctx.files.instructions:
        args.add("--instructions", ctx.files.instructions[0])
    else:
        args.add("--stand_in_instructions")
    ctx.actions.run(
        executable = ctx.executable._tokenize,
        arguments = [args],
        inputs = inputs,
        outputs = [out],
        mnemonic = "Tokenize",
        progress_message = "Tokenizing %s%s" % (
            ctx.label.name,
            "" if len(inputs) == 3 else " (STAND-IN)",
        ),
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

_instruction_tokens = rule(
    implementation = _instruction_tokens_impl,
    attrs = dict(
        REQUIRE_OFFICIAL,
        instructions = attr.label(allow_files = True),
        max_examples = attr.int(),
        max_merges = attr.int(),
        max_length = attr.int(),
        first_example = attr.int(),
        end_example = attr.int(),
        whole = attr.bool(),
        template = attr.string(values = ["stanford", "lmflow", "plain"]),
        joint = attr.bool(),
        _encoder = attr.label(default = "//data:encoder_json"),
        _merges = attr.label(default = "//data:vocab_bpe"),
        _tokenize = attr.label(default = "//data:tokenize", executable = True, cfg = "target"),
    ),
)

def instruction_tokens(
        name,
        instructions = "//data:alpaca_data",
        max_examples = 0,
        max_merges = -1,
        max_length = 512,
        first_example = 0,
        end_example = 0,
        whole = False,
        template = "stanford",
        joint = False):
    """Declares NAME, a token file (data/token_file.h) of Alpaca, or of another set.

    Args:
      name: the target's name.
      instructions: a file in Alpaca's form.
      max_examples: keeps only the first examples; 0 keeps all.
      max_merges: cuts GPT-2's vocabulary to its first merges; -1 keeps all.
      max_length: tokens of an example beyond this are dropped.
      first_example: leaves out so many examples at the set's beginning.
      end_example: leaves out those from this one on (from 0); 0: none.
      whole: examples beyond max_length are left out, not cut; max_examples
        counts what is kept.
      template: the text around an example (instruction_tokens.h).
      joint: encodes prompt and response as one text.
    """
    if max_examples < 0 or max_merges < -1 or max_length < 1:
        fail("instruction_tokens %s: max_examples >= 0, max_merges >= -1, max_length >= 1" % name)
    _instruction_tokens(
        name = name,
        instructions = instructions,
        max_examples = max_examples,
        max_merges = max_merges,
        max_length = max_length,
        first_example = first_example,
        end_example = end_example,
        whole = whole,
        template = template,
        joint = joint,
    )
