// SPDX-License-Identifier: Apache-2.0
#include "policy/compile/flatten.h"

#include <map>
#include <optional>
#include <set>
#include <utility>

#include "policy/compile/sweep.h"

namespace firebreak::policy {
namespace {

using Address = unsigned __int128;
using Owners = std::multiset<size_t>;

Address ToNumber(const std::string& bytes) {
  Address number = 0;
  for (unsigned char byte : bytes) number = number << 8 | byte;
  return number;
}

std::string ToBytes(Address number, size_t length) {
  std::string bytes(length, '\0');
  for (size_t i = length; i-- > 0; number >>= 8) bytes[i] = static_cast<char>(number & 0xff);
  return bytes;
}

Interval<Address> ToInterval(const v1::Prefix& prefix, size_t owner) {
  const Address first = ToNumber(prefix.address());
  const unsigned int host_bits =
      static_cast<unsigned int>(prefix.address().size()) * 8 - prefix.length();
  const Address ones = host_bits == 128 ? ~Address{0} : (Address{1} << host_bits) - 1;
  return {first, first | ones, owner};
}

// The mappings that may decide within one range of ports: those with addresses, in order, and the
// first one without, which hides all mappings behind it.
struct Deciders {
  std::vector<size_t> with_addresses;
  std::optional<size_t> for_any;

  friend bool operator==(const Deciders&, const Deciders&) = default;
};

class Flattener {
 public:
  Flattener(std::span<const v1::Mapping* const> mappings, v1::Traffic::Action fallback,
            Allowance& allowance)
      : mappings_(mappings), fallback_(fallback), allowance_(allowance) {}

  std::vector<Piece> FlattenWanted(const std::function<bool(const v1::Mapping&)>& wanted) && {
    wanted_ = &wanted;
    return std::move(*this).Flatten();
  }

  std::vector<Piece> Flatten() && {
    std::map<uint32_t, std::vector<Interval<uint32_t>>> by_protocol;
    for (size_t i = 0; i < mappings_.size(); ++i) {
      for (const v1::PortRange& range : mappings_[i]->ports()) {
        by_protocol[range.protocol()].push_back({range.first(), range.last(), i});
      }
    }
    for (const auto& [protocol, intervals] : by_protocol) FlattenPorts(protocol, intervals);
    return std::move(pieces_);
  }

 private:
  using Effect = size_t;

  void FlattenPorts(uint32_t protocol, const std::vector<Interval<uint32_t>>& intervals) {
    // Joins neighbouring ranges that have the same deciders; a mapping that decides nothing may
    // have cut them.
    struct Range {
      uint32_t first, last;
      Deciders deciders;
    };
    std::optional<Range> pending;
    const auto flush = [&] {
      if (pending.has_value()) Emit(protocol, pending->first, pending->last, pending->deciders);
    };
    Sweep(intervals, [&](uint32_t first, uint32_t last, const Owners& owners) {
      if (allowance_.exhausted()) return;
      Deciders deciders = Decide(owners);
      if (pending.has_value() && pending->last + 1 == first && pending->deciders == deciders) {
        pending->last = last;
        return;
      }
      flush();
      pending = {first, last, std::move(deciders)};
    });
    flush();
  }

  Deciders Decide(const Owners& owners) {
    Deciders deciders;
    for (size_t owner : owners) {
      if (!Take(Allowance::Kind::kSteps, 1, owner)) break;
      if (mappings_[owner]->remote().empty()) {
        deciders.for_any = owner;
        break;
      }
      if (deciders.with_addresses.empty() || deciders.with_addresses.back() != owner) {
        deciders.with_addresses.push_back(owner);
      }
    }
    return deciders;
  }

  void Emit(uint32_t protocol, uint32_t first, uint32_t last, const Deciders& deciders) {
    Piece piece = {.protocol = static_cast<uint8_t>(protocol),
                   .first_port = static_cast<uint16_t>(first),
                   .last_port = static_cast<uint16_t>(last)};
    if (wanted_ != nullptr) {
      for (size_t address_length : {4, 16}) EmitWanted(piece, address_length, deciders);
      return;
    }
    Effect otherwise = EffectOf(fallback_);
    if (deciders.for_any.has_value()) {
      const Effect decided = EffectOfMapping(*deciders.for_any);
      piece.mapping = *deciders.for_any;
      if (decided != otherwise) AddPiece(piece);
      otherwise = decided;
    }
    for (size_t address_length : {4, 16}) {
      EmitAddresses(piece, address_length, deciders, otherwise);
    }
  }

