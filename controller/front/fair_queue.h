// SPDX-License-Identifier: Apache-2.0
#ifndef FIREBREAK_CONTROLLER_FRONT_FAIR_QUEUE_H_
#define FIREBREAK_CONTROLLER_FRONT_FAIR_QUEUE_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>

namespace firebreak::controller {

// Gives out a limited number of places to those who wait for one. A free place goes to the party
// that has the fewest places, then to the party that got none for longest, and within a party to
// the one that came first. So a party that asks a thousand times delays another party by its share,
// not by the number of its requests. Some more places are only for parties that have none, so that
// those who keep their places do not keep out who comes anew.
//
// A value without a clock or a thread.
class FairQueue {
 public:
  // Ascending in the order in which they come; each is used once.
  using Id = uint64_t;

  // `places` is at least 1; `more` are for parties that have none.
  explicit FairQueue(size_t places, size_t more = 0) : places_(places), more_(more) {}

  void Wait(const std::string& party, Id id);

  // Gives the next one a place; none if nobody waits or no place is free.
  std::optional<Id> Next();

  // `id` waits no longer, or gives up its place. Other ids are ignored.
  void Leave(const std::string& party, Id id);

  size_t waiting() const { return waiting_; }
  size_t taken() const { return taken_; }

 private:
  struct Party {
    std::set<Id> waiting;
    std::set<Id> taken;
    uint64_t turn = 0;  // when it got a place last
  };
  using Parties = std::map<std::string, Party>;
  using Rank = std::tuple<size_t, uint64_t, std::string>;

  static Rank RankOf(const Parties::value_type& party) {
    return {party.second.taken.size(), party.second.turn, party.first};
  }
  // `change` may change the party's rank.
  template <typename Change>
  void Update(Parties::iterator party, const Change& change);

  const size_t places_;
  const size_t more_;
  size_t waiting_ = 0;
  size_t taken_ = 0;
  uint64_t turn_ = 0;
  Parties parties_;
  std::set<Rank> ready_;  // of parties that wait
};

}  // namespace firebreak::controller

#endif  // FIREBREAK_CONTROLLER_FRONT_FAIR_QUEUE_H_
