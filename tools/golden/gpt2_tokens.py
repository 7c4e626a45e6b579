"""Known answers for GPT-2's byte-pair encoding, from tiktoken.

    pip install tiktoken numpy
    gpt2_tokens.py --encoder=encoder.json --merges=vocab.bpe golden OUT
    gpt2_tokens.py --encoder=... --merges=... compare INSTRUCTIONS TOKEN_FILE

`golden` writes data/gpt2_golden.txt, which data/gpt2_official_test.cc reads.
`compare` encodes an instruction set and checks a token file of //data:tokenize
against it, example by example (--max_merges for a cut vocabulary).

tiktoken's Unicode tables are newer than PCRE2's (Unicode 14, like Python
3.11's unicodedata), so random text keeps to characters assigned in those.
"""

import argparse
import json
import random
import struct
import sys
import unicodedata

import tiktoken
from tiktoken.load import data_gym_to_mergeable_bpe_ranks

PATTERN = (r"""'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+"""
           r"""| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+""")
CUT_MERGES = 1000

NASTY = {
    "empty": "",
    "one_space": " ",
    "hello": "Hello, world!",
    "contractions": "I'm you're he's we've they'll I'd can't CAN'T ''s 'S",
    "typographic_apostrophe": "it\u2019s don\u2019t",
    "spaces_before_word": "a  b   c    d",
    "trailing_spaces": "a \n b\t\t\r\n  ",
    "only_newlines": "\n\n\n",
    "tabs_and_code": "def f(x):\n\tif x:\n\t\treturn  x**2  # 4e-3\n",
    "numbers": "3.14159 1,000,000 2^10 0x1F 1e-9 \u00bd \u2167 \u0663\u0664",
    "punctuation": "!!! ... --- ??? #$%&()*+ [{<>}] ~`^|\\ \"'",
    "end_of_text": "a<|endoftext|>b",
    "latin_accents": "Caf\u00e9 na\u00efve \u00c5ngstr\u00f6m \u0153uvre",
    "decomposed": "Cafe\u0301 A\u030a",
    "greek_cyrillic": "\u03b1\u03b2\u03b3 \u0416\u0443\u043a",
    "hebrew_arabic": "\u05e9\u05dc\u05d5\u05dd \u0633\u0644\u0627\u0645",
    "devanagari": "\u0928\u092e\u0938\u094d\u0924\u0947",
    "thai": "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
    "cjk": "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \u65e5\u672c\u8a9e\u3000\u5b57",
    "hangul": "\uc548\ub155 \u1112\u1161\u11ab",
    "emoji": "\U0001F600 \U0001F468\u200d\U0001F469\u200d\U0001F467 \U0001F1E8\U0001F1ED \u2764\ufe0f",
    "astral_letters": "\U0001D49C\U0001D4B7 \U00020000 \U00010400",
    "white_space": "a\u0085b\u00a0c\u1680d\u2003e\u2028f\u2029g\u202fh\u205fi\u3000j",
    "not_white_space": "a\u180eb\u200bc\u2060d\ufeffe\u001cf\u001dg\u001eh\u001fi",
    "white_space_runs": "a \u00a0 \u3000b\u2003\u2003c \u0085",
    "controls": "\x00\x01\x07\x08\x0b\x0c\x1b\x7f\x80\x9f",
    "soft_hyphen_and_marks": "co\u00adop \u20dd\u0489 _x_ \u02bc\u02b0",
    "byte_order_mark": "\ufeffBOM",
    "noncharacters": "\ufffe\uffff\ufdd0\U0010ffff",
    "private_use": "\ue000\U000f0000",
    "long_word": "Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerk",
    "repeated_letter": "a" * 130 + "!" * 70 + " " * 90 + "\n" * 40,
    "url": "https://example.org/a?b=c&d=%20#e_f-g",
    "latex": "$\\sum_{i=1}^{n} x_i^2 \\leq \\epsilon$",
}


