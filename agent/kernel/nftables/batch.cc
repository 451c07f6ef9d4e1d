// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/batch.h"

#include <arpa/inet.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "agent/kernel/nftables/elements.h"
#include "agent/kernel/nftables/named_objects.h"
#include "agent/kernel/nftables/objects.h"
#include "policy/ruleset/print.h"

namespace firebreak::agent {
namespace {

using ruleset::Operation;
using Kind = Operation::Kind;

// libnftnl does not check the end of the buffer. Firebreak's rules are far smaller than this.
constexpr size_t kMessageRoom = 16 << 10;
// The length of the attribute that lists the elements has only 16 bits.
constexpr size_t kElementListBytes = 60'000;
constexpr size_t kElementMessageHead = 512;

const char* KindName(Kind kind) {
  switch (kind) {
    case Kind::kAddTable: return "create table";
    case Kind::kDeleteTable: return "delete table";
    case Kind::kAddObject: return "create object";
    case Kind::kDeleteObject: return "delete object";
    case Kind::kAddChain: return "create chain";
    case Kind::kFlushChain: return "empty chain";
    case Kind::kDeleteChain: return "delete chain";
    case Kind::kAddRule: return "add a rule to chain";
    case Kind::kAddSet: return "create set";
    case Kind::kDeleteSet: return "delete set";
    case Kind::kAddElements: return "add element";
    case Kind::kDeleteElements: return "delete element";
  }
  return "";
}

}  // namespace

Batch::Batch(const std::vector<Operation>& operations, uint32_t generation) {
  size_t bytes = kMessageRoom;
  for (const Operation& operation : operations) {
    bytes += 1024;
    for (const ruleset::Element* element : operation.elements)
      bytes += EncodedBytes(*element, LayoutOf(*operation.set), true);
  }
  bytes_.reserve(bytes);
  AppendControl(NFNL_MSG_BATCH_BEGIN, 0, generation);
  for (const Operation& operation : operations) Encode(operation);
  // The kernel reports errors unasked; the one acknowledgement shows that there was none.
  if (!messages_.empty()) {
    reinterpret_cast<nlmsghdr*>(bytes_.data() + messages_.back().begin)->nlmsg_flags |= NLM_F_ACK;
  }
  AppendControl(NFNL_MSG_BATCH_END, last_sequence() + 1, std::nullopt);
}

char* Batch::Reserve(size_t bytes) {
  const size_t begin = bytes_.size();
  bytes_.resize(begin + bytes);
  return bytes_.data() + begin;
}

void Batch::AppendControl(uint16_t type, uint32_t sequence, std::optional<uint32_t> generation) {
  const size_t begin = bytes_.size();
  nlmsghdr* header = mnl_nlmsg_put_header(Reserve(MNL_ALIGN(sizeof(nlmsghdr)) + 64));
  header->nlmsg_type = type;
  header->nlmsg_flags = NLM_F_REQUEST;
  header->nlmsg_seq = sequence;
  auto* family = static_cast<nfgenmsg*>(mnl_nlmsg_put_extra_header(header, sizeof(nfgenmsg)));
  family->nfgen_family = AF_UNSPEC;
  family->version = NFNETLINK_V0;
  family->res_id = htons(NFNL_SUBSYS_NFTABLES);
  if (generation.has_value()) mnl_attr_put_u32(header, NFNL_BATCH_GENID, htonl(*generation));
  bytes_.resize(begin + header->nlmsg_len);
}

// Appends one message whose payload `fill` writes.
void Batch::Append(const Operation& operation, uint16_t type, uint16_t flags, const auto& fill) {
  const size_t begin = bytes_.size();
  nlmsghdr* header =
      nftnl_nlmsg_build_hdr(Reserve(kMessageRoom), type, operation.family, flags,
                            kFirstSequence + static_cast<uint32_t>(messages_.size()));
  fill(header);
  bytes_.resize(begin + header->nlmsg_len);
  messages_.push_back({&operation, 0, 0, static_cast<uint32_t>(begin)});
}

void Batch::Encode(const Operation& operation) {
  const auto table = [](nlmsghdr* m) { nftnl_table_nlmsg_build_payload(m, MakeTable().get()); };
  const auto object = [&](nlmsghdr* m) {
    PutObject(*operation.name, *operation.object, operation.kind == Kind::kAddObject, m);
  };
  const auto chain = [&](nlmsghdr* m) {
    nftnl_chain_nlmsg_build_payload(m, MakeChain(*operation.name, operation.chain).get());
  };
  const auto rule = [&](nlmsghdr* m) {
    nftnl_rule_nlmsg_build_payload(m, MakeRule(*operation.name, operation.rule).get());
  };
  const auto set = [&](nlmsghdr* m) {
    const auto id = static_cast<uint32_t>(messages_.size()) + 1;
    nftnl_set_nlmsg_build_payload(m, MakeSet(*operation.name, operation.set, id).get());
  };
  constexpr uint16_t kCreate = NLM_F_CREATE | NLM_F_EXCL;
  switch (operation.kind) {
    case Kind::kAddTable: return Append(operation, NFT_MSG_NEWTABLE, kCreate, table);
    case Kind::kDeleteTable: return Append(operation, NFT_MSG_DELTABLE, 0, table);
    case Kind::kAddObject: return Append(operation, NFT_MSG_NEWOBJ, kCreate, object);
    case Kind::kDeleteObject: return Append(operation, NFT_MSG_DELOBJ, 0, object);
    case Kind::kAddChain: return Append(operation, NFT_MSG_NEWCHAIN, kCreate, chain);
    case Kind::kFlushChain: return Append(operation, NFT_MSG_DELRULE, 0, rule);
    case Kind::kDeleteChain: return Append(operation, NFT_MSG_DELCHAIN, 0, chain);
    case Kind::kAddRule:
      return Append(operation, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND, rule);
    case Kind::kAddSet: return Append(operation, NFT_MSG_NEWSET, kCreate, set);
    case Kind::kDeleteSet: return Append(operation, NFT_MSG_DELSET, 0, set);
    case Kind::kAddElements:
    case Kind::kDeleteElements: return EncodeElements(operation);
  }
}

void Batch::EncodeElements(const Operation& operation) {
  const bool add = operation.kind == Kind::kAddElements;
  const auto& elements = operation.elements;
  const ElementLayout layout = LayoutOf(*operation.set);
  for (size_t next = 0; next < elements.size();) {
    size_t end = next, room = 0;
    for (; end < elements.size(); ++end) {
      const size_t bytes = EncodedBytes(*elements[end], layout, add);
      if (room + bytes > kElementListBytes) break;
      room += bytes;
    }
    const size_t begin = bytes_.size();
    nlmsghdr* header = nftnl_nlmsg_build_hdr(
        Reserve(kElementMessageHead + room), add ? NFT_MSG_NEWSETELEM : NFT_MSG_DELSETELEM,
        operation.family, add ? NLM_F_CREATE | NLM_F_EXCL : 0,
        kFirstSequence + static_cast<uint32_t>(messages_.size()));
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_TABLE, ruleset::kTableName);
    mnl_attr_put_strz(header, NFTA_SET_ELEM_LIST_SET, operation.name->c_str());
    nlattr* list = mnl_attr_nest_start(header, NFTA_SET_ELEM_LIST_ELEMENTS);
    char* const first = static_cast<char*>(mnl_nlmsg_get_payload_tail(header));
    char* to = first;
    for (size_t i = next; i < end; ++i) to = EncodeElement(*elements[i], layout, add, to);
    header->nlmsg_len += static_cast<uint32_t>(to - first);
    mnl_attr_nest_end(header, list);
    bytes_.resize(begin + header->nlmsg_len);
    messages_.push_back({&operation, static_cast<uint32_t>(next), static_cast<uint32_t>(end - next),
                         static_cast<uint32_t>(begin)});
    next = end;
  }
}

