// SPDX-License-Identifier: Apache-2.0
#include "proto/log/query.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <string>

namespace firebreak {
namespace {

using v1::LogTerm;

v1::LogFilter With(LogTerm::Field field, std::initializer_list<const char*> values,
                   bool negated = false) {
  v1::LogFilter filter;
  LogTerm& term = *filter.add_terms();
  term.set_field(field);
  for (const char* value : values) term.add_values(value);
  term.set_negated(negated);
  return filter;
}

class QueryTest : public testing::Test {
 protected:
  QueryTest() {
    record_.family = 4;
    record_.protocol = 17;
    record_.source.low = 0xc0000201;       // 192.0.2.1
    record_.destination.low = 0x0a000001;  // 10.0.0.1
    record_.has = Record::kPorts;
    record_.source_port = 40000;
    record_.destination_port = 53;
    record_.policy = texts_.Intern("web servers");
    record_.mapping = texts_.Intern("dns");
    record_.interface = texts_.Intern("eth0");
  }

  bool Finds(const v1::LogFilter& filter) {
    const auto query = ReadQuery(filter);
    EXPECT_TRUE(query.ok()) << query.status();
    return query.ok() && query->Matches(record_, texts_);
  }
  bool Finds(LogTerm::Field field, std::initializer_list<const char*> values) {
    const bool found = Finds(With(field, values));
    EXPECT_NE(Finds(With(field, values, /*negated=*/true)), found);
    return found;
  }

  Record record_;
  InternedStrings texts_;
};

TEST_F(QueryTest, EndsAreToldApartAndEitherMeansBoth) {
  EXPECT_TRUE(Finds(LogTerm::SOURCE, {"192.0.2.0/24"}));
  EXPECT_FALSE(Finds(LogTerm::SOURCE, {"10.0.0.1"}));
  EXPECT_TRUE(Finds(LogTerm::DESTINATION, {"10.0.0.1"}));
  EXPECT_FALSE(Finds(LogTerm::DESTINATION, {"192.0.2.1"}));
  EXPECT_TRUE(Finds(LogTerm::ADDRESS, {"10.0.0.1"}));
  EXPECT_TRUE(Finds(LogTerm::ADDRESS, {"192.0.2.1"}));
  EXPECT_TRUE(Finds(LogTerm::SOURCE_PORT, {"40000"}));
  EXPECT_FALSE(Finds(LogTerm::SOURCE_PORT, {"53"}));
  EXPECT_TRUE(Finds(LogTerm::DESTINATION_PORT, {"53"}));
  EXPECT_TRUE(Finds(LogTerm::PORT, {"53"}));
}

TEST_F(QueryTest, OneOfSeveralValuesIsEnoughAndEveryTermIsNeeded) {
  EXPECT_TRUE(Finds(LogTerm::PORT, {"22", "53"}));
  EXPECT_FALSE(Finds(LogTerm::PORT, {"22", "80"}));
  v1::LogFilter both = With(LogTerm::PORT, {"53"});
  both.MergeFrom(With(LogTerm::PROTOCOL, {"tcp"}));
  EXPECT_FALSE(Finds(both));
}

TEST_F(QueryTest, WordsAndTextsAreFoundAsTheyAreWritten) {
  EXPECT_TRUE(Finds(LogTerm::PROTOCOL, {"udp"}));
  EXPECT_TRUE(Finds(LogTerm::PROTOCOL, {"17"}));
  EXPECT_FALSE(Finds(LogTerm::PROTOCOL, {"ICMPv6"}));
  EXPECT_TRUE(Finds(LogTerm::POLICY, {"web servers"}));      // as the user wrote it
  EXPECT_TRUE(Finds(LogTerm::POLICY, {"web\\x20servers"}));  // as the log shows it
  EXPECT_TRUE(Finds(LogTerm::MAPPING, {"dns"}));
  EXPECT_TRUE(Finds(LogTerm::INTERFACE, {"eth0"}));
  EXPECT_FALSE(Finds(LogTerm::LOCATION, {"corp"}));
}

TEST_F(QueryTest, AnIpv4AddressInIpv6IsTheIpv4Address) {
  EXPECT_TRUE(Finds(LogTerm::SOURCE, {"::ffff:192.0.2.1"}));
  EXPECT_TRUE(Finds(LogTerm::SOURCE, {"::ffff:192.0.2.0/120"}));
  EXPECT_FALSE(Finds(LogTerm::SOURCE, {"::ffff:192.0.3.0/120"}));
  record_.family = 6;
  record_.source.low |= uint64_t{0xffff} << 32;
  EXPECT_TRUE(Finds(LogTerm::SOURCE, {"192.0.2.1"}));
  EXPECT_FALSE(Finds(LogTerm::SOURCE, {"192.0.2.2"}));
}

TEST_F(QueryTest, HostsOfSeveralTermsAreThoseOfAll) {
  v1::LogFilter filter = With(LogTerm::HOST, {"a", "b"});
  filter.MergeFrom(With(LogTerm::HOST, {"b", "c"}));
  const LogQuery both = *ReadQuery(filter);
  EXPECT_TRUE(both.WantsHost("b"));
  EXPECT_FALSE(both.WantsHost("a") || both.WantsHost("c"));
  filter.MergeFrom(With(LogTerm::HOST, {"c"}));
  const LogQuery none = *ReadQuery(filter);
  for (const char* host : {"a", "b", "c", "d"}) EXPECT_FALSE(none.WantsHost(host)) << host;
  const LogQuery others = *ReadQuery(With(LogTerm::HOST, {"a"}, /*negated=*/true));
  EXPECT_TRUE(!others.WantsHost("a") && others.WantsHost("b"));
}

TEST_F(QueryTest, WhatCannotBeMeantIsRefused) {
  for (const auto& [field, value] :
       {std::pair(LogTerm::SOURCE, "300.1.1.1"), std::pair(LogTerm::SOURCE, "10.0.0.0/33"),
        std::pair(LogTerm::PORT, "65536"), std::pair(LogTerm::PORT, "http"),
        std::pair(LogTerm::PROTOCOL, "256"), std::pair(LogTerm::ACTION, "FORGED"),
        std::pair(LogTerm::POLICY, ""), std::pair(LogTerm::HOST, ""),
        std::pair(LogTerm::GROUP, "all"), std::pair(LogTerm::FIELD_UNSPECIFIED, "x")}) {
    EXPECT_FALSE(ReadQuery(With(field, {value})).ok()) << field << " " << value;
  }
  EXPECT_FALSE(ReadQuery(With(LogTerm::PORT, {})).ok());
  v1::LogFilter backwards;
  backwards.mutable_since()->set_seconds(20);
  backwards.mutable_until()->set_seconds(10);
  EXPECT_FALSE(ReadQuery(backwards).ok());
}

}  // namespace
}  // namespace firebreak
