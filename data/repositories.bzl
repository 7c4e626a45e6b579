"""The official files, pinned by checksum.

Adding a LIBSVM set: a line here, a spec in specs/, a line in BUILD.bazel.
"""

load(":official_file.bzl", "official", "official_file")

_LIBSVM = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/binary/"

# By which the official model.safetensors is recognised (data/official_gpt2.h).
GPT2_SAFETENSORS_SHA256 = "248dfc3911869ec493c76e65bf2fcf7f615828b0254c12b473182f0f81d3a707"

_STAND_IN = ("its numbers come from a SYNTHETIC STAND-IN and say so " +
             "(--//data:require_official=true refuses that).")

def _file(url, sha256 = "", md5 = "", consequence = _STAND_IN):
    return struct(url = url, sha256 = sha256, md5 = md5, consequence = consequence)

_FILES = {
    "a4a": _file(_LIBSVM + "a4a", "694d5abff492bdb8ce9749ddf3bf5af1c6f1f0ad6e3a0ae7818000d4d4c4847b"),
    "a6a": _file(_LIBSVM + "a6a", "6023becedbd392fdc6a62ad94b60c9363149370d4c57ef13949fcc765842a031"),
    "a9a": _file(_LIBSVM + "a9a", "f5d5ffd8d865ff41328e7ee043e4b020816914ff6843ff15b98905ddbedce906"),
    "real_sim": _file(_LIBSVM + "real-sim.bz2", "7cd52374f55ce62e803ef33ca1c44689427c23d481eff64026f8ba9f53b8cc27"),
    # No sha256 of it is known to us.
    "rcv1": _file(_LIBSVM + "rcv1_train.binary.bz2", md5 = "1aeda848408e621468c0fe6944d9382f"),
    # What GPT-2 is fine-tuned on, its vocabulary, and its weights (124M).
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

def data_repositories():
    """Declares @data_NAME for each official file."""
    for name, file in _FILES.items():
        official_file(
            name = "data_" + name,
            md5 = file.md5,
            sha256 = file.sha256,
            url = file.url,
        )

def official_targets():
    """Declares //data:official_NAME for each official file."""
    for name, file in _FILES.items():
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
