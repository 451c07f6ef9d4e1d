// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/flatten.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace firebreak::policy {
namespace {

using Mappings = std::vector<v1::Mapping>;

std::vector<const v1::Mapping*> Pointers(const Mappings& mappings) {
  std::vector<const v1::Mapping*> pointers;
  for (const v1::Mapping& mapping : mappings) pointers.push_back(&mapping);
  return pointers;
}

std::vector<Piece> Pieces(const Mappings& mappings, v1::Traffic::Action fallback) {
  Allowance allowance;
  return Flatten(Pointers(mappings), fallback, allowance);
}

v1::Mapping Map(v1::Traffic::Action action, uint32_t protocol, uint32_t first, uint32_t last) {
  v1::Mapping mapping;
  mapping.set_action(action);
  v1::PortRange* range = mapping.add_ports();
  range->set_protocol(protocol);
  range->set_first(first);
  range->set_last(last);
  return mapping;
}

v1::Mapping From(v1::Mapping mapping, const char* address, uint32_t length) {
  v1::Prefix* prefix = mapping.add_remote();
  char bytes[16];
  if (inet_pton(AF_INET, address, bytes) == 1) {
    prefix->set_address(bytes, 4);
  } else {
    EXPECT_EQ(inet_pton(AF_INET6, address, bytes), 1);
    prefix->set_address(bytes, 16);
  }
  prefix->set_length(length);
  return mapping;
}

struct Packet {
  uint8_t protocol;
  uint16_t port;
  std::string address;
};

bool Covers(const v1::Prefix& prefix, const std::string& address) {
  if (prefix.address().size() != address.size()) return false;
  for (uint32_t bit = 0; bit < prefix.length(); ++bit) {
    const int shift = 7 - static_cast<int>(bit % 8);
    if ((prefix.address()[bit / 8] >> shift & 1) != (address[bit / 8] >> shift & 1)) return false;
  }
  return true;
}

// Returns what the list decides by its definition: the action of the first mapping that covers the
// packet.
v1::Traffic::Action FirstMatch(const Mappings& mappings, const Packet& packet,
                               v1::Traffic::Action fallback) {
  for (const v1::Mapping& mapping : mappings) {
    bool ports = false, address = mapping.remote().empty();
    for (const v1::PortRange& range : mapping.ports()) {
      ports = ports || (range.protocol() == packet.protocol && range.first() <= packet.port &&
                        packet.port <= range.last());
    }
    for (const v1::Prefix& prefix : mapping.remote()) {
      address = address || Covers(prefix, packet.address);
    }
    if (ports && address) return mapping.action();
  }
  return fallback;
}

// Returns what the pieces decide; fails if two pieces of one kind cover the packet.
v1::Traffic::Action Lookup(const std::vector<Piece>& pieces, const Mappings& mappings,
                           const Packet& packet, v1::Traffic::Action fallback) {
  const Piece* with_address = nullptr;
  const Piece* for_any = nullptr;
  for (const Piece& piece : pieces) {
    if (piece.protocol != packet.protocol || packet.port < piece.first_port ||
        piece.last_port < packet.port) {
      continue;
    }
    if (piece.first_address.empty()) {
      EXPECT_EQ(for_any, nullptr) << "two pieces for any address";
      for_any = &piece;
    } else if (piece.first_address.size() == packet.address.size() &&
               piece.first_address <= packet.address && packet.address <= piece.last_address) {
      EXPECT_EQ(with_address, nullptr) << "two pieces with addresses";
      with_address = &piece;
    }
  }
  const Piece* decides = with_address != nullptr ? with_address : for_any;
  return decides == nullptr ? fallback : mappings[decides->mapping].action();
}

TEST(Flatten, KeepsMappingsThatDoNotTouchApart) {
  Mappings mappings;
  for (uint32_t port = 1000; port < 1100; ++port) {
    mappings.push_back(Map(v1::Traffic::allow, 6, port, port));
  }
  const auto pieces = Pieces(mappings, v1::Traffic::block);
  ASSERT_EQ(pieces.size(), 100u);
  EXPECT_EQ(pieces[7], (Piece{.protocol = 6, .first_port = 1007, .last_port = 1007, .mapping = 7}));
}

TEST(Flatten, ABlockTakesAwayWhatLowerOnesOpen) {
  const Mappings mappings = {Map(v1::Traffic::block, 6, 23, 23),
                             Map(v1::Traffic::allow, 6, 20, 30)};
  EXPECT_THAT(
      Pieces(mappings, v1::Traffic::block),
      testing::ElementsAre(Piece{.protocol = 6, .first_port = 20, .last_port = 22, .mapping = 1},
                           Piece{.protocol = 6, .first_port = 24, .last_port = 30, .mapping = 1}));
}

TEST(Flatten, AMappingThatDecidesNothingCutsNothing) {
  const Mappings mappings = {Map(v1::Traffic::allow, 17, 100, 200),
                             From(Map(v1::Traffic::block, 17, 150, 150), "10.0.0.0", 8)};
  EXPECT_THAT(Pieces(mappings, v1::Traffic::block),
              testing::ElementsAre(Piece{.protocol = 17, .first_port = 100, .last_port = 200}));
}

TEST(Flatten, AnAddressBeforeAnyoneShadowsIt) {
  const Mappings mappings = {From(Map(v1::Traffic::block, 6, 80, 80), "10.1.0.0", 16),
                             Map(v1::Traffic::allow, 6, 80, 80)};
  EXPECT_THAT(Pieces(mappings, v1::Traffic::block),
              testing::UnorderedElementsAre(
                  Piece{.protocol = 6, .first_port = 80, .last_port = 80, .mapping = 1},
                  Piece{.protocol = 6,
                        .first_port = 80,
                        .last_port = 80,
                        .first_address = std::string("\x0a\x01\x00\x00", 4),
                        .last_address = std::string("\x0a\x01\xff\xff", 4),
                        .mapping = 0,
                        .sole = true}));
}

TEST(Flatten, AMappingThatOnlyOpensKeepsItsPacketsFromALowerOneThatSendsThemOn) {
  Mappings mappings = {From(Map(v1::Traffic::allow, 6, 80, 80), "10.1.0.0", 16),
                       From(Map(v1::Traffic::allow, 6, 80, 80), "10.2.0.0", 16),
                       Map(v1::Traffic::allow, 6, 80, 80)};
  mappings[1].mutable_forward()->set_port(81);
  mappings[2].mutable_forward()->set_port(82);
  const auto box = [](absl::string_view first, absl::string_view last, size_t mapping) {
    return Piece{.protocol = 6,
                 .first_port = 80,
                 .last_port = 80,
                 .first_address = std::string(first),
                 .last_address = std::string(last),
                 .mapping = mapping};
  };
  const auto bytes = [](const char(&text)[5]) { return absl::string_view(text, 4); };
  Allowance allowance;
  EXPECT_THAT(
      FlattenWanted(
          Pointers(mappings), [](const v1::Mapping& one) { return one.has_forward(); }, allowance),
      testing::UnorderedElementsAre(box(bytes("\x00\x00\x00\x00"), bytes("\x0a\x00\xff\xff"), 2),
                                    box(bytes("\x0a\x02\x00\x00"), bytes("\x0a\x02\xff\xff"), 1),
                                    box(bytes("\x0a\x03\x00\x00"), bytes("\xff\xff\xff\xff"), 2),
                                    box(std::string(16, '\x00'), std::string(16, '\xff'), 2)));
}

TEST(Flatten, ReachesTheEndsOfTheNumbers) {
  const Mappings mappings = {From(Map(v1::Traffic::allow, 6, 0, 65535), "::", 0),
                             From(Map(v1::Traffic::allow, 6, 65535, 65535), "0.0.0.0", 0)};
  const auto pieces = Pieces(mappings, v1::Traffic::block);
  for (const uint16_t port : {0, 1, 65534, 65535}) {
    const Packet v6 = {6, port, std::string(16, '\xff')}, v4 = {6, port, std::string(4, '\xff')};
    EXPECT_EQ(Lookup(pieces, mappings, v6, v1::Traffic::block), v1::Traffic::allow);
    EXPECT_EQ(Lookup(pieces, mappings, v4, v1::Traffic::block),
              port == 65535 ? v1::Traffic::allow : v1::Traffic::block);
  }
}

TEST(Flatten, SaysWhatTheFirstMatchSays) {
  std::mt19937 random(20261121);
  const auto below = [&](uint32_t n) { return random() % n; };
  const char* v4[] = {"10.0.0.0", "10.0.0.0", "10.0.1.0", "10.128.0.0", "0.0.0.0"};
  const uint32_t v4_length[] = {8, 24, 24, 9, 0};
  const char* v6[] = {"2001:db8::", "2001:db8:1::", "2001:db8::1"};
  const uint32_t v6_length[] = {32, 48, 128};
  const std::string addresses[] = {std::string("\x0a\x00\x00\x05", 4),
                                   std::string("\x0a\x00\x01\x05", 4),
                                   std::string("\x0a\x80\x01\x05", 4),
                                   std::string("\xc0\xa8\x01\x05", 4),
                                   std::string("\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1", 16),
                                   std::string("\x20\x01\x0d\xb8\0\1\0\0\0\0\0\0\0\0\0\1", 16),
                                   std::string(16, '\1')};
  for (int round = 0; round < 300; ++round) {
    Mappings mappings;
    for (uint32_t i = below(12); i > 0; --i) {
      const uint32_t first = below(12), last = first + below(6);
      v1::Mapping mapping = Map(below(3) == 0 ? v1::Traffic::block : v1::Traffic::allow,
                                below(2) == 0 ? 6 : 17, first, last);
      for (uint32_t n = below(3); n > 0; --n) {
        const uint32_t which = below(8);
        mapping = which < 5 ? From(mapping, v4[which], v4_length[which])
                            : From(mapping, v6[which - 5], v6_length[which - 5]);
      }
      mappings.push_back(mapping);
    }
    const auto fallback = below(2) == 0 ? v1::Traffic::allow : v1::Traffic::block;
    const auto pieces = Pieces(mappings, fallback);
    for (const uint8_t protocol : {6, 17}) {
      for (uint16_t port = 0; port < 20; ++port) {
        for (const std::string& address : addresses) {
          const Packet packet = {protocol, port, address};
          ASSERT_EQ(Lookup(pieces, mappings, packet, fallback),
                    FirstMatch(mappings, packet, fallback))
              << "round " << round << " protocol " << int{protocol} << " port " << port;
        }
      }
    }
  }
}

}  // namespace
}  // namespace firebreak::policy
