# SPDX-License-Identifier: Apache-2.0
"""A program: calls the controller with Python's gRPC, as nobody's client of ours would."""

import sys
from concurrent import futures

import grpc


def _pages(channel):
  return channel.unary_stream("/firebreak.v1.Admin/ReadAudit")


def main(address, certificate, key, ca):
  def read(path):
    with open(path, "rb") as pem:
      return pem.read()

  credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(certificate))
  options = [("grpc.ssl_target_name_override", "controller.firebreak"),
             ("grpc.keepalive_time_ms", 20_000)]
  with grpc.secure_channel(address, credentials, options) as channel:
    version = channel.unary_unary("/firebreak.v1.Admin/GetVersion")
    assert version(b"", timeout=20, metadata=(("x-some", "metadata"), ("x-some-bin", b"\0\xff")))
    assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20) == b"\x08\x01"
    with futures.ThreadPoolExecutor(20) as pool:
      assert all(pool.map(lambda _: version(b"", timeout=20), range(200)))
    assert list(_pages(channel)(b"", timeout=20))
    # Given up half way.
    pages = _pages(channel)(b"", timeout=20)
    pages.cancel()
    for method, request, code in (
        ("/firebreak.v1.Admin/Nothing", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/firebreak.v1.Fleet/Reach", b"", grpc.StatusCode.PERMISSION_DENIED),
        ("/firebreak.v1.Admin/Apply", bytes(17 << 20), grpc.StatusCode.RESOURCE_EXHAUSTED)):
      try:
        channel.unary_unary(method)(request, timeout=60)
      except grpc.RpcError as error:
        assert error.code() == code, (method, error)
      else:
        raise AssertionError(f"{method} was let through")
    assert version(b"", timeout=20)
    reflection = channel.stream_stream(
        "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo")
    assert b"firebreak.v1.Admin" in next(reflection(iter([b"\x3a\0"]), timeout=20))
  print("all is well")


main(*sys.argv[1:])
