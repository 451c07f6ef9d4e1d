"""Debian's libraries as Bazel targets, found through pkg-config."""

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

def _pkg_config_repository_impl(repository_ctx):
    lines = ['package(default_visibility = ["//visibility:public"])']
    for name, modules in repository_ctx.attr.modules.items():
        lines.append("cc_library(name = {}, copts = {}, linkopts = {})".format(
            repr(name),
            repr(_unique(_pkg_config(repository_ctx, ["--cflags"] + modules))),
            repr(_unique(_pkg_config(repository_ctx, ["--libs"] + modules))),
        ))
    for name in repository_ctx.attr.header_only:
        lines.append("cc_library(name = {})".format(repr(name)))
    repository_ctx.file("BUILD.bazel", "\n".join(lines) + "\n")

pkg_config_repository = repository_rule(
    implementation = _pkg_config_repository_impl,
    attrs = {
        "header_only": attr.string_list(doc = "Libraries without a .so, found in /usr/include."),
        "modules": attr.string_list_dict(doc = "Target name to pkg-config modules."),
    },
    configure = True,
    local = True,
)
