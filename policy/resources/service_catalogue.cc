// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/service_catalogue.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "base/status/status.h"
#include "policy/resources/names.h"
#include "policy/resources/ports.h"
#include "policy/resources/protocols.h"

namespace firebreak::policy {
namespace {

// The ports come from IANA's registry or, for services without an entry there, from the program's
// documentation. Sorted by name.
constexpr BuiltInService kServices[] = {
    {"amqp", "Advanced Message Queuing Protocol", "tcp/5672"},
    {"beacon", "Firebreak's beacons", "tcp/7444"},
    {"bgp", "Border Gateway Protocol", "tcp/179"},
    {"cassandra", "Apache Cassandra, clients", "tcp/9042"},
    {"consul", "HashiCorp Consul", "tcp/8300-8302 udp/8301-8302 tcp/8500"},
    {"dhcp-server", "DHCP, requests to a server", "udp/67"},
    {"dhcpv6-server", "DHCPv6, requests to a server", "udp/547"},
    {"dns", "Domain Name System", "udp/53 tcp/53"},
    {"dns-over-tls", "DNS over TLS and QUIC", "tcp/853 udp/853"},
    {"docker-registry", "Container registry", "tcp/5000"},
    {"elasticsearch", "Elasticsearch", "tcp/9200 tcp/9300"},
    {"etcd", "etcd, clients and peers", "tcp/2379-2380"},
    {"firebreak", "Firebreak's controller", "tcp/7443"},
    {"ftp", "File Transfer Protocol, control connection", "tcp/21"},
    {"ftps", "File Transfer Protocol over TLS, control connection", "tcp/990"},
    {"git", "Git's own protocol", "tcp/9418"},
    {"grafana", "Grafana", "tcp/3000"},
    {"h323", "H.323 telephony: gatekeeper and call signalling", "udp/1718-1719 tcp/1720"},
    {"http", "Web, unencrypted", "tcp/80"},
    {"http3", "Web over QUIC", "udp/443"},
    {"https", "Web", "tcp/443"},
    {"ike", "IPsec key exchange, ESP, and both through NAT", "udp/500 udp/4500 esp"},
    {"imap", "Internet Message Access Protocol", "tcp/143"},
    {"imap3", "Interactive Mail Access Protocol, version 3", "tcp/220"},
    {"imaps", "Internet Message Access Protocol over TLS", "tcp/993"},
    {"influxdb", "InfluxDB", "tcp/8086"},
    {"ipp", "Internet Printing Protocol", "tcp/631"},
    {"irc", "Internet Relay Chat", "tcp/6667"},
    {"iscsi", "iSCSI target", "tcp/3260"},
    {"kafka", "Apache Kafka", "tcp/9092"},
    {"kerberos", "Kerberos", "tcp/88 udp/88"},
    {"kpasswd", "Kerberos, change of passwords", "tcp/464 udp/464"},
    {"kubelet", "Kubernetes' node agent", "tcp/10250"},
    {"kubernetes-api", "Kubernetes' API server", "tcp/6443"},
    {"kubernetes-node-ports", "Kubernetes' services on nodes", "tcp/30000-32767 udp/30000-32767"},
    {"l2tp", "Layer 2 Tunnelling Protocol", "udp/1701"},
    {"ldap", "Lightweight Directory Access Protocol", "tcp/389"},
    {"ldaps", "Lightweight Directory Access Protocol over TLS", "tcp/636"},
    {"llmnr", "Link-Local Multicast Name Resolution", "udp/5355 tcp/5355"},
    {"lpd", "Line printer daemon", "tcp/515"},
    {"managesieve", "Mail filters", "tcp/4190"},
    {"mdns", "Multicast DNS", "udp/5353"},
    {"memcached", "memcached", "tcp/11211"},
    {"minecraft", "Minecraft", "tcp/25565"},
    {"mongodb", "MongoDB", "tcp/27017"},
    {"mosh", "Mobile shell", "udp/60000-61000"},
    {"mqtt", "MQTT", "tcp/1883"},
    {"mqtts", "MQTT over TLS", "tcp/8883"},
    {"mssql", "Microsoft SQL Server", "tcp/1433"},
    {"mysql", "MySQL and MariaDB", "tcp/3306"},
    {"nats", "NATS", "tcp/4222"},
    {"netbios", "NetBIOS names, datagrams and sessions", "udp/137-138 tcp/139"},
    {"nfs", "Network File System, version 4", "tcp/2049"},
    {"nntp", "Network news", "tcp/119"},
    {"node-exporter", "Prometheus' exporter of a host's metrics", "tcp/9100"},
    {"ntp", "Network Time Protocol", "udp/123"},
    {"nut", "Network UPS Tools", "tcp/3493"},
    {"openvpn", "OpenVPN", "udp/1194 tcp/1194"},
    {"oracle", "Oracle Database's listener", "tcp/1521"},
    {"ospf", "Open Shortest Path First", "ospf"},
    {"pop3", "Post Office Protocol", "tcp/110"},
    {"pop3s", "Post Office Protocol over TLS", "tcp/995"},
    {"postgresql", "PostgreSQL", "tcp/5432"},
    {"pptp", "Point-to-Point Tunnelling Protocol: control and tunnel", "tcp/1723 gre"},
    {"prometheus", "Prometheus", "tcp/9090"},
    {"puppet", "Puppet's server", "tcp/8140"},
    {"radius", "RADIUS", "udp/1812-1813"},
    {"rdp", "Remote Desktop Protocol", "tcp/3389 udp/3389"},
    {"redis", "Redis and Valkey", "tcp/6379"},
    {"rpcbind", "ONC RPC's port mapper", "tcp/111 udp/111"},
    {"rsync", "rsync's daemon", "tcp/873"},
    {"rtsp", "Real-Time Streaming Protocol", "tcp/554 udp/554"},
    {"salt", "Salt's master", "tcp/4505-4506"},
    {"sip", "Session Initiation Protocol", "udp/5060 tcp/5060"},
    {"sips", "Session Initiation Protocol over TLS", "tcp/5061"},
    {"smb", "Server Message Block, file sharing", "tcp/445"},
    {"smtp", "Mail transfer", "tcp/25"},
    {"smtps", "Mail submission over TLS", "tcp/465"},
    {"snmp", "Simple Network Management Protocol", "udp/161"},
    {"snmp-trap", "Simple Network Management Protocol, notifications", "udp/162"},
    {"socks", "SOCKS proxy", "tcp/1080"},
    {"squid", "Squid web proxy", "tcp/3128"},
    {"ssdp", "Simple Service Discovery Protocol", "udp/1900"},
    {"ssh", "Secure Shell", "tcp/22"},
    {"stun", "STUN and TURN", "udp/3478 tcp/3478"},
    {"submission", "Mail submission", "tcp/587"},
    {"syncthing", "Syncthing", "tcp/22000 udp/22000 udp/21027"},
    {"syslog", "Syslog over UDP", "udp/514"},
    {"syslog-tls", "Syslog over TLS", "tcp/6514"},
    {"t120", "T.120 data conferencing", "tcp/1503"},
    {"tacacs", "TACACS+", "tcp/49"},
    {"telnet", "Telnet, unencrypted", "tcp/23"},
    {"tftp", "Trivial File Transfer Protocol", "udp/69"},
    {"turns", "STUN and TURN over TLS", "tcp/5349 udp/5349"},
    {"vnc", "Virtual Network Computing", "tcp/5900-5903"},
    {"vrrp", "Virtual Router Redundancy Protocol", "vrrp"},
    {"vxlan", "Virtual Extensible LAN", "udp/4789"},
    {"whois", "WHOIS", "tcp/43"},
    {"winrm", "Windows Remote Management", "tcp/5985-5986"},
    {"wireguard", "WireGuard", "udp/51820"},
    {"xmpp", "XMPP, clients and servers", "tcp/5222 tcp/5269"},
    {"zabbix", "Zabbix, agent and server", "tcp/10050-10051"},
    {"zookeeper", "Apache ZooKeeper", "tcp/2181"},
};

}  // namespace

std::span<const BuiltInService> BuiltInServices() { return kServices; }

const BuiltInService* FindBuiltInService(absl::string_view name) {
  const auto* found = std::lower_bound(std::begin(kServices), std::end(kServices), name,
                                       [](const BuiltInService& service, absl::string_view wanted) {
                                         return service.name < wanted;
                                       });
  return found != std::end(kServices) && found->name == name ? found : nullptr;
}

absl::StatusOr<v1::PortRange> ParseServicePort(absl::string_view text) {
  const size_t slash = text.find('/');
  const bool has_ports = slash != absl::string_view::npos;
  ASSIGN_OR_RETURN(const uint8_t protocol, ParseProtocol(text.substr(0, slash)));
  if (has_ports != HasPorts(protocol)) {
    return absl::InvalidArgumentError(absl::StrCat(
        Quoted(text), has_ports ? ": this protocol has no ports; write it alone, as in \"esp\""
                                : ": this protocol has ports; name them, as in \"tcp/443\" or "
                                  "\"udp/27000-27050\""));
  }
  Ports ports = kAllPorts;
  if (has_ports) {
    ASSIGN_OR_RETURN(const Ports parsed, ParsePorts(text.substr(slash + 1)));
    ports = parsed;
  }
  v1::PortRange range;
  range.set_protocol(protocol);
  range.set_first(ports.first);
  range.set_last(ports.last);
  return range;
}

std::vector<v1::PortRange> PortsOf(const BuiltInService& service) {
  std::vector<v1::PortRange> ranges;
  for (absl::string_view port : absl::StrSplit(service.ports, ' ')) {
    if (auto range = ParseServicePort(port); range.ok()) ranges.push_back(*range);
  }
  return ranges;
}

std::vector<v1::PortRange> PortsOf(const v1::Service& service) {
  std::vector<v1::PortRange> ranges;
  for (const std::string& port : service.ports()) {
    if (auto range = ParseServicePort(port); range.ok()) ranges.push_back(*range);
  }
  return ranges;
}

}  // namespace firebreak::policy
