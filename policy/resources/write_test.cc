// SPDX-License-Identifier: Apache-2.0
#include "policy/resources/write.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "firebreak/v1/effective.pb.h"
#include "google/protobuf/timestamp.pb.h"
#include "policy/resources/configuration.h"
#include "policy/resources/read.h"

namespace firebreak::policy {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

v1::Resource ReadOne(const std::string& text) {
  std::vector<Problem> problems;
  const auto resources = ReadResources("text", text, problems);
  EXPECT_THAT(problems, IsEmpty()) << text << "\n" << (problems.empty() ? "" : problems[0].reason);
  EXPECT_THAT(resources, SizeIs(1)) << text;
  return resources.empty() ? v1::Resource() : resources[0].resource;
}

constexpr char kPolicyYaml[] = R"(kind: Policy
name: laptops
description: "On the road: \"all\" of them"
groups: [laptops, "host:web-1"]
priority: 100
firewall: "off"
port_mappings:
  - service: ssh
    from: [10.0.0.0/8, "2001:db8::/32"]
  - name: games
    protocol: udp
    ports: ["80", 27000-27050]
    action: block
icmp: []
outbound:
  default: allow
interfaces:
  - match:
      types: [wireless]
    firewall: "on"
    port_mappings: []
)";

TEST(Write, YamlIsWhatIsRead) { EXPECT_EQ(ToYaml(ReadOne(kPolicyYaml)), kPolicyYaml); }

TEST(Write, JsonIsWhatIsRead) {
  const v1::Resource resource = ReadOne(kPolicyYaml);
  const std::string json = ToJson(resource);
  EXPECT_THAT(json, HasSubstr("\"icmp\": []"));
  EXPECT_TRUE(SameResource(ReadOne(json), resource)) << json;
  EXPECT_EQ(ToJson(ReadOne(json)), json);
}

TEST(Write, ACertificateIsABlock) {
  v1::Resource resource;
  v1::Location& location = *resource.mutable_location();
  location.set_name("corp");
  location.add_beacons()->set_ca(
      "-----BEGIN CERTIFICATE-----\nAAAA\n\nBBBB\n-----END CERTIFICATE-----\n");
  EXPECT_EQ(ToYaml(resource),
            "kind: Location\nname: corp\nbeacons:\n  - ca: |\n      -----BEGIN CERTIFICATE-----\n"
            "      AAAA\n\n      BBBB\n      -----END CERTIFICATE-----\n");
  EXPECT_TRUE(SameResource(ReadOne(ToYaml(resource)), resource));
}

// Expects that any text is read back unchanged, even if YAML gives its characters a meaning.
void ExpectRoundTrip(const std::string& text) {
  v1::Resource resource;
  resource.mutable_group()->set_name("a");
  resource.mutable_group()->set_description(text);
  (*resource.mutable_group()->mutable_match())["k" + text] = text;
  v1::Resource listed;
  listed.mutable_policy()->set_name("a");
  listed.mutable_policy()->add_groups(text);
  listed.mutable_policy()->add_groups(text);
  for (const v1::Resource& one : {resource, listed}) {
    const std::string yaml = ToYaml(one), json = ToJson(one);
    EXPECT_TRUE(SameResource(ReadOne(yaml), one)) << yaml;
    EXPECT_TRUE(SameResource(ReadOne(json), one)) << json;
  }
}

TEST(Write, EveryTextComesBack) {
  for (const char* text : {"x",
                           "on",
                           "Off",
                           "null",
                           "~",
                           "1.0",
                           "80",
                           "0x1f",
                           "1e3",
                           "2026-11-21",
                           "27000-27050",
                           "a: b",
                           "a #b",
                           "#a",
                           "- a",
                           "-",
                           "[a]",
                           "{a}",
                           "'a'",
                           "\"a\"",
                           "a\\b",
                           "*a",
                           "&a",
                           "!a",
                           "|",
                           ">",
                           "%a",
                           "@a",
                           "`a",
                           "a,b",
                           "?",
                           ":",
                           " a",
                           "a ",
                           "\n",
                           "a\n",
                           "a\nb",
                           "a\nb\n",
                           "a\n\nb\n",
                           "\na",
                           " a\nb",
                           "a \nb",
                           "a\n\n",
                           "a\n b\n",
                           "a\tb",
                           "\ta",
                           "a\rb",
                           "\x1b[31m",
                           "\x7f",
                           "\x04",
                           "é",
                           "日本\n語",
                           "\xf0\x9f\x98\x80",
                           "---\na\n",
                           "...",
                           "<<",
                           "=",
                           "y"}) {
    ExpectRoundTrip(text);
  }
  std::mt19937 random(20261121);
  const std::string alphabet = "ab 01:#-[]{},&*!|>'\"%@`\\\n\t\r?.~/=\x1b";
  for (int round = 0; round < 1000; ++round) {
    std::string text(1 + random() % 12, ' ');
    for (char& c : text) c = alphabet[random() % alphabet.size()];
    ExpectRoundTrip(text);
  }
}

TEST(Write, OfOtherMessages) {
  v1::Prefix prefix;
  prefix.set_address(std::string("\x0a\x00\x00\xff", 4));
  prefix.set_length(8);
  EXPECT_EQ(ToJson(prefix), "{\n  \"address\": \"CgAA/w==\",\n  \"length\": 8\n}\n");
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(1'795'253'306);
  timestamp.set_nanos(500'000'000);
  EXPECT_EQ(ToJson(timestamp), "\"2026-11-21T09:28:26.5Z\"\n");
  timestamp.set_seconds(INT64_MAX);
  EXPECT_FALSE(ToJson(timestamp).empty());
}

TEST(Write, SeveralAreAnArrayOrDocuments) {
  v1::Resource a, b;
  a.mutable_group()->set_name("a");
  b.mutable_group()->set_name("b");
  const std::vector<const google::protobuf::Message*> both = {&a, &b};
  EXPECT_EQ(ToYaml(both), "kind: Group\nname: a\n---\nkind: Group\nname: b\n");
  std::vector<Problem> problems;
  EXPECT_THAT(ReadResources("json", ToJson(both), problems), SizeIs(2));
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_EQ(ToJson(std::span<const google::protobuf::Message* const>()), "[]\n");
  const std::vector<const google::protobuf::Message*> other = {&a.group(), &b.group()};
  EXPECT_EQ(ToYaml(other), "- name: a\n- name: b\n");
}

TEST(Write, BytesThatAreNoTextMakeNoBrokenOutput) {
  v1::Mapping mapping;
  mapping.set_name("a\xff\x1b");
  EXPECT_EQ(ToJson(mapping), "{\n  \"name\": \"a\\ufffd\\u001b\"\n}\n");
  EXPECT_THAT(ToYaml(mapping), Not(HasSubstr("\xff")));
}

TEST(Write, NothingThatMovesTextOnATerminalComesOutAsItIs) {
  v1::Group group;
  group.set_name("g");
  group.set_description("a\u009b31mb\u202ec\u2028d é");
  for (const std::string& text : {ToJson(group), ToYaml(group)}) {
    EXPECT_THAT(text, testing::HasSubstr("a\\u009b31mb\\u202ec\\u2028d é"));
  }
}

}  // namespace
}  // namespace firebreak::policy
