"""The official data files, pinned by sha256.

Bazel looks for each in --distdir (by name and sha256) before it downloads.
Those of the data sets stand in datasets.bzl.
"""

load(":datasets.bzl", "DATASETS")
load(":official_file.bzl", "official_file")

# What GPT-2 is fine-tuned on, and its vocabulary.
_TEXT = [
    (
        "alpaca",
        "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/main/alpaca_data.json",
        "2eddafc6b977608d778aaab8dfc7e50e547b3af9826dfb9e909d9fc362e4a419",
    ),
    (
        "gpt2_encoder",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/encoder.json",
        "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    ),
    (
        "gpt2_merges",
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/vocab.bpe",
        "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
    ),
]

# By which the official model.safetensors is recognised (data/official_gpt2.h).
GPT2_SAFETENSORS_SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"

def data_repositories():
    """Declares @data_NAME for each official file."""
    for d in DATASETS:
        if d.url:
            official_file(
                name = "data_" + d.name.replace("-", "_"),
                sha256 = d.sha256,
                urls = [d.url],
            )
    for name, url, sha256 in _TEXT:
        official_file(
            name = "data_" + name,
            sha256 = sha256,
            urls = [url],
        )

    # GPT-2's weights (124M): 548,105,171 bytes.
    official_file(
        name = "data_gpt2_safetensors",
        consequence = "What starts from its weights will start from STAND-IN WEIGHTS " +
                      "and say so; --//data:require_official=true refuses that.",
        sha256 = GPT2_SAFETENSORS_SHA256,
        urls = ["https://huggingface.co/openai-community/gpt2/resolve/main/model.safetensors"],
    )
