# SPDX-License-Identifier: Apache-2.0
"""Sends datagrams faster than a process can send them one by one.

The sender hands many datagrams to the kernel in one piece (UDP_SEGMENT, udp(7)), which is split at
the last link before the host; the host's own kernel receives, counts and drops each datagram.
"""

import socket
import threading
import time

_UDP_SEGMENT = 103  # linux/udp.h
_AT_ONCE = 64  # UDP_MAX_SEGMENTS of all kernels that support it


def udp(fleet, host, port, seconds, senders=1):
  """Has the outsider send datagrams of one byte to `host`; returns how many its kernel accepted."""
  node = fleet.hosts[host].node
  fleet.network.switch.run(
      "ethtool", "-K", fleet.network.port(node), "tx-udp-segmentation", "off")
  sent = [0] * senders

  def send(number):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
      sender.setsockopt(socket.IPPROTO_UDP, _UDP_SEGMENT, 1)
      sender.connect((node.ipv4(), port))
      end = time.monotonic() + seconds
      while time.monotonic() < end:
        for _ in range(50):
          try:
            sent[number] += sender.send(b"x" * _AT_ONCE)
          # A queue is full, or ICMP has reported an error.
          except (BlockingIOError, ConnectionRefusedError):
            pass

  threads = [threading.Thread(target=fleet.outsider.inside, args=(lambda number=i: send(number),))
             for i in range(senders)]
  for thread in threads:
    thread.start()
  for thread in threads:
    thread.join()
  return sum(sent)
