"""Fuzzers, with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer of clang."""

load("@rules_cc//cc:defs.bzl", "cc_binary")

def fuzzer(name, deps):
    """From NAME.cc. Its seeds are in corpus/NAME; tests/fuzz/run builds and runs it.

    Args:
      name: ends in _fuzz.
      deps: what is fuzzed.
    """
    cc_binary(
        name = name,
        testonly = True,
        srcs = [name + ".cc", "log_frames.h", "netlink_message.h"],
        linkopts = [
            "-fsanitize=fuzzer,address,undefined",
            "-fsanitize-link-c++-runtime",
        ],
        tags = ["manual"],
        deps = deps,
    )
