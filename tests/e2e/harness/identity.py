# SPDX-License-Identifier: Apache-2.0
"""Finds an agent's identity in its state directory without knowing the directory's format."""

import glob
import os
import re
import subprocess

_CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----\n", re.DOTALL)
_KEY = re.compile(rb"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?PRIVATE KEY-----\n", re.DOTALL)


def of_host(host):
  """Returns the host's (certificate, key), PEM; the certificate is the one that names the host."""
  certificate = key = None
  for path in glob.glob(os.path.join(host.state_directory, "**"), recursive=True):
    if not os.path.isfile(path):
      continue
    with open(path, "rb") as content:
      data = content.read()
    for found in _KEY.findall(data):
      key = found
      if os.stat(path).st_mode & 0o077:
        raise AssertionError(f"others can read the key in {path}")
    for found in _CERTIFICATE.findall(data):
      if f"firebreak://host/{host.name}".encode() in describe(found):
        certificate = found
  if certificate is None or key is None:
    raise AssertionError(f"no certificate or no key below {host.state_directory}")
  return certificate, key


def describe(certificate):
  return subprocess.run(
      ["openssl", "x509", "-noout", "-serial", "-dates", "-ext", "subjectAltName"],
      input=certificate, capture_output=True, check=True).stdout


def files(fleet, name):
  """Writes copies of the certificate and the key; returns their paths."""
  paths = []
  for kind, pem in zip(("crt", "key"), of_host(fleet.hosts[name])):
    paths.append(fleet.path(f"copy-of-{name}.{kind}"))
    with open(os.open(paths[-1], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
      out.write(pem)
  return tuple(paths)