const Batch::Message* Batch::Find(uint32_t sequence) const {
  const bool known = sequence >= kFirstSequence && sequence - kFirstSequence < messages_.size();
  return known ? &messages_[sequence - kFirstSequence] : nullptr;
}

std::string Batch::FindName(uint32_t sequence) const {
  const Message* message = Find(sequence);
  return message == nullptr || message->operation->name == nullptr ? "" : *message->operation->name;
}

const ruleset::Element* Batch::FindElement(uint32_t sequence,
                                           std::optional<uint32_t> offset) const {
  const Message* message = Find(sequence);
  if (message == nullptr || message->elements == 0) return nullptr;
  const Operation& operation = *message->operation;
  const ruleset::Element* element = operation.elements[message->first_element];
  if (!offset.has_value()) return element;
  // The error offset points to the element's attribute or into it. The elements stand at the end of
  // the message.
  size_t end = reinterpret_cast<const nlmsghdr*>(bytes_.data() + message->begin)->nlmsg_len;
  const bool with_verdict = operation.kind == Kind::kAddElements;
  for (uint32_t i = message->elements; i-- > 0 && end > *offset;) {
    element = operation.elements[message->first_element + i];
    end -= EncodedBytes(*element, LayoutOf(*operation.set), with_verdict);
  }
  return element;
}

std::string Batch::Describe(uint32_t sequence, std::optional<uint32_t> offset) const {
  const Message* message = Find(sequence);
  if (message == nullptr) return "begin or commit the transaction";
  const Operation& operation = *message->operation;
  const char* kind = KindName(operation.kind);
  if (operation.name == nullptr) return absl::StrCat(kind, " ", ruleset::kTableName);
  const ruleset::Element* element = FindElement(sequence, offset);
  if (element == nullptr) return absl::StrCat(kind, " ", *operation.name);
  return absl::StrCat(kind, " ", ruleset::PrintElement(*operation.set, *element), " of ",
                      *operation.name);
}

}  // namespace firebreak::agent
