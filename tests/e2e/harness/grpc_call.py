# SPDX-License-Identifier: Apache-2.0
"""gRPC calls made by hand with curl, for what no well-behaved client would send."""

import json
import os
import struct
import tempfile

from harness import fleet as fleets

OK = 0
INVALID_ARGUMENT = 3
PERMISSION_DENIED = 7
RESOURCE_EXHAUSTED = 8
UNAUTHENTICATED = 16


def field(number, value):
  """A length-delimited protobuf field."""
  data = value.encode() if isinstance(value, str) else value
  return _varint(number << 3 | 2) + _varint(len(data)) + data


def _varint(number):
  out = bytearray()
  while number > 0x7F:
    out.append(number & 0x7F | 0x80)
    number >>= 7
  out.append(number)
  return bytes(out)


def call(fleet, method, message=b"", certificate=None, key=None, node=None):
  """Makes a call; returns (status, curl's output). The status is None if there was no answer."""
  with tempfile.NamedTemporaryFile(dir=fleet.directory) as body:
    body.write(b"\0" + struct.pack(">I", len(message)) + message)
    body.flush()
    node = node or fleet.outsider
    arguments = [
        "curl", "-sS", "-k", "--http2", "--max-time", "20", "-o", "/dev/null", "-D", "-",
        "--connect-to", f"::{fleet.controller_node.ipv4()}:{fleets.PORT}",
        "-H", "content-type: application/grpc", "-H", "te: trailers",
        "--data-binary", f"@{body.name}", "-w", "%{http_code} %{errormsg}",
    ]
    if certificate:
      arguments += ["--cert", certificate, "--key", key]
    done = node.run(*arguments, f"https://controller.firebreak:{fleets.PORT}/{method}", check=False)
  status = None
  for line in done.stdout.splitlines():
    if line.lower().startswith("grpc-status:"):
      status = int(line.split(":")[1])
  return status, done.stdout + done.stderr


def client_files(fleet, context=None):
  """Writes the certificate and key of a CLI context to files."""
  with open(context or fleet.context, encoding="utf-8") as text:
    found = _blocks(text.read())
  paths = []
  for name in ("certificate", "key", "ca"):
    path = fleet.write(found[name], f".{name}.pem")
    os.chmod(path, 0o600)
    paths.append(path)
  return tuple(paths)


def _blocks(text):
  """Returns the block literals of a context file by their keys."""
  blocks = {}
  key = None
  for line in text.splitlines():
    if line and not line[0].isspace():
      key, _, rest = line.partition(":")
      blocks[key] = json.loads(rest) if rest.strip().startswith('"') else ""
    elif key:
      blocks[key] += line.strip() + "\n"
  return blocks
