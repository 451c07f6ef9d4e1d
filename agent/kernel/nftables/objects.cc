// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/objects.h"

#include <libnftnl/udata.h>
#include <linux/netfilter/nf_tables.h>

#include <algorithm>
#include <vector>

#include "agent/kernel/nftables/expressions.h"

namespace firebreak::agent {
namespace {

// nft(8) packs the types of a concatenation into one number, six bits each, first field highest.
constexpr uint32_t kTypeBits = 6;

uint32_t PackTypes(const std::vector<ruleset::Field>& fields) {
  uint32_t types = 0;
  for (ruleset::Field field : fields) {
    types = (types << kTypeBits) | static_cast<uint32_t>(field);
  }
  return types;
}

std::vector<ruleset::Field> UnpackTypes(uint32_t types) {
  std::vector<ruleset::Field> fields;
  for (; types != 0; types >>= kTypeBits) {
    fields.push_back(static_cast<ruleset::Field>(types & ((1u << kTypeBits) - 1)));
  }
  std::reverse(fields.begin(), fields.end());
  return fields;
}

uint32_t SetFlags(const ruleset::Set& set) {
  uint32_t flags = 0;
  if (set.verdict_map || !set.data.empty()) flags |= NFT_SET_MAP;
  if (set.dynamic) flags |= NFT_SET_TIMEOUT;
  if (set.updated) flags |= NFT_SET_EVAL;
  if (set.interval) flags |= NFT_SET_INTERVAL;
  if (set.interval && set.key.size() > 1) flags |= NFT_SET_CONCAT;
  return flags;
}

// Notes the byte order for nft(8), which otherwise takes interface names for big-endian numbers;
// the kernel only stores the note. See `enum byteorder` of nftables' include/datatype.h.
void NoteByteOrder(nftnl_set* set, const std::vector<ruleset::Field>& key) {
  constexpr uint32_t kHostEndian = 1, kBigEndian = 2;
  if (key.size() != 1) return;
  const bool host =
      key.front() == ruleset::Field::kInterfaceIndex ||
      key.front() == ruleset::Field::kInterfaceName || key.front() == ruleset::Field::kUser ||
      key.front() == ruleset::Field::kUserGroup || key.front() == ruleset::Field::kAddressType;
  const std::unique_ptr<nftnl_udata_buf, NftnlDelete<&nftnl_udata_buf_free>> note(
      nftnl_udata_buf_alloc(NFT_USERDATA_MAXLEN));
  nftnl_udata_put_u32(note.get(), NFTNL_UDATA_SET_KEYBYTEORDER, host ? kHostEndian : kBigEndian);
  nftnl_set_set_data(set, NFTNL_SET_USERDATA, nftnl_udata_buf_data(note.get()),
                     nftnl_udata_buf_len(note.get()));
}

// The device of a netdev chain. Several devices, which Firebreak never writes, are joined to one
// text.
std::string Device(const nftnl_chain& chain) {
  if (const char* device = nftnl_chain_get_str(&chain, NFTNL_CHAIN_DEV)) return device;
  std::string devices;
  const auto* list = static_cast<const char* const*>(nftnl_chain_get(&chain, NFTNL_CHAIN_DEVICES));
  for (; list != nullptr && *list != nullptr; ++list) {
    if (!devices.empty()) devices.push_back(' ');
    devices += *list;
  }
  return devices;
}

}  // namespace

NftnlTable MakeTable() {
  NftnlTable table(nftnl_table_alloc());
  nftnl_table_set_str(table.get(), NFTNL_TABLE_NAME, ruleset::kTableName);
  return table;
}

NftnlChain MakeChain(const std::string& name, const ruleset::Chain* definition) {
  NftnlChain chain(nftnl_chain_alloc());
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TABLE, ruleset::kTableName);
  nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_NAME, name.c_str());
  if (definition != nullptr && definition->hook.has_value()) {
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_HOOKNUM, definition->hook->number);
    nftnl_chain_set_s32(chain.get(), NFTNL_CHAIN_PRIO, definition->hook->priority);
    nftnl_chain_set_u32(chain.get(), NFTNL_CHAIN_POLICY, definition->hook->policy);
    nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_TYPE, definition->hook->type.c_str());
    if (!definition->hook->device.empty()) {
      nftnl_chain_set_str(chain.get(), NFTNL_CHAIN_DEV, definition->hook->device.c_str());
    }
  }
  return chain;
}

NftnlRule MakeRule(const std::string& chain, const ruleset::Rule* rule) {
  NftnlRule result(nftnl_rule_alloc());
  nftnl_rule_set_str(result.get(), NFTNL_RULE_TABLE, ruleset::kTableName);
  nftnl_rule_set_str(result.get(), NFTNL_RULE_CHAIN, chain.c_str());
  if (rule == nullptr) return result;
  for (const ruleset::Expression& expression : rule->expressions) {
    nftnl_expr* expr = MakeExpression(expression);
    if (expr != nullptr) nftnl_rule_add_expr(result.get(), expr);
  }
  return result;
}

