# SPDX-License-Identifier: Apache-2.0
"""A router that advertises a prefix and itself."""

PREFIX = "fd99::"


def begin(fleet, router):
  """Starts advertising; it ends with the fleet."""
  router.run("sysctl", "-qw", "net.ipv6.conf.all.forwarding=1")
  configuration = fleet.write(
      "interface eth0 { AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4;\n"
      f" prefix {PREFIX}/64 {{ AdvOnLink on; AdvAutonomous on; }}; }};\n", ".radvd")
  fleet.spawn("radvd", router.command(
      "radvd", "--nodaemon", "--config", configuration, "--pidfile", fleet.path("radvd.pid"),
      "--logmethod", "stderr"))
