// SPDX-License-Identifier: Apache-2.0
#include "agent/kernel/nftables/refusal.h"

#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/netlink.h>
#include <string.h>

namespace firebreak::agent {

Refusal ReadRefusal(const nlmsghdr& message) {
  Refusal refusal = {.error = EIO, .sequence = message.nlmsg_seq};
  if (message.nlmsg_len < NLMSG_LENGTH(sizeof(nlmsgerr))) return refusal;
  const auto& error = *static_cast<const nlmsgerr*>(mnl_nlmsg_get_payload(&message));
  constexpr int kMaxErrno = 4095;  // include/linux/err.h
  if (error.error <= 0 && error.error >= -kMaxErrno) refusal.error = -error.error;
  if ((message.nlmsg_flags & NLM_F_ACK_TLVS) == 0) return refusal;
  size_t skip = sizeof(nlmsgerr);
  if ((message.nlmsg_flags & NLM_F_CAPPED) == 0) {
    skip += NLMSG_ALIGN(error.msg.nlmsg_len) - sizeof(nlmsghdr);
  }
  if (mnl_nlmsg_get_payload_len(&message) < skip) return refusal;
  mnl_attr_parse(
      &message, static_cast<unsigned int>(skip),
      [](const nlattr* attribute, void* data) {
        auto& result = *static_cast<Refusal*>(data);
        const uint16_t length = mnl_attr_get_payload_len(attribute);
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_OFFS && length == sizeof(uint32_t)) {
          result.offset = mnl_attr_get_u32(attribute);
        }
        if (mnl_attr_get_type(attribute) == NLMSGERR_ATTR_MSG) {
          const char* text = static_cast<const char*>(mnl_attr_get_payload(attribute));
          result.message.assign(text, strnlen(text, length));
        }
        return MNL_CB_OK;
      },
      &refusal);
  return refusal;
}

}  // namespace firebreak::agent