NftnlSet MakeSet(const std::string& name, const ruleset::Set* definition, uint32_t id) {
  NftnlSet set(nftnl_set_alloc());
  nftnl_set_set_str(set.get(), NFTNL_SET_TABLE, ruleset::kTableName);
  nftnl_set_set_str(set.get(), NFTNL_SET_NAME, name.c_str());
  if (definition == nullptr) return set;
  std::vector<uint8_t> field_lengths;
  for (ruleset::Field field : definition->key) {
    field_lengths.push_back(static_cast<uint8_t>(Length(field)));
  }
  nftnl_set_set_u32(set.get(), NFTNL_SET_ID, id);
  nftnl_set_set_u32(set.get(), NFTNL_SET_FLAGS, SetFlags(*definition));
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_TYPE, PackTypes(definition->key));
  nftnl_set_set_u32(set.get(), NFTNL_SET_KEY_LEN, KeyLength(definition->key));
  if (definition->verdict_map) {
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, NFT_DATA_VERDICT);
  } else if (!definition->data.empty()) {
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_TYPE, PackTypes(definition->data));
    nftnl_set_set_u32(set.get(), NFTNL_SET_DATA_LEN, KeyLength(definition->data));
  }
  if (definition->capacity != 0) {
    nftnl_set_set_u32(set.get(), NFTNL_SET_DESC_SIZE, definition->capacity);
  }
  if (definition->interval && definition->key.size() > 1) {
    nftnl_set_set_data(set.get(), NFTNL_SET_DESC_CONCAT, field_lengths.data(),
                       static_cast<uint32_t>(field_lengths.size()));
  }
  NoteByteOrder(set.get(), definition->key);
  return set;
}

ruleset::Rule ReadRule(const nftnl_rule& rule) {
  ruleset::Rule result;
  nftnl_rule& iterated = const_cast<nftnl_rule&>(rule);  // libnftnl does not change the rule
  nftnl_expr_foreach(
      &iterated,
      [](nftnl_expr* expr, void* expressions) {
        static_cast<std::vector<ruleset::Expression>*>(expressions)
            ->push_back(ReadExpression(*expr));
        return 0;
      },
      &result.expressions);
  return result;
}

ruleset::Chain ReadChain(const nftnl_chain& chain) {
  ruleset::Chain result;
  if (nftnl_chain_is_set(&chain, NFTNL_CHAIN_HOOKNUM)) {
    const char* type = nftnl_chain_get_str(&chain, NFTNL_CHAIN_TYPE);
    result.hook = {.number = nftnl_chain_get_u32(&chain, NFTNL_CHAIN_HOOKNUM),
                   .priority = nftnl_chain_get_s32(&chain, NFTNL_CHAIN_PRIO),
                   .policy = nftnl_chain_get_u32(&chain, NFTNL_CHAIN_POLICY),
                   .type = type == nullptr ? "" : type,
                   .device = Device(chain)};
  }
  return result;
}

ruleset::Set ReadSet(const nftnl_set& set) {
  ruleset::Set result;
  const uint32_t flags = nftnl_set_get_u32(&set, NFTNL_SET_FLAGS);
  result.key = UnpackTypes(nftnl_set_get_u32(&set, NFTNL_SET_KEY_TYPE));
  const bool map = (flags & NFT_SET_MAP) != 0;
  const uint32_t data = map ? nftnl_set_get_u32(&set, NFTNL_SET_DATA_TYPE) : 0;
  result.verdict_map = map && data == NFT_DATA_VERDICT;
  if (map && !result.verdict_map) result.data = UnpackTypes(data);
  result.dynamic = (flags & NFT_SET_TIMEOUT) != 0;
  result.updated = (flags & NFT_SET_EVAL) != 0;
  result.interval = (flags & NFT_SET_INTERVAL) != 0;
  // The set is not Firebreak's if its types do not add up to its key length, or if its flags or
  // data are of another kind. Without a key it differs from every set of ours.
  const bool ours = KeyLength(result.key) == nftnl_set_get_u32(&set, NFTNL_SET_KEY_LEN) &&
                    flags == SetFlags(result) &&
                    (result.data.empty() ||
                     KeyLength(result.data) == nftnl_set_get_u32(&set, NFTNL_SET_DATA_LEN));
  if (!ours) result.key.clear();
  if (nftnl_set_is_set(&set, NFTNL_SET_DESC_SIZE)) {
    result.capacity = nftnl_set_get_u32(&set, NFTNL_SET_DESC_SIZE);
  }
  return result;
}

}  // namespace firebreak::agent
