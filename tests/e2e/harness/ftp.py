# SPDX-License-Identifier: Apache-2.0
"""A real FTP server and client: vsftpd and curl."""

import os

CONTENT = "what is to be fetched\n"

_CONFIGURATION = """\
listen=NO
listen_ipv6=YES
background=NO
anonymous_enable=YES
local_enable=NO
anon_root={root}
no_anon_password=YES
xferlog_enable=NO
connect_from_port_20=YES
pasv_min_port=30000
pasv_max_port=30100
secure_chroot_dir={empty}
seccomp_sandbox=NO
isolate=NO
isolate_network=NO
"""


def serve(fleet, node):
  """Starts vsftpd in `node`, at port 21, with one file for anybody."""
  root, empty = fleet.path(f"ftp-{node.name}"), fleet.path(f"ftp-empty-{node.name}")
  os.makedirs(root)
  os.makedirs(empty)
  os.chmod(fleet.directory, 0o711)
  with open(os.path.join(root, "file"), "w", encoding="utf-8") as out:
    out.write(CONTENT)
  configuration = fleet.write(_CONFIGURATION.format(root=root, empty=empty), ".conf")
  return fleet.spawn(f"vsftpd-{node.name}", node.command("vsftpd", configuration))


def fetch(node, address, active=False, old=False):
  """Whether curl can fetch the file; `old`: by the commands of RFC 959 instead of RFC 2428."""
  mode = ["--ftp-port", "-"] if active else []
  mode += (["--disable-eprt"] if active else ["--disable-epsv"]) if old else []
  host = f"[{address}]" if ":" in address else address
  done = node.run("curl", "-sS", "--max-time", "3", "--connect-timeout", "3", *mode,
                  f"ftp://{host}/file", check=False)
  return done.stdout == CONTENT
