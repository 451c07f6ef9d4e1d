# SPDX-License-Identifier: Apache-2.0
"""Enrolment by hand: the protocol of enrolment.proto, for what no agent would say."""

import socket
import ssl
import struct

from harness import fleet as fleets
from harness import grpc_call

ALPN = "firebreak-enrol/1"


def message(token, name, request):
  return (grpc_call.field(1, token) + grpc_call.field(2, name) + grpc_call.field(3, request))


def context(alpn=ALPN, certificate=None, key=None):
  made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
  made.check_hostname = False
  made.verify_mode = ssl.CERT_NONE
  if alpn:
    made.set_alpn_protocols([alpn])
  if certificate:
    made.load_cert_chain(certificate, key)
  return made


def enrol(fleet, asked, certificate=None, key=None, node=None):
  """What the controller answers: (code of gRPC's, its message), or (None, what went wrong)."""
  target = (fleet.controller_node.ipv4(), fleets.PORT)

  def converse():
    made = context(certificate=certificate, key=key)
    with socket.create_connection(target, timeout=20) as plain, made.wrap_socket(plain) as tls:
      tls.sendall(struct.pack(">I", len(asked)) + asked)
      received = b""
      while True:
        data = tls.recv(65536)
        if not data:
          return received
        received += data

  try:
    received = (node or fleet.outsider).inside(converse)
  except OSError as error:
    return None, str(error)
  if len(received) < 4 or len(received) != 4 + struct.unpack(">I", received[:4])[0]:
    return None, f"{len(received)} bytes"
  answer = dict(_fields(received[4:]))
  if 1 in answer:
    return grpc_call.OK, ""
  refused = dict(_fields(answer[2]))
  return refused[1], refused.get(2, b"").decode()


def _fields(data):
  at = 0

  def varint():
    nonlocal at
    number = shift = 0
    while True:
      byte = data[at]
      at += 1
      number |= (byte & 0x7F) << shift
      shift += 7
      if byte < 0x80:
        return number

  while at < len(data):
    key = varint()
    if key & 7 == 0:
      yield key >> 3, varint()
    else:
      size = varint()
      yield key >> 3, data[at:at + size]
      at += size
