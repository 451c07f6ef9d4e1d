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

// Connections of those of whom it is not known yet who they are, by the network that they come
// from (NetworkOf), and who has to go when there are too many: one of the network that has most,
// first one that has said nothing yet. So strangers, however many they are, push out one another,
// and somebody who comes from elsewhere finds room.
//
// A value without a clock or a thread.
class Strangers {
 public:
  // Ascending in the order in which they come.
  using Id = uint64_t;

  // At most `in_all`, and of one network at most `of_one`; both at least 1.
  Strangers(size_t in_all, size_t of_one) : in_all_(in_all), of_one_(of_one) {}

  // Another one has come, and is counted. The result has to leave; it may be `id` itself.
  std::optional<Id> Come(const std::string& network, Id id);

  // It has said something.
  void Spoke(const std::string& network, Id id);

  // It has gone, or is known now. Others are ignored.
  void Leave(const std::string& network, Id id);

  // The one that has to go first; none: there are none.
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
