# SPDX-License-Identifier: Apache-2.0
"""A program: calls the controller as a host, with Python's gRPC."""

import sys
import threading
from concurrent import futures

import grpc

_REACH = "/firebreak.v1.Fleet/Reach"
_CONNECT = "/firebreak.v1.Fleet/Connect"
_HELLO = b"\x0a\x00"  # AgentMessage.hello


def _code(call):
  try:
    call()
  except grpc.RpcError as error:
    return error.code()
  return grpc.StatusCode.OK


def stay(channel):
  """Keeps a stream until the controller ends it, and says with what."""
  stream = channel.stream_stream(_CONNECT)(_until(threading.Event()))
  assert next(stream)  # a push
  print("has a stream", flush=True)
  try:
    list(stream)
  except grpc.RpcError as error:
    print(f"ended: {error.code().name}: {error.details()}", flush=True)


def main(address, certificate, key, ca, until_the_end=""):
  def read(path):
    with open(path, "rb") as pem:
      return pem.read()

  credentials = grpc.ssl_channel_credentials(read(ca), read(key), read(certificate))
  options = [("grpc.ssl_target_name_override", "controller.firebreak"),
             ("grpc.keepalive_time_ms", 20_000), ("grpc.max_send_message_length", -1)]
  with grpc.secure_channel(address, credentials, options) as channel:
    if until_the_end:
      return stay(channel)
    reach = channel.unary_unary(_REACH)
    metadata = (("x-some", "metadata"), ("x-some-bin", b"\0\xff"))
    assert reach(b"", timeout=20, metadata=metadata) == b""
    assert channel.unary_unary("/grpc.health.v1.Health/Check")(b"", timeout=20) == b"\x08\x01"
    with futures.ThreadPoolExecutor(20) as pool:
      assert all(answer == b"" for answer in pool.map(lambda _: reach(b"", timeout=20), range(100)))
    for method, request, code in (
        ("/firebreak.v1.Fleet/Nothing", b"", grpc.StatusCode.UNIMPLEMENTED),
        ("/firebreak.v1.Admin/GetVersion", b"", grpc.StatusCode.PERMISSION_DENIED),
        (_REACH, b"\xff", grpc.StatusCode.INVALID_ARGUMENT),
        (_REACH, bytes(2 << 10), grpc.StatusCode.RESOURCE_EXHAUSTED),
        (_REACH, bytes(17 << 20), grpc.StatusCode.RESOURCE_EXHAUSTED)):
      got = _code(lambda m=method, r=request: channel.unary_unary(m)(r, timeout=60))
      assert got == code, (method, len(request), got)
    got = _code(lambda: reach(bytes(1000), timeout=20, compression=grpc.Compression.Gzip))
    assert got == grpc.StatusCode.UNIMPLEMENTED, got
    connect = channel.stream_stream(_CONNECT)
    # It ends, as the host has nothing more to say.
    list(connect(iter([_HELLO]), timeout=20))
    for first in (b"\xff", bytes(300 << 10)):  # no message, and one that is too long
      got = _code(lambda b=first: list(connect(iter([b]), timeout=20)))
      assert got in (grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.RESOURCE_EXHAUSTED), got
    over = threading.Event()
    given_up = connect(_until(over), timeout=60)
    assert next(given_up)  # a push
    given_up.cancel()
    over.set()
    assert reach(b"", timeout=20) == b""
  print("all is well")
  return None


def _until(over):
  yield _HELLO
  over.wait()


main(*sys.argv[1:])
