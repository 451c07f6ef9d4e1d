# SPDX-License-Identifier: Apache-2.0
"""The native C++ rules under the names that rules_cc gives them.

Debian's own rules_cc needs a newer Bazel than Debian's.
"""

cc_binary = native.cc_binary
cc_import = native.cc_import
cc_library = native.cc_library
cc_proto_library = native.cc_proto_library
cc_toolchain = native.cc_toolchain
cc_toolchain_suite = native.cc_toolchain_suite

def cc_test(name, copts = [], deps = [], **arguments):
    """The native rule, with headers that nearly all tests include precompiled."""
    native.cc_test(
        name = name,
        copts = copts + ["-include", "$(BINDIR)/third_party/test_prefix.h"],
        deps = deps + ["@firebreak//third_party:test_prefix"],
        **arguments
    )
