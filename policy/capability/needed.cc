// SPDX-License-Identifier: Apache-2.0
#include "policy/capability/needed.h"

#include <vector>

#include "firebreak/v1/capability.pb.h"
#include "firebreak/v1/effective.pb.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

void Raise(uint32_t since, const std::string& because, NeededCapability& needed) {
  if (since > needed.capability) needed = {since, because};
}

// Meanings that came to be values of older fields.
void LookAtMapping(const v1::Mapping& mapping, NeededCapability& needed) {
  constexpr uint32_t kSince = 2, kAny = 0, kIcmp = 1, kIcmpv6 = 58;
  if (mapping.action() == v1::Traffic::reject) Raise(kSince, "action: reject", needed);
  for (const v1::PortRange& ports : mapping.ports()) {
    const uint32_t protocol = ports.protocol();
    if (protocol == kAny) Raise(kSince, "protocol: any", needed);
    if (protocol == kIcmp || protocol == kIcmpv6) Raise(kSince, "protocol: icmp", needed);
  }
}
void LookAtSettings(const v1::Settings& settings, NeededCapability& needed) {
  if (settings.outbound_default() == v1::Traffic::reject) Raise(2, "default: reject", needed);
  for (const v1::Mapping& rule : settings.forward().items()) {
    const bool more = rule.has_limit() || rule.has_connections() || rule.has_log() ||
                      rule.expires() != 0 || rule.action() == v1::Traffic::reject;
    if (more) Raise(4, "limit, log, expires or reject in \"forward\"", needed);
  }
}

void Look(const Message& message, NeededCapability& needed) {
  if (const auto* mapping = dynamic_cast<const v1::Mapping*>(&message)) {
    LookAtMapping(*mapping, needed);
  }
  if (const auto* settings = dynamic_cast<const v1::Settings*>(&message)) {
    LookAtSettings(*settings, needed);
  }
  const Reflection& reflection = *message.GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const FieldDescriptor* field : fields) {
    Raise(field->options().GetExtension(v1::since), field->name(), needed);
    const int count = field->is_repeated() ? reflection.FieldSize(message, field) : 1;
    if (count > 1) {
      Raise(field->options().GetExtension(v1::many_since), field->name() + " of several", needed);
    }
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
        const auto* value = field->is_repeated() ? reflection.GetRepeatedEnum(message, field, i)
                                                 : reflection.GetEnum(message, field);
        Raise(value->options().GetExtension(v1::value_since), field->name() + ": " + value->name(),
              needed);
      } else if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
        Look(field->is_repeated() ? reflection.GetRepeatedMessage(message, field, i)
                                  : reflection.GetMessage(message, field),
             needed);
      }
    }
  }
}

}  // namespace

NeededCapability NeededFor(const Message& message) {
  NeededCapability needed;
  Look(message, needed);
  return needed;
}

}  // namespace firebreak::policy