  bool Take(Allowance::Kind kind, size_t count, size_t mapping) {
    return allowance_.Take(kind, count, *mappings_[mapping]);
  }

  void AddPiece(const Piece& piece) {
    // A mapping that is alone on its ports has the same addresses for each port, so they count only
    // once.
    const std::pair ports(piece.protocol, piece.first_port);
    const bool again =
        piece.sole && sole_ports_.try_emplace(piece.mapping, ports).first->second != ports;
    if (again || Take(Allowance::Kind::kPieces, 1, piece.mapping)) pieces_.push_back(piece);
  }

  std::vector<Interval<Address>> IntervalsOf(const Deciders& deciders, size_t address_length) {
    std::vector<Interval<Address>> intervals;
    for (size_t owner : deciders.with_addresses) {
      const auto prefixes = static_cast<size_t>(mappings_[owner]->remote_size());
      if (!Take(Allowance::Kind::kSteps, prefixes, owner)) break;
      for (const v1::Prefix& prefix : mappings_[owner]->remote()) {
        if (prefix.address().size() == address_length) {
          intervals.push_back(ToInterval(prefix, owner));
        }
      }
    }
    return intervals;
  }

  void EmitWanted(const Piece& ports, size_t address_length, const Deciders& deciders) {
    std::vector<Interval<Address>> intervals = IntervalsOf(deciders, address_length);
    if (deciders.for_any.has_value()) {
      v1::Prefix all;
      all.set_address(std::string(address_length, '\0'));
      intervals.push_back(ToInterval(all, *deciders.for_any));
    }
    const size_t begin = pieces_.size();
    Sweep(intervals, [&](Address first, Address last, const Owners& owners) {
      const size_t decider = *owners.begin();
      if (!(*wanted_)(*mappings_[decider])) return;
      // Extends the previous piece if it has the same decider; a mapping that decides nothing may
      // have cut the two.
      if (pieces_.size() > begin && pieces_.back().mapping == decider && first != 0 &&
          pieces_.back().last_address == ToBytes(first - 1, address_length)) {
        pieces_.back().last_address = ToBytes(last, address_length);
        return;
      }
      Piece piece = ports;
      piece.mapping = decider;
      piece.first_address = ToBytes(first, address_length);
      piece.last_address = ToBytes(last, address_length);
      AddPiece(piece);
    });
  }

  void EmitAddresses(const Piece& ports, size_t address_length, const Deciders& deciders,
                     Effect otherwise) {
    const std::vector<Interval<Address>> intervals = IntervalsOf(deciders, address_length);
    Sweep(intervals, [&](Address first, Address last, const Owners& owners) {
      const size_t decider = *owners.begin();
      if (EffectOfMapping(decider) == otherwise) return;
      Piece piece = ports;
      piece.mapping = decider;
      piece.sole = deciders.with_addresses.size() == 1;
      piece.first_address = ToBytes(first, address_length);
      piece.last_address = ToBytes(last, address_length);
      AddPiece(piece);
    });
  }

  // The effect of a mapping as a number. Mappings with equal effects may stand in for each other. A
  // mapping with a log has an effect of its own, because its records carry its name.
  static Effect EffectOf(v1::Traffic::Action action) { return static_cast<Effect>(action); }
  Effect EffectOfMapping(size_t mapping) const {
    const v1::Mapping& one = *mappings_[mapping];
    return one.has_log() ? v1::Traffic::Action_ARRAYSIZE + mapping : EffectOf(one.action());
  }

  const std::span<const v1::Mapping* const> mappings_;
  const v1::Traffic::Action fallback_;
  Allowance& allowance_;
  const std::function<bool(const v1::Mapping&)>* wanted_ = nullptr;  // null: all mappings
  std::vector<Piece> pieces_;
  // For each mapping, the first ports for which it has `sole` pieces.
  std::map<size_t, std::pair<uint8_t, uint16_t>> sole_ports_;
};

}  // namespace

std::vector<Piece> Flatten(std::span<const v1::Mapping* const> mappings,
                           v1::Traffic::Action fallback, Allowance& allowance) {
  return Flattener(mappings, fallback, allowance).Flatten();
}

std::vector<Piece> FlattenWanted(std::span<const v1::Mapping* const> mappings,
                                 const std::function<bool(const v1::Mapping&)>& wanted,
                                 Allowance& allowance) {
  return Flattener(mappings, v1::Traffic::block, allowance).FlattenWanted(wanted);
}

}  // namespace firebreak::policy
