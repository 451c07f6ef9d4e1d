// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/nftables.h"

#include <arpa/inet.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <string.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "agent/kernel/netlink/socket.h"
#include "agent/kernel/nftables/batch.h"
#include "agent/kernel/nftables/elements.h"
#include "agent/kernel/nftables/objects.h"
#include "agent/kernel/nftables/refusal.h"
#include "agent/kernel/nftables/table_messages.h"
#include "base/status/status.h"

namespace firebreak::agent {
namespace {

using ruleset::Table;

// Whoever changes rules all the time can starve a reader, so Read gives up with an error after this
// many tries.
constexpr int kTries = 20;

constexpr int Type(int message) { return (NFNL_SUBSYS_NFTABLES << 8) | message; }

absl::Status Explain(const absl::Status& status, const char* operation) {
  return absl::Status(status.code(), absl::StrCat(operation, ": ", status.message()));
}

// A request with at most a few names.
class Request {
 public:
  Request(int message, uint16_t flags, uint32_t sequence, uint8_t family)
      : header_(nftnl_nlmsg_build_hdr(buffer_, static_cast<uint16_t>(message), family, flags,
                                      sequence)) {}

  nlmsghdr* header() { return header_; }
  std::span<const char> bytes() const { return {buffer_, header_->nlmsg_len}; }

