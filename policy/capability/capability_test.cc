// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <google/protobuf/dynamic_message.h>
#include <gtest/gtest.h>

#include "firebreak/v1/capability.pb.h"
#include "firebreak/v1/effective.pb.h"
#include "policy/capability/needed.h"
#include "policy/capability/understood.h"
#include "policy/merge/check_effective.h"
#include "proto/endpoint/capability.h"

namespace firebreak::policy {
namespace {

using google::protobuf::FieldDescriptorProto;
using google::protobuf::Message;
using testing::HasSubstr;

v1::EffectivePolicy Plain() {
  v1::EffectivePolicy policy;
  policy.set_managed(true);
  v1::EffectiveLocation& location = *policy.add_locations();
  location.set_name("elsewhere");
  v1::Settings& settings = *location.add_layers()->mutable_settings();
  settings.set_firewall(v1::Firewall::on);
  settings.mutable_inbound()->add_items()->set_name("ssh");
  return policy;
}

// Adds a field, as a newer controller would.
void AddField(Message& message) {
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(999, 1);
}

TEST(Understood, WhatThisProgramWritesItself) {
  EXPECT_TRUE(CheckUnderstood(Plain()).ok());
  EXPECT_TRUE(CheckUnderstood(v1::EffectivePolicy()).ok());
}

TEST(Understood, NoFieldThatIsNotKnownInAnyDepth) {
  const auto refused = [](const v1::EffectivePolicy& policy, const char* where) {
    // Parsing a message, as an agent does, keeps unknown fields.
    v1::EffectivePolicy parsed;
    ASSERT_TRUE(parsed.ParseFromString(policy.SerializeAsString()));
    const absl::Status status = CheckUnderstood(parsed);
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(where));
    EXPECT_FALSE(CheckEffective(parsed).ok());
  };
  v1::EffectivePolicy policy = Plain();
  AddField(policy);
  refused(policy, "EffectivePolicy: field 999");
  policy = Plain();
  AddField(*policy.mutable_locations(0));
  refused(policy, "EffectiveLocation: field 999");
  policy = Plain();
  v1::Settings& settings = *policy.mutable_locations(0)->mutable_layers(0)->mutable_settings();
  AddField(*settings.mutable_inbound()->mutable_items(0));
  refused(policy, "Mapping: field 999");
  policy = Plain();
  policy.mutable_locations(0)->mutable_layers(0)->mutable_settings()->set_firewall(
      static_cast<v1::Firewall::Mode>(77));
  refused(policy, "firewall: value 77");
}

// Tests with a message type that has a field added with capability 7 and an enum value added with
// capability 9.
class Newer : public testing::Test {
 protected:
  Newer() {
    google::protobuf::FileDescriptorProto file;
    file.set_name("newer.proto");
    auto& mode = *file.add_enum_type();
    mode.set_name("Mode");
    for (int i = 0; i < 2; ++i) {
      auto& value = *mode.add_value();
      value.set_name(i == 0 ? "off" : "deep");
      value.set_number(i);
      if (i == 1) value.mutable_options()->SetExtension(v1::value_since, 9);
    }
    auto& type = *file.add_message_type();
    type.set_name("Newer");
    AddMember(type, 1, "old", FieldDescriptorProto::TYPE_UINT32, 0);
    AddMember(type, 2, "young", FieldDescriptorProto::TYPE_UINT32, 7);
    AddMember(type, 3, "mode", FieldDescriptorProto::TYPE_ENUM, 0).set_type_name("Mode");
    auto& inner = AddMember(type, 4, "inner", FieldDescriptorProto::TYPE_MESSAGE, 0);
    inner.set_type_name("Newer");
    inner.set_label(FieldDescriptorProto::LABEL_REPEATED);
    type_ = pool_.BuildFile(file)->message_type(0);
    message_.reset(factory_.GetPrototype(type_)->New());
  }

  static FieldDescriptorProto& AddMember(google::protobuf::DescriptorProto& type, int number,
                                         const char* name, FieldDescriptorProto::Type kind,
                                         uint32_t since) {
    auto& field = *type.add_field();
    field.set_name(name);
    field.set_number(number);
    field.set_type(kind);
    field.set_label(FieldDescriptorProto::LABEL_OPTIONAL);
    if (since > 0) field.mutable_options()->SetExtension(v1::since, since);
    return field;
  }
  Message& Inner() {
    return *message_->GetReflection()->AddMessage(message_.get(), type_->field(3));
  }

  google::protobuf::DescriptorPool pool_{google::protobuf::DescriptorPool::generated_pool()};
  google::protobuf::DynamicMessageFactory factory_{&pool_};
  const google::protobuf::Descriptor* type_ = nullptr;
  std::unique_ptr<Message> message_;
};

TEST_F(Newer, FieldsNeedACapabilityOnlyIfTheyAreSet) {
  EXPECT_EQ(NeededFor(*message_), NeededCapability());
  message_->GetReflection()->SetUInt32(message_.get(), type_->field(0), 1);
  EXPECT_EQ(NeededFor(*message_), NeededCapability());
  Inner();
  Message& inner = Inner();
  inner.GetReflection()->SetUInt32(&inner, type_->field(1), 1);
  EXPECT_EQ(NeededFor(*message_), (NeededCapability{7, "young"}));
}

TEST_F(Newer, ValuesToo) {
  Message& inner = Inner();
  inner.GetReflection()->SetUInt32(&inner, type_->field(1), 1);
  message_->GetReflection()->SetEnumValue(message_.get(), type_->field(2), 1);
  EXPECT_EQ(NeededFor(*message_), (NeededCapability{9, "mode: deep"}));
}

TEST(Needed, NothingThatThisProgramDoesNotSayItCan) {
  const std::vector<const google::protobuf::Descriptor*> types = {
      v1::EffectivePolicy::descriptor(), v1::Settings::descriptor(), v1::Mapping::descriptor(),
      v1::HostSettings::descriptor(),    v1::Flows::descriptor(),    v1::Logging::descriptor(),
      v1::Sharing::descriptor()};
  for (const auto* type : types) {
    for (int i = 0; i < type->field_count(); ++i) {
      EXPECT_LE(type->field(i)->options().GetExtension(v1::since), kCapability)
          << type->field(i)->full_name() << ": raise kCapability";
    }
  }
}

}  // namespace
}  // namespace firebreak::policy
