"""The official files, pinned by checksum.

Those of the data sets stand in datasets.bzl.
"""

load(":datasets.bzl", "DATASETS")
load(":official_file.bzl", "official", "official_file")

# By which the official model.safetensors is recognised (data/official_gpt2.h).
GPT2_SAFETENSORS_SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"

_STAND_IN = ("its numbers come from a SYNTHETIC STAND-IN and say so " +
             "(--//data:require_official=true refuses that).")

def _file(url, sha256 = "", md5 = "", consequence = _STAND_IN):
    return struct(url = url, sha256 = sha256, md5 = md5, consequence = consequence)

# What GPT-2 is fine-tuned on, its vocabulary, and its weights (124M).
_GPT2_FILES = {
    "alpaca": _file(
        "https://raw.githubusercontent.com/tatsu-lab/stanford_alpaca/main/alpaca_data.json",
        "2eddafc6b977608d778aaab8dfc7e50e547b3af9826dfb9e909d9fc362e4a419",
    ),
    "gpt2_encoder": _file(
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/encoder.json",
        "196139668be63f3b5d6574427317ae82f612a97c5d1cdaf36ed2256dbf636783",
    ),
    "gpt2_merges": _file(
        "https://openaipublic.blob.core.windows.net/gpt-2/models/124M/vocab.bpe",
        "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5",
    ),
    "gpt2_safetensors": _file(
        "https://huggingface.co/openai-community/gpt2/resolve/main/model.safetensors",
        GPT2_SAFETENSORS_SHA256,
        consequence = "what starts from GPT-2's weights starts from STAND-IN WEIGHTS and says " +
                      "so (--//data:require_official=true refuses that).",
    ),
}

# Samples that no experiment trains on.
_TEST_FILES = {
    "a9a_t": _file(
        "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/a9a.t",
        "1f448a153f0320399a7e40836eb207655b0bde0f21fc941cc472193daa9f5de9",
        consequence = "the table of held-out samples has no numbers and says so.",
    ),
}

def _files():
    files = {
        d.name.replace("-", "_"): _file(d.url, d.sha256, d.md5)
        for d in DATASETS
        if d.url
    }
    files.update(_GPT2_FILES)
    files.update(_TEST_FILES)
    return files

def data_repositories():
    """Declares @data_NAME for each official file."""
    for name, file in _files().items():
        official_file(
            name = "data_" + name,
            md5 = file.md5,
            sha256 = file.sha256,
            url = file.url,
        )

def official_targets():
    """Declares //data:official_NAME for each official file."""
    for name, file in _files().items():
        base_name = file.url.split("/")[-1]
        official(
            name = "official_" + name,
            beside = native.glob(["distdir/" + base_name], allow_empty = True),
            consequence = file.consequence,
            fetched = "@data_%s//:file" % name,
            file = base_name,
            md5 = file.md5,
            sha256 = file.sha256,
        )
