#!/usr/bin/env python3
"""Writes experiments/gpt2/net/gpt2_golden.txt: what Hugging Face's GPT-2 makes of a
tiny model with fixed weights, in double precision and without dropout.

    pip install torch transformers
    tools/golden/gpt2_model.py > experiments/gpt2/net/gpt2_golden.txt

Element i of the t-th parameter tensor (from 0, in the order of ORDER) is
    base + 0.3 sin(0.37 (i + 1) + 1.7 (t + 1)),
base 1 for the weights of layer norms, else 0. Lines of the output:
    logits SEQUENCE TOKEN VALUE...      loss VALUE      grad NAME VALUE...
The loss is the mean over all tokens with a target, of all sequences.
"""

import torch
import transformers

LAYERS, HEADS, WIDTH, CONTEXT, VOCABULARY = 2, 2, 12, 9, 13
# Tokens with their targets, -1 where there is none.
SEQUENCES = [
    ([3, 1, 12, 0, 5, 5, 7], [1, 12, -1, 5, 5, 7, -1]),
    ([2, 9], [9, 4]),
    ([11, 10, 8, 6, 4, 3, 2, 1, 0], [-1, -1, 6, 4, 3, 2, 1, 0, 12]),
]

BLOCK = [
    "ln_1.weight", "ln_1.bias", "attn.c_attn.weight", "attn.c_attn.bias",
    "attn.c_proj.weight", "attn.c_proj.bias", "ln_2.weight", "ln_2.bias",
    "mlp.c_fc.weight", "mlp.c_fc.bias", "mlp.c_proj.weight", "mlp.c_proj.bias",
]
ORDER = (["wte.weight", "wpe.weight"] +
         ["h.%d.%s" % (l, name) for l in range(LAYERS) for name in BLOCK] +
         ["ln_f.weight", "ln_f.bias"])


def numbers(tensor):
    return " ".join("%.17g" % x for x in tensor.detach().flatten().tolist())


def main():
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        n_layer=LAYERS, n_head=HEADS, n_embd=WIDTH, n_positions=CONTEXT,
        vocab_size=VOCABULARY, attn_pdrop=0.0, embd_pdrop=0.0, resid_pdrop=0.0,
        bos_token_id=0, eos_token_id=0,
        attn_implementation="eager")).double()
    parameters = dict(model.transformer.named_parameters())
    assert sorted(parameters) == sorted(ORDER)
    with torch.no_grad():
        for t, name in enumerate(ORDER):
            p = parameters[name]
            i = torch.arange(1, p.numel() + 1, dtype=torch.float64)
            base = 1.0 if name.split(".")[-2].startswith("ln_") and name.endswith(
                "weight") else 0.0
            p.copy_((base + 0.3 * torch.sin(0.37 * i + 1.7 * (t + 1))).view_as(p))
    losses = []
    for s, (tokens, targets) in enumerate(SEQUENCES):
        logits = model(torch.tensor([tokens])).logits[0]
        for i in range(len(tokens)):
            print("logits", s, i, numbers(logits[i]))
        losses.append(torch.nn.functional.cross_entropy(
            logits, torch.tensor(targets), ignore_index=-1, reduction="sum"))
    counted = sum(t >= 0 for _, targets in SEQUENCES for t in targets)
    loss = sum(losses) / counted
    loss.backward()
    print("loss", numbers(loss))
    for name in ORDER:
        print("grad", name, numbers(parameters[name].grad))


if __name__ == "__main__":
    main()
