// SPDX-License-Identifier: Apache-2.0
#include "policy/merge/local_switch.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace firebreak::policy {
namespace {

bool Concerns(const std::string& selected, absl::string_view one) {
  return selected.empty() || selected == one;
}

// Whether `a` holds everywhere that `b` holds.
bool Covers(const v1::LocalSwitch& a, const v1::LocalSwitch& b) {
  return Concerns(a.interface(), b.interface()) && Concerns(a.location(), b.location());
}

bool Meet(const v1::LocalSwitch& a, const v1::LocalSwitch& b) {
  return (Concerns(a.interface(), b.interface()) || b.interface().empty()) &&
         (Concerns(a.location(), b.location()) || b.location().empty());
}

bool SameSubject(const v1::LocalSwitch& a, const v1::LocalSwitch& b) {
  return SubjectOf(a) == SubjectOf(b);
}

// The command that ends switches about the subject.
const char* EndingOf(SwitchSubject subject) {
  switch (subject) {
    case SwitchSubject::kIcmp: return "firebreak --local option clear icmp";
    case SwitchSubject::kLogging: return "firebreak --local option clear logging";
    default: return "firebreak --local enable";
  }
}

std::string LoggingText(const v1::Logging& logging) {
  std::vector<std::string> parts;
  const auto say = [&](bool given, bool on, const char* what) {
    if (given) parts.push_back(absl::StrCat(on ? "" : "no ", what));
  };
  say(logging.has_dropped(), logging.dropped(), "dropped packets");
  say(logging.has_connections(), logging.connections(), "connections");
  if (logging.has_rate()) {
    parts.push_back(logging.rate() == 0
                        ? "any number of dropped packets"
                        : absl::StrCat("at most ", logging.rate(), " dropped packets a second"));
  }
  if (logging.has_max_size_kib()) {
    parts.push_back(absl::StrCat("a file of ", logging.max_size_kib(), " KiB"));
  }
  return absl::StrJoin(parts, ", ");
}

// What the switch sets of an interface.
v1::Settings SettingsOf(const v1::LocalSwitch& one) {
  v1::Settings settings;
  if (one.has_icmp()) {
    *settings.mutable_icmp() = one.icmp().messages();
    settings.set_icmp_policy(kLocalPolicy);
  } else {
    settings.set_firewall(one.mode());
    settings.set_firewall_policy(kLocalPolicy);
  }
  return settings;
}

v1::Layer LayerOf(const v1::LocalSwitch& one) {
  v1::Layer layer;
  v1::Settings* settings = layer.mutable_settings();
  if (!one.interface().empty()) {
    v1::InterfaceLayer& section = *layer.add_interfaces();
    section.mutable_match()->add_names(one.interface());
    settings = section.mutable_settings();
  }
  *settings = SettingsOf(one);
  return layer;
}

// Orders the levels by strictness; an unset level denies.
int Strictness(v1::LocalControl::Level level) {
  switch (level) {
    case v1::LocalControl::allow: return 0;
    case v1::LocalControl::confirm: return 1;
    default: return 2;
  }
}

std::string Denial(const v1::EffectiveLocation& location) {
  const v1::HostSettings& host = location.host();
  if (host.local_control() == v1::LocalControl::unspecified) {
    return absl::StrCat("no policy sets local_control for this host at ", location.name(),
                        ", which denies it");
  }
  return absl::StrCat("policy ", host.local_control_policy(), " says local_control: deny at ",
                      location.name());
}

}  // namespace

SwitchSubject SubjectOf(const v1::LocalSwitch& one) {
  if (one.has_icmp()) return SwitchSubject::kIcmp;
  return one.has_logging() ? SwitchSubject::kLogging : SwitchSubject::kFirewall;
}

bool LeavesToPolicy(const v1::LocalSwitch& one) {
  switch (SubjectOf(one)) {
    case SwitchSubject::kIcmp: return !one.icmp().has_messages();
    case SwitchSubject::kLogging: return !one.logging().has_settings();
    default: return one.mode() == v1::Firewall::unspecified;
  }
}

std::string DescribeSwitch(const v1::LocalSwitch& one) {
  const SwitchSubject subject = SubjectOf(one);
  if (LeavesToPolicy(one)) {
    return absl::StrCat(subject == SwitchSubject::kIcmp      ? "ICMP"
                        : subject == SwitchSubject::kLogging ? "log"
                                                             : "firewall",
                        " as the fleet's policy says");
  }
  switch (subject) {
    case SwitchSubject::kIcmp: {
      const auto& messages = one.icmp().messages().items();
      return messages.empty() ? "no ICMP" : absl::StrCat("ICMP ", absl::StrJoin(messages, ", "));
    }
    case SwitchSubject::kLogging:
      return absl::StrCat("log ", LoggingText(one.logging().settings()));
    default: return "firewall off";
  }
}

bool LetsSwitch(const v1::EffectiveLocation& location) {
  return Strictness(location.host().local_control()) < 2;
}

