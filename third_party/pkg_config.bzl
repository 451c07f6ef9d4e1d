# SPDX-License-Identifier: Apache-2.0
"""Debian's libraries as Bazel targets, found through pkg-config."""

# In front of the libraries: what a program does not use of gRPC's seventy it does not load.
_AS_NEEDED = ["-Wl,--as-needed"]

def _pkg_config(repository_ctx, arguments):
    result = repository_ctx.execute(["pkg-config"] + arguments)
    if result.return_code != 0:
        fail("pkg-config {}: {}\nInstall the packages listed in deploy/packages.".format(
            " ".join(arguments),
            result.stderr,
        ))
    return [flag for flag in result.stdout.strip().split(" ") if flag]

def _unique(flags):
    seen = {}
    for flag in flags:
        seen[flag] = True
    return seen.keys()

def _archives(repository_ctx, modules):
    """The modules' libraries as archives, as one group, shared ones where there is no archive."""
    flags = []
    for flag in _unique(_pkg_config(repository_ctx, ["--static", "--libs"] + modules)):
        name = flag[2:]
        if not flag.startswith("-l") or name in repository_ctx.attr.always_shared:
            continue
        path = repository_ctx.execute(["gcc", "-print-file-name=lib%s.a" % name]).stdout.strip()
        flags.append("-l:lib%s.a" % name if path.startswith("/") else flag)
    return ["-Wl,--start-group"] + flags + ["-Wl,--end-group"]

def _pkg_config_repository_impl(repository_ctx):
    lines = ['package(default_visibility = ["//visibility:public"])']
    for name, modules in repository_ctx.attr.modules.items():
        lines.append("cc_library(name = {}, copts = {}, linkopts = {})".format(
            repr(name),
            repr(_unique(_pkg_config(repository_ctx, ["--cflags"] + modules))),
            repr(_AS_NEEDED + _unique(_pkg_config(repository_ctx, ["--libs"] + modules))),
        ))
    for name, modules in repository_ctx.attr.archives.items():
        lines.append("cc_library(name = {}, linkopts = {})".format(
            repr(name),
            repr(_archives(repository_ctx, modules)),
        ))
    for name in repository_ctx.attr.header_only:
        lines.append("cc_library(name = {})".format(repr(name)))
    repository_ctx.file("BUILD.bazel", "\n".join(lines) + "\n")

pkg_config_repository = repository_rule(
    implementation = _pkg_config_repository_impl,
    attrs = {
        "always_shared": attr.string_list(doc = "Libraries never taken from an archive."),
        "archives": attr.string_list_dict(doc = "Target name to pkg-config modules, linked in."),
        "header_only": attr.string_list(doc = "Libraries without a .so, found in /usr/include."),
        "modules": attr.string_list_dict(doc = "Target name to pkg-config modules."),
    },
    configure = True,
    local = True,
)
