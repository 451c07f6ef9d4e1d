// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_AGENT_MAPPINGS_MAPPING_TABLE_H_
#define FIREBREAK_AGENT_MAPPINGS_MAPPING_TABLE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "firebreak/v1/location.pb.h"

namespace firebreak::agent {

// The table of mappings that the host itself has opened, and of those that programs ask for, as a
// value: each function returns a new state in `table`, or an error and leaves `table` as it was.
// The functions read no clock and no file. A number is given once and never again, so that a
// decision is always about what the person has seen.

// More open mappings than this are more than an administrator can follow.
inline constexpr int kMaxOpenMappings = 64;
inline constexpr int kMaxRequests = 64;        // of all users together
inline constexpr int kMaxRequestsOfAUser = 8;  // so that no user can keep the others from asking
// A request that nobody has decided in this time lapses.
inline constexpr absl::Duration kRequestPatience = absl::Hours(24);

// The longest time for which a mapping can be opened, if it is to end at all.
inline constexpr uint64_t kMostMappingSeconds = 3660 * 86'400;

// Opens the mapping, which has been checked (CheckWanted), at once. Returns it as it is in the
// table, with a number, a name that no other has, and the time at which it ends.
// ResourceExhausted: there is no room.
absl::StatusOr<v1::LocalMapping> AddMapping(v1::LocalMapping wanted, const std::string& by,
                                            absl::Time now, v1::LocalMappings& table);

// Lets the mapping wait for a decision. A user that asks for the same once more gets the request
// that waits, or the mapping that is open, and the table does not change: `is_new` is false then.
struct Asked {
  v1::LocalMapping mapping;
  bool is_new = true;
};
absl::StatusOr<Asked> AskForMapping(v1::LocalMapping wanted, absl::Time now,
                                    v1::LocalMappings& table);

// Opens the mapping that is asked for, for `seconds`, or for as long as was asked if that is 0.
// NotFound: no request has the number.
absl::StatusOr<v1::LocalMapping> GrantMapping(uint64_t number, uint64_t seconds,
                                              const std::string& by, absl::Time now,
                                              v1::LocalMappings& table);

// Takes a request, or an open mapping, out of the table. `user`: only if it is this user's.
struct Removed {
  v1::LocalMapping mapping;
  bool was_open = false;
};
absl::StatusOr<Removed> RemoveMapping(uint64_t number, std::optional<uint32_t> user,
                                      v1::LocalMappings& table);
// NotFound: no request has the number.
absl::StatusOr<v1::LocalMapping> RemoveRequest(uint64_t number, v1::LocalMappings& table);

// Takes out those whose time is over, and returns them.
std::vector<Removed> RemoveOverdue(absl::Time now, v1::LocalMappings& table);
// When the next one is over; InfiniteFuture: none ever is.
absl::Time NextOverdue(const v1::LocalMappings& table);

// "tcp/8080 on eth0 at home", in printable ASCII.
std::string DescribeMapping(const v1::LocalMapping& mapping);

}  // namespace firebreak::agent

#endif  // FIREBREAK_AGENT_MAPPINGS_MAPPING_TABLE_H_