LocalPermission PermissionFor(const v1::EffectivePolicy& policy,
                              const v1::EffectiveLocation& host_location,
                              const v1::LocalSwitch& wanted) {
  if (!LetsSwitch(host_location)) return {.reason = Denial(host_location)};
  const v1::EffectiveLocation* strictest = nullptr;
  const v1::EffectiveLocation* denies = nullptr;
  for (const v1::EffectiveLocation& location : policy.locations()) {
    if (!Concerns(wanted.location(), location.name())) continue;
    if (!LetsSwitch(location)) {
      denies = &location;
    } else if (strictest == nullptr || Strictness(location.host().local_control()) >
                                           Strictness(strictest->host().local_control())) {
      strictest = &location;
    }
  }
  if (strictest == nullptr) {
    return {.reason = denies == nullptr
                          ? absl::StrCat("the fleet's policy knows no location ", wanted.location())
                          : Denial(*denies)};
  }
  const v1::EffectiveLocation& decides = Strictness(host_location.host().local_control()) >
                                                 Strictness(strictest->host().local_control())
                                             ? host_location
                                             : *strictest;
  const v1::HostSettings& host = decides.host();
  return {.level = host.local_control(),
          .reason = absl::StrCat("policy ", host.local_control_policy(), " says local_control: ",
                                 v1::LocalControl::Level_Name(host.local_control()), " at ",
                                 decides.name())};
}

void AddSwitch(const v1::LocalSwitch& added, v1::LocalSwitches& switches) {
  v1::LocalSwitches all;
  *all.add_items() = added;
  for (const v1::LocalSwitch& one : switches.items()) {
    if (!SameSubject(added, one) || !Covers(added, one)) *all.add_items() = one;
  }
  switches = std::move(all);
}

absl::Status EndSwitches(const v1::LocalSwitch& wanted, v1::LocalSwitches& switches) {
  v1::LocalSwitches kept;
  for (const v1::LocalSwitch& one : switches.items()) {
    const bool same = SameSubject(wanted, one);
    if (same && Covers(wanted, one)) continue;
    if (same && Meet(wanted, one)) {
      return absl::FailedPreconditionError(absl::StrCat(
          "what was switched holds for ",
          one.interface().empty() ? "every interface" : one.interface(),
          one.location().empty() ? ", wherever it is" : absl::StrCat(" at ", one.location()),
          "; end it as a whole: ", EndingOf(SubjectOf(one)),
          one.interface().empty() ? "" : absl::StrCat(" --interface ", one.interface()),
          one.location().empty() ? "" : absl::StrCat(" --at ", one.location())));
    }
    *kept.add_items() = one;
  }
  switches = std::move(kept);
  return absl::OkStatus();
}

const v1::LocalSwitch* FindSwitch(const v1::LocalSwitches& switches, SwitchSubject subject,
                                  absl::string_view interface, absl::string_view location) {
  for (const v1::LocalSwitch& one : switches.items()) {
    if (SubjectOf(one) == subject && Concerns(one.interface(), interface) &&
        Concerns(one.location(), location)) {
      return &one;
    }
  }
  return nullptr;
}

void ApplySwitches(const v1::LocalSwitches& switches, v1::EffectivePolicy& policy) {
  if (!policy.managed()) return;
  for (v1::EffectiveLocation& location : *policy.mutable_locations()) {
    if (!LetsSwitch(location)) continue;
    // A layer for each, as a section for some interfaces would stand above what a newer switch says
    // for all.
    int added = 0;
    for (const v1::LocalSwitch& one : switches.items()) {
      if (one.has_logging() || !Concerns(one.location(), location.name())) continue;
      *location.add_layers() = LayerOf(one);
      ++added;
    }
    auto& layers = *location.mutable_layers();
    std::rotate(layers.pointer_begin(), layers.pointer_end() - added, layers.pointer_end());
    const v1::LocalSwitch* const log =
        FindSwitch(switches, SwitchSubject::kLogging, "", location.name());
    if (log == nullptr) continue;
    location.mutable_host()->mutable_logging()->MergeFrom(log->logging().settings());
    location.mutable_host()->set_logging_policy(kLocalPolicy);
  }
}

std::vector<v1::LocalSwitch> RemoveForbidden(const v1::EffectivePolicy& policy,
                                             v1::LocalSwitches& switches) {
  std::vector<v1::LocalSwitch> taken;
  v1::LocalSwitches kept;
  for (const v1::LocalSwitch& one : switches.items()) {
    const bool let =
        policy.managed() && std::any_of(policy.locations().begin(), policy.locations().end(),
                                        [&](const v1::EffectiveLocation& location) {
                                          return Concerns(one.location(), location.name()) &&
                                                 LetsSwitch(location);
                                        });
    if (let) {
      *kept.add_items() = one;
    } else {
      taken.push_back(one);
    }
  }
  switches = std::move(kept);
  return taken;
}

}  // namespace firebreak::policy