 private:
  alignas(nlmsghdr) char buffer_[4096];
  nlmsghdr* header_;
};

}  // namespace

absl::StatusOr<Nftables> Nftables::Open() {
  ASSIGN_OR_RETURN(NetlinkSocket socket, NetlinkSocket::Open(NETLINK_NETFILTER));
  return Nftables(std::move(socket));
}

absl::StatusOr<uint32_t> Nftables::ReadGeneration() {
  Request request(NFT_MSG_GETGEN, 0, ++sequence_, NFPROTO_UNSPEC);
  RETURN_IF_ERROR(socket_.Send(request.bytes()));
  std::optional<absl::StatusOr<uint32_t>> answer;
  while (!answer.has_value()) {
    const absl::Status status = socket_.Receive(/*wait=*/true, [&](const nlmsghdr& message) {
      if (message.nlmsg_seq != sequence_ || answer.has_value()) return;
      if (message.nlmsg_type == NLMSG_ERROR) {
        answer = absl::ErrnoToStatus(ReadRefusal(message).error, "read the ruleset's generation");
      }
      if (message.nlmsg_type != Type(NFT_MSG_NEWGEN)) return;
      mnl_attr_parse(
          &message, sizeof(nfgenmsg),
          [](const nlattr* attribute, void* data) {
            if (mnl_attr_get_type(attribute) == NFTA_GEN_ID &&
                mnl_attr_get_payload_len(attribute) == sizeof(uint32_t)) {
              *static_cast<std::optional<absl::StatusOr<uint32_t>>*>(data) =
                  ntohl(mnl_attr_get_u32(attribute));
            }
            return MNL_CB_OK;
          },
          &answer);
    });
    if (!status.ok()) return Explain(status, "read the ruleset's generation");
  }
  return *answer;
}

absl::StatusOr<ruleset::Ruleset> Nftables::ReadTables() {
  ruleset::Ruleset ruleset;
  // The kernel answers a dump of a missing table's content with an empty list, so the tables
  // themselves are listed first.
  Request tables(NFT_MSG_GETTABLE, NLM_F_DUMP, ++sequence_, NFPROTO_UNSPEC);
  absl::Status status = socket_.Dump(tables.bytes(), [&](const nlmsghdr& message) {
    NftnlTable entry(nftnl_table_alloc());
    if (nftnl_table_nlmsg_parse(&message, entry.get()) != 0) return;
    if (!IsOurTable(nftnl_table_get_str(entry.get(), NFTNL_TABLE_NAME))) return;
    const uint32_t family = nftnl_table_get_u32(entry.get(), NFTNL_TABLE_FAMILY);
    if (family != ruleset::kInet && family != ruleset::kNetdev) return;
    Table& table = (family == ruleset::kInet ? ruleset.inet : ruleset.netdev).emplace();
    // The flag "dormant" would switch off the whole table with all its rules in place.
    if (nftnl_table_get_u32(entry.get(), NFTNL_TABLE_FLAGS) != 0) table.foreign = true;
  });
  if (!status.ok()) return Explain(status, "read tables");
  if (ruleset.inet.has_value()) {
    if (status = ReadTable(ruleset::kInet, *ruleset.inet); !status.ok()) return status;
  }
  if (ruleset.netdev.has_value()) {
    if (status = ReadTable(ruleset::kNetdev, *ruleset.netdev); !status.ok()) return status;
  }
  return ruleset;
}

absl::Status Nftables::ReadTable(uint8_t family, Table& table) {
  const auto dump = [&](int message, const char* what, void (*read)(const nlmsghdr&, Table&),
                        uint16_t table_attribute) {
    Request request(message, NLM_F_DUMP, ++sequence_, family);
    mnl_attr_put_strz(request.header(), table_attribute, ruleset::kTableName);
    const absl::Status done =
        socket_.Dump(request.bytes(), [&](const nlmsghdr& entry) { read(entry, table); });
    return done.ok() ? done : Explain(done, what);
  };
  absl::Status status;
  if (status = dump(NFT_MSG_GETCHAIN, "read chains", ReadChainMessage, NFTA_CHAIN_TABLE);
      !status.ok()) {
    return status;
  }
  if (status = dump(NFT_MSG_GETRULE, "read rules", ReadRuleMessage, NFTA_RULE_TABLE);
      !status.ok()) {
    return status;
  }
  if (status = dump(NFT_MSG_GETSET, "read sets", ReadSetMessage, NFTA_SET_TABLE); !status.ok()) {
    return status;
  }
  if (status = dump(NFT_MSG_GETOBJ, "read objects", ReadObjectMessage, NFTA_OBJ_TABLE);
      !status.ok()) {
    return status;
  }
  if (status =
          dump(NFT_MSG_GETFLOWTABLE, "read flowtables", ReadFlowtableMessage, NFTA_FLOWTABLE_TABLE);
      !status.ok()) {
    return status;
  }
  for (auto& entry : table.sets) {
    ruleset::Set& set = entry.second;
    ElementReader reader(LayoutOf(set));
    status =
        DumpElements({family, entry.first}, [&](const nlmsghdr& message) { reader.Read(message); });
    if (!status.ok()) return status;
    // A set that holds elements of a kind that Firebreak never writes must not be equal to any of
    // Firebreak's.
    if (!std::move(reader).Finish(set.elements)) set.key.clear();
  }
  return absl::OkStatus();
}

absl::Status Nftables::DumpElements(const StateSet& set,
                                    const std::function<void(const nlmsghdr&)>& each) {
  Request request(NFT_MSG_GETSETELEM, NLM_F_DUMP, ++sequence_, set.family);
  mnl_attr_put_strz(request.header(), NFTA_SET_ELEM_LIST_TABLE, ruleset::kTableName);
  mnl_attr_put_strz(request.header(), NFTA_SET_ELEM_LIST_SET, set.name.c_str());
  const absl::Status status = socket_.Dump(request.bytes(), each);
  return status.ok() ? status : Explain(status, "read elements");
}

absl::StatusOr<std::vector<TimedElement>> Nftables::ReadElements(const StateSet& set) {
  for (int i = 0; i < kTries; ++i) {
    std::vector<TimedElement> elements;
    bool whole = true;
    const absl::Status status = DumpElements(set, [&](const nlmsghdr& message) {
      whole = DecodeTimedElements(message, elements) && whole;
    });
    if (absl::IsAborted(status)) continue;
    if (!status.ok()) return status;
    if (!whole) return absl::DataLossError(absl::StrCat("set ", set.name, " has foreign elements"));
    return elements;
  }
  return absl::UnavailableError(
      absl::StrCat("read set ", set.name, ": another program keeps changing it"));
}

absl::StatusOr<Nftables::State> Nftables::Read() {
  for (int i = 0; i < kTries; ++i) {
    ASSIGN_OR_RETURN(const uint32_t before, ReadGeneration());
    absl::StatusOr<ruleset::Ruleset> ruleset = ReadTables();
    if (ruleset.ok()) {
      ASSIGN_OR_RETURN(const uint32_t after, ReadGeneration());
      if (before == after) return State{*std::move(ruleset), after};
    } else if (!absl::IsAborted(ruleset.status()) && !absl::IsNotFound(ruleset.status())) {
      return ruleset.status();
    }
  }
  return absl::UnavailableError(
      "read the ruleset: another program keeps changing netfilter tables (see `nft monitor`)");
}

absl::Status Nftables::Commit(const std::vector<ruleset::Operation>& operations,
                              uint32_t generation) {
  if (operations.empty()) return absl::OkStatus();
  const Batch batch(operations, generation);
  if (absl::Status status = socket_.Send(batch.bytes()); !status.ok()) {
    return Explain(status, "send the transaction");
  }
  // The kernel has answered by the time that Send returns, so everything that waits belongs to this
  // batch.
  std::optional<Refusal> refusal;
  bool acknowledged = false;
  while (true) {
    const absl::Status status = socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
      if (message.nlmsg_type != NLMSG_ERROR) return;
      Refusal answer = ReadRefusal(message);
      if (answer.error != 0) {
        if (!refusal.has_value()) refusal = std::move(answer);
      } else if (answer.sequence == batch.last_sequence()) {
        acknowledged = true;
      }
    });
    if (absl::IsUnavailable(status)) break;
    if (!status.ok() && !absl::IsDataLoss(status)) return Explain(status, "commit");
  }
  if (refusal.has_value()) {
    if (refusal->error == ERESTART) {
      return absl::AbortedError("another program changed netfilter tables meanwhile");
    }
    absl::Status status = absl::ErrnoToStatus(
        refusal->error, absl::StrCat(batch.Describe(refusal->sequence, refusal->offset),
                                     refusal->message.empty() ? "" : ": ", refusal->message));
    status.SetPayload(kRefusedName, absl::Cord(batch.FindName(refusal->sequence)));
    if (const auto* element = batch.FindElement(refusal->sequence, refusal->offset)) {
      status.SetPayload(kRefusedKey, absl::Cord(element->key()));
    }
    return status;
  }
  // The answer was lost, but the transaction may have succeeded; the caller must read the state
  // again.
  if (!acknowledged) return absl::AbortedError("the kernel did not acknowledge the transaction");
  return absl::OkStatus();
}

