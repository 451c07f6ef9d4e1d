#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Traffic from inside a namespace, as a program of its own: listen, flood, knock or transfer.

  traffic.py listen tcp/80 udp/53 tcp/8000-8010   echoes; "report" on stdin prints the accepts
  traffic.py flood PORT ADDRESS...                TCP connections as fast as possible
  traffic.py knock PORT ADDRESS...                TCP connections one after the other
  traffic.py transfer ADDRESS PORT                one connection that sends all the time
  traffic.py relay IF1 PORT1 IF2 TO PORT          passes on data from PORT1 on IF1 to
                                                  TO:PORT through IF2
  traffic.py replay IF1 PORT1 IF2 TO PORT         the same once, then repeats TO's answer

Each prints "ready" once it is under way and one line of JSON for every line "report" on stdin.
"""

import collections
import json
import os
import select
import selectors
import socket
import struct
import sys
import threading
import time

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


def _reply(value):
  print(json.dumps(value), flush=True)


def _asked():
  """Whether a line has been read from stdin. The end of stdin ends the program."""
  readable, _, _ = select.select([sys.stdin], [], [], 0)
  return bool(readable) and _read_request()


def _read_request():
  if not os.read(0, 4096):
    sys.exit(0)
  return True


def _ports(text):
  protocol, _, ports = text.partition("/")
  first, _, last = ports.partition("-")
  return [(protocol, port) for port in range(int(first), int(last or first) + 1)]


def listen(specifications):
  selector = selectors.DefaultSelector()
  accepted = collections.Counter()
  for protocol, port in [pair for text in specifications for pair in _ports(text)]:
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    server = socket.socket(socket.AF_INET6, kind)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    server.bind(("::", port))
    server.setblocking(False)
    if protocol == "tcp":
      server.listen(1024)
    selector.register(server, selectors.EVENT_READ, (protocol, f"{protocol}/{port}"))
  selector.register(sys.stdin, selectors.EVENT_READ, ("stdin", None))
  print("ready", flush=True)
  while True:
    for key, _ in selector.select():
      protocol, name = key.data
      try:
        if protocol == "stdin":
          _read_request()
          _reply(accepted)
        elif protocol == "tcp":
          client, _ = key.fileobj.accept()
          accepted[name] += 1
          selector.register(client, selectors.EVENT_READ, ("client", name))
        elif protocol == "udp":
          data, peer = key.fileobj.recvfrom(65536)
          accepted[name] += 1
          key.fileobj.sendto(data or b"?", peer)
        else:
          data = key.fileobj.recv(65536)
          if not data:
            raise ConnectionResetError
          key.fileobj.sendall(data)
      except BlockingIOError:
        pass
      except OSError:
        if protocol == "client":
          selector.unregister(key.fileobj)
          key.fileobj.close()


def _connected(attempt):
  try:
    attempt.getpeername()
  except OSError:
    return False
  return True


def flood(port, addresses):
  targets = []
  for address in addresses:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    targets.append((family, (address, port)))
  attempts = succeeded = 0
  pending = collections.deque()
  print("ready", flush=True)
  while True:
    for family, target in targets:
      attempt = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
      # Closing sends a reset, so that no ports stay in TIME_WAIT.
      attempt.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
      attempt.connect_ex(target)
      attempts += 1
      pending.append(attempt)
    while len(pending) > 256:
      oldest = pending.popleft()
      succeeded += _connected(oldest)
      oldest.close()
    if attempts % 128 < len(targets) and _asked():
      _reply({"attempts": attempts, "succeeded": succeeded})


def knock(port, addresses):
  """A connection counts as failed if it is refused or not established within 10 s."""
  succeeded = 0
  failures = []
  print("ready", flush=True)
  while True:
    for address in addresses:
      try:
        with socket.create_connection((address, port), timeout=10) as connection:
          connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
          succeeded += 1
      except OSError as error:
        failures.append(repr(error))
    if select.select([sys.stdin], [], [], 0.005)[0]:
      _read_request()
      _reply({"succeeded": succeeded, "failures": failures})


def transfer(address, port):
  """Sends blocks and compares the echoes, at about 8 MB/s to leave CPU time to other programs."""
  block = os.urandom(16384)
  echoed = 0
  longest_stall = 0.0
  broken = None
  connection = socket.create_connection((address, port), timeout=30)
  print("ready", flush=True)
  while True:
    if broken is None:
      begun = time.monotonic()
      try:
        connection.sendall(block)
        back = bytearray()
        while len(back) < len(block):
          data = connection.recv(len(block) - len(back))
          if not data:
            raise ConnectionResetError("closed by the peer")
          back += data
        if back != block:
          raise ValueError("other bytes came back")
        echoed += len(block)
      except (OSError, ValueError) as error:
        broken = repr(error)
      longest_stall = max(longest_stall, time.monotonic() - begun)
    if select.select([sys.stdin], [], [], 0.002 if broken is None else None)[0]:
      _read_request()
      _reply({"echoed": echoed, "longest_stall": round(longest_stall, 3), "broken": broken})


def _serve(device, port, handle):
  server = socket.socket()
  server.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
  server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
  server.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, 255)
  server.bind(("", port))
  server.listen()
  print("ready", flush=True)
  while True:
    client, _ = server.accept()
    threading.Thread(target=handle, args=(client,), daemon=True).start()


def _reach(device, to, port):
  onward = socket.socket()
  onward.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, device.encode())
  onward.connect((to, port))
  return onward


def _pass_on(source, target, keep=None):
  try:
    while data := source.recv(65536):
      if keep is not None:
        keep.append(data)
      target.sendall(data)
  except OSError:
    pass
  for one in (source, target):
    try:
      one.shutdown(socket.SHUT_RDWR)
    except OSError:
      pass


def relay(device, port, onward_device, to, onward_port, replays=False):
  said = []
  first = threading.Lock()

  def handle(client):
    if replays and not first.acquire(blocking=False):
      client.recv(65536)
      client.sendall(b"".join(said))
      client.recv(65536)
      client.close()
      return
    onward = _reach(onward_device, to, onward_port)
    threading.Thread(target=_pass_on, args=(client, onward), daemon=True).start()
    _pass_on(onward, client, said)

  _serve(device, port, handle)


def main():
  if sys.argv[1] == "listen":
    listen(sys.argv[2:])
  elif sys.argv[1] == "flood":
    flood(int(sys.argv[2]), sys.argv[3:])
  elif sys.argv[1] == "knock":
    knock(int(sys.argv[2]), sys.argv[3:])
  elif sys.argv[1] == "transfer":
    transfer(sys.argv[2], int(sys.argv[3]))
  elif sys.argv[1] in ("relay", "replay"):
    relay(sys.argv[2], int(sys.argv[3]), sys.argv[4], sys.argv[5], int(sys.argv[6]),
          sys.argv[1] == "replay")
  else:
    sys.exit(__doc__)


if __name__ == "__main__":
  main()
