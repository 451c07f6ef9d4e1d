// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_STRANGERS_H_
#define FIREBREAK_CONTROLLER_FRONT_STRANGERS_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

namespace firebreak::controller {

// The connections whose clients have not shown yet who they are, by network (NetworkOf). If there
// are too many, a connection of the network with the most has to leave, first one that has sent
// nothing. So strangers push out one another, however many they are, and a client from another
// network finds room.
//
// A value without a clock or a thread.
class Strangers {
 public:
  // Ascending in the order in which they come.
  using Id = uint64_t;

  // At most `in_all`, and of one network at most `of_one`; both at least 1.
  Strangers(size_t in_all, size_t of_one) : in_all_(in_all), of_one_(of_one) {}

  // Counts another connection. The connection that is returned has to leave; it may be `id` itself.
  std::optional<Id> Come(const std::string& network, Id id);

  // The connection has sent something.
  void Spoke(const std::string& network, Id id);

  // The connection has ended, or its client is known now. Other ids are ignored.
  void Leave(const std::string& network, Id id);

  // The connection that would have to leave first; none: there is no connection.
  std::optional<Id> Weakest() const;

  size_t size() const { return size_; }

 private:
  struct Network {
    std::set<Id> silent;
    std::set<Id> speaking;
    size_t size() const { return silent.size() + speaking.size(); }
  };
  using Networks = std::map<std::string, Network>;

  template <typename Change>
  void Update(Networks::iterator network, const Change& change);
  static Id WeakestOf(const Network& network);

  const size_t in_all_;
  const size_t of_one_;
  size_t size_ = 0;
  Networks networks_;
  std::set<std::pair<size_t, std::string>> by_size_;
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_STRANGERS_H_