absl::Status Nftables::CommitSmall(std::span<const char> batch, const char* operation,
                                   const StateSet& set) {
  absl::Status status = socket_.Send(batch);
  // Everything that waits after Send belongs to this batch, as in Commit.
  bool acknowledged = false;
  int error = 0;
  while (status.ok()) {
    status = socket_.Receive(/*wait=*/false, [&](const nlmsghdr& message) {
      if (message.nlmsg_type != NLMSG_ERROR || message.nlmsg_seq != kTimedSequence) return;
      const Refusal answer = ReadRefusal(message);
      if (answer.error == 0) acknowledged = true;
      if (answer.error != 0 && error == 0) error = answer.error;
    });
  }
  if (absl::IsUnavailable(status)) {
    status = error != 0      ? absl::ErrnoToStatus(error, "the kernel says")
             : !acknowledged ? absl::AbortedError("the kernel did not answer")
                             : absl::OkStatus();
  }
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat(operation, " set ", set.name, ": ", status.message()));
}

absl::Status Nftables::PutElement(const StateSet& set, const ruleset::Bytes& key,
                                  std::chrono::milliseconds timeout) {
  constexpr char kOperation[] = "put an element into";
  absl::Status status =
      CommitSmall(PutElementBatch(set, key, timeout, /*replaced=*/true), kOperation, set);
  if (!absl::IsNotFound(status)) return status;
  return CommitSmall(PutElementBatch(set, key, timeout, /*replaced=*/false), kOperation, set);
}

absl::Status Nftables::DeleteElement(const StateSet& set, const ruleset::Bytes& key) {
  absl::Status status = CommitSmall(DeleteElementBatch(set, key), "take an element out of", set);
  return absl::IsNotFound(status) ? absl::OkStatus() : status;
}

absl::Status Nftables::Flush(const StateSet& set) {
  return CommitSmall(FlushBatch(set), "empty", set);
}

}  // namespace firebreak::agent