def random_texts(count):
    rng = random.Random(1)
    assigned = [
        chr(c) for c in range(sys.maxunicode + 1)
        if unicodedata.category(chr(c)) not in ("Cn", "Cs", "Co")
    ]
    ascii_text = [chr(c) for c in range(32, 127)]
    spaces = list(" \t\n\r\u0085\u00a0\u2003\u3000'")
    for _ in range(count):
        yield "".join(
            rng.choice(rng.choice((assigned, ascii_text, spaces)))
            for _ in range(rng.randrange(1, 40)))


def encoding(args, max_merges=None):
    ranks = data_gym_to_mergeable_bpe_ranks(args.merges, args.encoder)
    if max_merges is not None:
        ranks = {t: r for t, r in ranks.items() if r < 256 + max_merges}
    return tiktoken.Encoding(
        "gpt2", pat_str=PATTERN, mergeable_ranks=ranks,
        special_tokens={"<|endoftext|>": len(ranks)})


def golden(args):
    full, cut = encoding(args), encoding(args, CUT_MERGES)
    texts = dict(NASTY)
    for i, text in enumerate(random_texts(40)):
        texts["random_%d" % i] = text
    with open(args.out, "w", encoding="ascii") as out:
        out.write("# Made by tools/golden/gpt2_tokens.py with tiktoken %s.\n"
                  % tiktoken.__version__)
        out.write("# NAME, UTF-8 in hexadecimal, GPT-2's ids, the ids with its "
                  "first %d merges.\n" % CUT_MERGES)
        for name, text in texts.items():
            fields = [name, text.encode().hex()]
            for e in (full, cut):
                ids = e.encode_ordinary(text)
                assert e.decode_bytes(ids) == text.encode()
                fields.append(" ".join(map(str, ids)))
            out.write("\t".join(fields) + "\n")


def read_token_file(path):
    import numpy as np
    with open(path, "rb") as f:
        data = f.read()
    assert data[:8] == b"AnisoTK1", path
    tokens, examples, vocabulary = struct.unpack_from("<QQI", data, 72)
    at = 72 + 40
    offsets = np.frombuffer(data, "<i8", examples + 1, at)
    at += offsets.nbytes
    prompts = np.frombuffer(data, "<i4", examples, at)
    at += prompts.nbytes
    ids = np.frombuffer(data, "<u2" if vocabulary <= 65536 else "<i4", tokens,
                        at)
    return offsets, prompts, ids


def prompt(example):
    text = "Below is an instruction that describes a task"
    if example["input"]:
        text += ", paired with an input that provides further context"
    text += (". Write a response that appropriately completes the request.\n\n"
             "### Instruction:\n" + example["instruction"])
    if example["input"]:
        text += "\n\n### Input:\n" + example["input"]
    return text + "\n\n### Response:"


def compare(args):
    oracle = encoding(args, args.max_merges)
    with open(args.instructions, encoding="utf-8") as f:
        examples = json.load(f)
    offsets, prompts, ids = read_token_file(args.token_file)
    differing = 0
    for i in range(len(prompts)):
        expected = oracle.encode_ordinary(prompt(examples[i]))
        prompt_length = len(expected)
        expected += oracle.encode_ordinary(examples[i]["output"])
        expected.append(oracle.max_token_value)
        expected = expected[:args.max_length]
        actual = ids[offsets[i]:offsets[i + 1]].tolist()
        if (actual != expected
                or prompts[i] != min(prompt_length, args.max_length)):
            differing += 1
            print("example", i + 1, "differs:", ascii(examples[i]))
    print(len(prompts), "examples,", len(ids), "tokens,", prompts.sum(),
          "of prompts;", differing, "examples differ")
    return 1 if differing else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--encoder", required=True)
    parser.add_argument("--merges", required=True)
    parser.add_argument("--max_merges", type=int)
    parser.add_argument("--max_length", type=int, default=512)
    commands = parser.add_subparsers(required=True)
    command = commands.add_parser("golden")
    command.add_argument("out")
    command.set_defaults(run=golden)
    command = commands.add_parser("compare")
    command.add_argument("instructions")
    command.add_argument("token_file")
    command.set_defaults(run=compare)
    args = parser.parse_args()
    return args.run(args)


if __name__ == "__main__":
    sys.exit(main())
