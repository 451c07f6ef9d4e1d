# SPDX-License-Identifier: Apache-2.0
"""Headers of other projects, parsed once for all tests instead of once for each."""

load("@bazel_tools//tools/cpp:toolchain_utils.bzl", "find_cpp_toolchain")
load("@rules_cc//cc:defs.bzl", "cc_library")

def _precompile_impl(ctx):
    header = ctx.actions.declare_file(ctx.attr.stem + ".h")
    ctx.actions.write(
        header,
        "".join(["#include <%s>\n" % include for include in ctx.attr.includes]),
    )
    if ctx.var["COMPILATION_MODE"] != "opt":
        # The sanitizers' flags differ, and clang refuses what does not fit.
        return [DefaultInfo(files = depset([header]))]
    toolchain = find_cpp_toolchain(ctx)
    features = cc_common.configure_features(
        ctx = ctx,
        cc_toolchain = toolchain,
        requested_features = ctx.features,
        unsupported_features = ctx.disabled_features,
    )
    compiled = ctx.actions.declare_file(ctx.attr.stem + ".h.gch")
    variables = cc_common.create_compile_variables(
        feature_configuration = features,
        cc_toolchain = toolchain,
        source_file = header.path,
        output_file = compiled.path,
        user_compile_flags = ctx.fragments.cpp.copts + ctx.fragments.cpp.cxxopts + ctx.attr.copts,
    )
    action = "c++-compile"
    flags = cc_common.get_memory_inefficient_command_line(
        feature_configuration = features,
        action_name = action,
        variables = variables,
    )
    ctx.actions.run(
        executable = cc_common.get_tool_for_action(
            feature_configuration = features,
            action_name = action,
        ),
        arguments = ["-x", "c++-header"] + flags,
        env = cc_common.get_environment_variables(
            feature_configuration = features,
            action_name = action,
            variables = variables,
        ),
        inputs = depset([header], transitive = [toolchain.all_files]),
        outputs = [compiled],
        mnemonic = "CppPrecompile",
        progress_message = "Precompiling headers of other projects",
    )
    return [DefaultInfo(files = depset([header, compiled]))]

_precompile = rule(
    implementation = _precompile_impl,
    attrs = {
        "copts": attr.string_list(),
        "includes": attr.string_list(),
        "stem": attr.string(),
        "_cc_toolchain": attr.label(default = "@bazel_tools//tools/cpp:current_cc_toolchain"),
    },
    fragments = ["cpp"],
)

def precompiled_header(name, includes, copts):
    """A library whose users may say `-include $(BINDIR)/third_party/NAME.h`.

    It is precompiled with -c opt only. If gcc is called with other flags after all, it reads NAME.h
    like any other header; nothing but time is lost.

    Args:
      name: of the library and of the header.
      includes: what the header includes, each as it stands between < and >.
      copts: what the users' compiler is called with, beside the flags that all C++ has.
    """
    _precompile(name = "%s_files" % name, stem = name, includes = includes, copts = copts)
    cc_library(
        name = name,
        textual_hdrs = ["%s_files" % name],
        visibility = ["//visibility:public"],
    )
