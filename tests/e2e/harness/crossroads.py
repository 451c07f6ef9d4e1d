# SPDX-License-Identifier: Apache-2.0
"""A host between three networks: outside, where the fleet is, inside, and a third."""

from harness import case


class CrossroadsCase(case.FleetCase):
  """`gateway` has all three interfaces; `outsider`, `inside` and `third` have one, and routes by it.

  LISTEN is what listens on each of the three.
  """

  HOSTS = {"gateway": {"role": "gateway"}}
  OPTIONS = {"interfaces": 3, "bystanders": ("inside", "third")}
  LISTEN = ("tcp/80",)

  @classmethod
  def setUpClass(cls):
    super().setUpClass()
    cls.gateway = cls.node(cls, "gateway")
    cls.outsider = cls.fleet.outsider
    cls.inside, cls.third = (cls.fleet.bystanders[name] for name in ("inside", "third"))
    for node, own in ((cls.outsider, 0), (cls.inside, 1), (cls.third, 2)):
      for interface in {0, 1, 2} - {own}:
        node.run("ip", "link", "delete", f"eth{interface}")
        node.run("ip", "route", "add", f"10.77.{interface}.0/24", "via", cls.gateway.ipv4(own))
        node.run("ip", "route", "add", f"fd77:{interface}::/64", "via", cls.gateway.ipv6(own))
      cls.fleet.traffic(node, "listen", *cls.LISTEN)
