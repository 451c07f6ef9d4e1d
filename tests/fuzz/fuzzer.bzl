# SPDX-License-Identifier: Apache-2.0
"""Fuzzers, with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer of clang."""

load("@rules_cc//cc:defs.bzl", "cc_binary", "cc_test")

_HEADERS = [
    "local_questions.h",
    "log_frames.h",
    "netlink_message.h",
    "require.h",
]

def fuzzer(name, deps):
    """From NAME.cc, whose seeds are in corpus/NAME.

    tests/fuzz/run builds the fuzzer and runs it. NAME_replay is an ordinary test, of the compiler that
    builds everything else: it gives the seeds, and what comes of damaging them, to the same function.

    Args:
      name: ends in _fuzz.
      deps: what is fuzzed.
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".cc"] + _HEADERS,
        linkopts = [
            "-fsanitize=fuzzer,address,undefined",
            "-fsanitize-link-c++-runtime",
        ],
        tags = ["manual"],
        deps = deps,
    )
    cc_test(
        name = name + "_replay",
        size = "small",
        srcs = [
            name + ".cc",
            "replay.cc",
        ] + _HEADERS,
        args = ["tests/fuzz/corpus/" + name],
        data = native.glob(["corpus/" + name + "/**"]),
        deps = deps + ["@system//:gtest_main"],
    )
