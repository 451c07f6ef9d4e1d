// SPDX-License-Identifier: Apache-2.0

// Makes a disagreement small, and tells of it.

#include <arpa/inet.h>

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "policy/resources/write.h"
#include "policy/ruleset/print.h"
#include "tests/oracle/judge.h"

namespace firebreak::oracle {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// In the same way as at first: what is left out must not make another case of it.
bool Disagrees(Judge& judge, const Setting& setting, const std::vector<Probe>& probes,
               const std::string& disagreement) {
  std::string why;
  if (!judge.Enforce(setting, why)) return false;
  Judgement last;
  for (const Probe& probe : probes) last = judge.Ask(probe);
  return last.disagreement == disagreement;
}

// Takes field after field out of the message, where `still` says that it may be missed.
template <typename Still>
void Prune(Message& message, const Still& still) {
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->name() == "name") continue;
    const std::string before = message.SerializeAsString();
    const auto restore = [&] { message.ParseFromString(before); };
    reflection.ClearField(&message, field);
    if (still()) continue;
    restore();
    if (field->is_repeated()) {
      for (int i = reflection.FieldSize(message, field) - 1; i >= 0; --i) {
        const std::string whole = message.SerializeAsString();
        for (int j = i; j + 1 < reflection.FieldSize(message, field); ++j) {
          reflection.SwapElements(&message, field, j, j + 1);
        }
        reflection.RemoveLast(&message, field);
        if (!still()) message.ParseFromString(whole);
      }
    }
    if (field->type() != FieldDescriptor::TYPE_MESSAGE || field->is_map()) continue;
    if (!field->is_repeated()) {
      Prune(*reflection.MutableMessage(&message, field), still);
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      Prune(*reflection.MutableRepeatedMessage(&message, field, i), still);
    }
  }
}

std::string AddressText(const ruleset::Bytes& address) {
  char text[INET6_ADDRSTRLEN];
  const int family = address.size() == 4 ? AF_INET : AF_INET6;
  return inet_ntop(family, address.data(), text, sizeof text);
}

std::string DescribeProbe(const Probe& probe, const std::vector<World::Interface>& interfaces) {
  const policy::Packet packet = policy::ParsePacket(probe.datagram);
  const char* way = probe.way == Probe::Way::kIn    ? "in at "
                    : probe.way == Probe::Way::kRaw ? "raw socket, out at "
                                                    : "packet socket, out at ";
  if (!probe.bound) way = "raw socket that is not bound, beside ";
  return absl::StrCat(way, interfaces[static_cast<size_t>(probe.interface)].name,
                      probe.broadcast ? " (broadcast)" : "", ": ", probe.kind, ", protocol ",
                      packet.protocol, ", ", AddressText(policy::SourceOf(packet)), " > ",
                      AddressText(policy::DestinationOf(packet)), ", ",
                      absl::BytesToHexString(
                          probe.datagram.substr(probe.datagram.size() - packet.transport.size())));
}

}  // namespace

void Minimise(Judge& judge, const std::string& disagreement, Setting& setting,
              std::vector<Probe>& probes) {
  for (size_t count = probes.size() - 1; count > 0;
       count = std::min(count / 2, probes.size() - 1)) {
    for (size_t i = 0; i + count < probes.size();) {
      std::vector<Probe> fewer = probes;
      fewer.erase(fewer.begin() + static_cast<ptrdiff_t>(i),
                  fewer.begin() + static_cast<ptrdiff_t>(i + count));
      if (Disagrees(judge, setting, fewer, disagreement)) {
        probes = std::move(fewer);
      } else {
        i += count;
      }
    }
  }
  for (size_t i = setting.resources.size(); i-- > 0;) {
    Setting fewer = setting;
    fewer.resources.erase(fewer.resources.begin() + static_cast<ptrdiff_t>(i));
    if (Disagrees(judge, fewer, probes, disagreement)) setting = std::move(fewer);
  }
  for (size_t i = setting.foreign.published.size(); i-- > 0;) {
    Setting fewer = setting;
    fewer.foreign.published.erase(fewer.foreign.published.begin() + static_cast<ptrdiff_t>(i));
    if (Disagrees(judge, fewer, probes, disagreement)) setting = std::move(fewer);
  }
  for (bool Setting::*flag : {&Setting::attacked, &Setting::router}) {
    Setting less = setting;
    less.*flag = false;
    if (Disagrees(judge, less, probes, disagreement)) setting = std::move(less);
  }
  for (v1::Resource& resource : setting.resources) {
    if (resource.has_policy()) {
      Prune(*resource.mutable_policy(),
            [&] { return Disagrees(judge, setting, probes, disagreement); });
    }
  }
}

std::string Describe(const Setting& setting, const std::vector<Probe>& probes,
                     const Judgement& judgement, const ruleset::Ruleset& ruleset,
                     const std::vector<World::Interface>& interfaces) {
  std::vector<const Message*> messages;
  for (const v1::Resource& resource : setting.resources) messages.push_back(&resource);
  std::string text = absl::StrCat("\n== ", judgement.disagreement, "\n", policy::ToYaml(messages));
  for (size_t i : setting.at_corp) absl::StrAppend(&text, "# at corp: ", interfaces[i].name, "\n");
  absl::StrAppend(&text, "# ", interfaces.back().name, " is of type ", setting.inner_type,
                  setting.router ? ", the host is a router" : "",
                  setting.attacked ? ", and attacked\n" : "\n", NftText(setting.foreign, kGuests));
  for (const Probe& probe : probes) absl::StrAppend(&text, DescribeProbe(probe, interfaces), "\n");
  absl::StrAppend(&text, "the trace, up to ", judgement.trace.hook, ": ", judgement.trace.why,
                  judgement.trace.tracking.why, "\n");
  for (const policy::Trace::Step& step : judgement.trace.steps) {
    const auto& table = step.netdev ? ruleset.netdev : ruleset.inet;
    const ruleset::Chain& chain = table->chains.at(step.rule.chain);
    absl::StrAppend(&text, "  ", step.hook, " ", step.rule.chain, ": ",
                    step.by_policy ? "policy" : ruleset::PrintRule(chain.rules[step.rule.rule]),
                    "\n");
  }
  if (judgement.seen.has_value()) {
    absl::StrAppend(&text, "the kernel: ", judgement.seen->arrived ? "arrived" : "did not arrive",
                    ", state ", judgement.seen->state, "\n");
  }
  return text;
}

}  // namespace firebreak::oracle
