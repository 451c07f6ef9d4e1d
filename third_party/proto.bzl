# SPDX-License-Identifier: Apache-2.0
"""C++ from .proto files with the system's protoc."""

load("@rules_cc//cc:defs.bzl", "cc_library")

_GRPC = "--grpc_out=$(GENDIR)/proto --plugin=protoc-gen-grpc=/usr/bin/grpc_cpp_plugin "

def proto_cc_library(name, srcs, deps = [], services = False, visibility = None):
    """Some of a package's .proto files as one C++ library.

    Args:
      name: the cc_library's name; NAME_srcs holds the .proto files.
      srcs: .proto files of this package, which lies below proto/.
      deps: other proto_cc_library targets of this package whose files srcs import.
      services: whether to generate gRPC services too.
      visibility: as everywhere.
    """
    native.filegroup(name = name + "_srcs", srcs = srcs, visibility = visibility)
    stems = [src[:-len(".proto")] for src in srcs]
    suffixes = [".pb", ".grpc.pb"] if services else [".pb"]
    headers = [stem + suffix + ".h" for stem in stems for suffix in suffixes]
    sources = [stem + suffix + ".cc" for stem in stems for suffix in suffixes]
    native.genrule(
        name = name + "_generate",
        srcs = srcs,
        outs = headers + sources,
        cmd = "protoc --proto_path=proto --cpp_out=$(GENDIR)/proto " +
              (_GRPC if services else "") +
              " ".join(["$(location %s)" % src for src in srcs]),
        message = "Generating C++ from protobuf",
        tools = [dep + "_srcs" for dep in deps],
    )
    cc_library(
        name = name,
        srcs = sources,
        hdrs = headers,
        copts = ["-Wno-unused-parameter"],
        strip_include_prefix = "/proto",
        visibility = visibility,
        deps = deps + ["@system//:protobuf"] + (["@system//:grpc"] if services else []),
    )
