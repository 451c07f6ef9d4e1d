// SPDX-License-Identifier: Apache-2.0
#include "cli/view/local_status.h"

#include "cli/view/host_page.h"

namespace firebreak::cli {

std::string LocalStatusPage(const v1::StatusAnswer& status, absl::Time now, bool colours) {
  // Makes the message that the controller would show, as far as the host knows it.
  v1::Host host;
  host.set_name(status.name());
  host.set_state(status.has_standalone() ? "stand-alone"
                 : status.connected()    ? "online"
                                         : "offline");
  *host.mutable_facts() = status.facts();
  if (status.has_receipt()) {
    *host.mutable_receipt() = status.receipt();
    host.set_revision(status.receipt().revision());
    host.set_rollout(status.receipt().ruleset_digest().empty() ? "unmanaged" : "applied");
  }
  host.set_wanted(host.revision());
  if (status.on_trial()) host.set_rollout("pending");
  if (status.has_refusal()) {
    *host.mutable_refusal() = status.refusal();
    if (status.refusal().revision() > host.revision()) {
      host.set_rollout(status.refusal().kind() == v1::Refusal::undone ? "undone" : "refused");
      host.set_wanted(status.refusal().revision());
    }
  }
  return LocalHostPage(host, status, now, colours);
}

}  // namespace firebreak::cli
