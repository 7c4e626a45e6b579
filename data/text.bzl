"""text(): GPT-2's byte-pair encoding, instruction sets, plain text, their tokens.

A part of data/BUILD.bazel, which would be too long with it.
"""

load("@rules_cc//cc:defs.bzl", "cc_test")
load("//tools:cc.bzl", "cc_binary", "cc_library")
load("//tools:concept.bzl", "concept")
load("//tools:fuzz.bzl", "fuzz_test")
load(":repositories.bzl", "GPT2_SAFETENSORS_SHA256")

def text():
    """Declares the targets, in //data."""
    concept(
        name = "bpe_pretokenizer",
        test_deps = ["@com_google_absl//:strings"],
        deps = [
            "@com_google_absl//:status",
            "@com_google_absl//:strings",
            "@pcre2",
        ],
    )
    concept(
        name = "bpe_vocabulary",
        test_deps = [
            ":bpe_test_vocabulary",
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
        ],
        deps = [
            ":input_file",
            ":json_sax",
            "//tools/base:status_macros",
            "@com_google_absl//:flat_hash_map",
            "@com_google_absl//:span",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    cc_library(
        name = "bpe_test_vocabulary",
        testonly = True,
        srcs = ["bpe_test_vocabulary.cc"],
        hdrs = ["bpe_test_vocabulary.h"],
        deps = ["@com_google_absl//:strings"],
    )
    fuzz_test(
        name = "bpe_vocabulary_fuzzer",
        srcs = ["bpe_vocabulary_fuzzer.cc"],
        corpus = native.glob(["bpe_vocabulary_fuzzer_corpus/*"]),
        deps = [
            ":bpe_vocabulary",
            "@com_google_absl//:strings",
        ],
    )
    concept(
        name = "bpe",
        test_deps = [
            ":bpe_test_vocabulary",
            "//tools/base:random",
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
        ],
        deps = [
            ":bpe_pretokenizer",
            ":bpe_vocabulary",
            "//tools/base:status_macros",
            "@com_google_absl//:flat_hash_map",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    cc_library(
        name = "instruction_example",
        hdrs = ["instruction_example.h"],
    )
    concept(
        name = "alpaca",
        test_deps = [
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
        ],
        deps = [
            ":instruction_example",
            ":json_sax",
            "//tools/base:status_macros",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    fuzz_test(
        name = "alpaca_fuzzer",
        srcs = ["alpaca_fuzzer.cc"],
        corpus = native.glob(["alpaca_fuzzer_corpus/*"]),
        deps = [
            ":alpaca",
            ":bpe",
            ":bpe_vocabulary",
            "@com_google_absl//:strings",
        ],
    )
    concept(
        name = "instruction_synthetic",
        test_deps = ["@com_google_absl//:strings"],
        deps = [
            ":instruction_example",
            "//tools/base:random",
            "@com_google_absl//:strings",
        ],
    )
    concept(
        name = "instruction_tokens",
        test_deps = [
            ":bpe_test_vocabulary",
            "//tools/base:status_macros",
        ],
        deps = [
            ":bpe",
            ":instruction_example",
            "//tools/base:status_macros",
            "@com_google_absl//:span",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    concept(
        name = "token_file",
        test_deps = [
            "//tools/base:file",
            "//tools/base:file_size_limit",
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
        ],
        deps = [
            ":instruction_tokens",
            "//tools/base:file",
            "//tools/base:memory",
            "//tools/base:sha256",
            "//tools/base:status_macros",
            "@com_google_absl//:span",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    fuzz_test(
        name = "token_file_fuzzer",
        srcs = ["token_file_fuzzer.cc"],
        corpus = native.glob(["token_file_fuzzer_corpus/*"]),
        deps = [
            ":token_file",
            "//tools/base:file",
            "@com_google_absl//:strings",
        ],
    )
    cc_binary(
        name = "tokenize",
        srcs = ["instruction_tokenize.cc"],
        deps = [
            ":alpaca",
            ":bpe",
            ":bpe_vocabulary",
            ":input_file",
            ":instruction_synthetic",
            ":instruction_tokens",
            ":token_file",
            "//tools/base:file",
            "//tools/base:program",
            "//tools/base:status_macros",
            "@com_google_absl//:flags",
            "@com_google_absl//:status",
            "@com_google_absl//:strings",
        ],
    )

    # Plain text, for pre-training.
    concept(
        name = "text_documents",
        test_deps = [
            "//tools/base:file",
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
        ],
        deps = [
            ":input_file",
            "//tools/base:file",
            "//tools/base:sha256",
            "//tools/base:status_macros",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    concept(
        name = "text_tokens",
        test_deps = [
            ":bpe_test_vocabulary",
            ":bpe_vocabulary",
            "//tools/base:file",
            "//tools/base:status_macros",
        ],
        deps = [
            ":bpe",
            ":text_documents",
            ":token_file",
            "//tools/base:status_macros",
            "@com_google_absl//:status",
            "@com_google_absl//:statusor",
            "@com_google_absl//:strings",
        ],
    )
    cc_binary(
        name = "text_tokenize",
        srcs = ["text_tokenize.cc"],
        # Its own vocabulary, where it could be had.
        data = [
            ":encoder_json",
            ":vocab_bpe",
        ],
        deps = [
            ":bpe",
            ":bpe_vocabulary",
            ":input_file",
            ":text_documents",
            ":text_tokens",
            ":token_file",
            "//tools/base:file",
            "//tools/base:program",
            "//tools/base:status_macros",
            "@com_google_absl//:flags",
            "@com_google_absl//:status",
            "@com_google_absl//:str_format",
            "@com_google_absl//:strings",
        ],
    )
    native.alias(
        name = "alpaca_data",
        actual = ":official_alpaca",
    )
    native.alias(
        name = "encoder_json",
        actual = ":official_gpt2_encoder",
    )
    native.alias(
        name = "vocab_bpe",
        actual = ":official_gpt2_merges",
    )
    native.alias(
        name = "gpt2_safetensors",
        actual = ":official_gpt2_safetensors",
    )
    cc_library(
        name = "official_gpt2",
        srcs = ["official_gpt2.cc"],
        hdrs = ["official_gpt2.h"],
        local_defines = ['GPT2_SAFETENSORS_SHA256=\\"%s\\"' % GPT2_SAFETENSORS_SHA256],
    )
    cc_test(
        name = "gpt2_official_test",
        size = "small",
        srcs = ["gpt2_official_test.cc"],
        data = [
            "gpt2_golden.txt",
            ":alpaca_data",
            ":encoder_json",
            ":vocab_bpe",
        ],
        deps = [
            ":alpaca",
            ":bpe",
            ":bpe_vocabulary",
            ":instruction_tokens",
            "//tools/base:file",
            "//tools/base:hex",
            "//tools/base:program",
            "//tools/base:status_macros",
            "@com_google_absl//:strings",
            "@com_google_googletest//:gtest_main",
        ],
    )
