// SPDX-License-Identifier: Apache-2.0
#include "policy/ruleset/digest.h"

#include <endian.h>
#include <openssl/evp.h>
#include <string.h>

#include <array>
#include <memory>
#include <type_traits>

#include "absl/strings/string_view.h"

namespace firebreak::ruleset {
namespace {

// Hashes values unambiguously: numbers have a fixed width, and strings and lists are preceded by
// their length.
class Canonical {
 public:
  Canonical() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void Put(uint64_t value) {
    const uint64_t little_endian = htole64(value);
    Append(&little_endian, sizeof little_endian);
  }
  void Put(absl::string_view value) {
    Put(value.size());
    Append(value.data(), value.size());
  }
  void Put(VerdictView verdict) {
    Put(static_cast<uint32_t>(verdict.code));
    Put(verdict.chain);
  }
  void Put(const std::optional<uint8_t>& value) { All(value.has_value(), value.value_or(0)); }

  // Each of these functions names all fields of its type. So adding a field breaks the build until
  // somebody decides here what the field means for the digest.

  void Put(const Meta& e) {
    const auto& [key, to] = e;
    All(key, to);
  }
  void Put(const Ct& e) {
    const auto& [key, to, direction] = e;
    All(key, to, direction);
  }
  void Put(const Payload& e) {
    const auto& [base, offset, length, to] = e;
    All(base, offset, length, to);
  }
  void Put(const Bitwise& e) {
    const auto& [from, to, mask, exclusive_or] = e;
    All(from, to, mask, exclusive_or);
  }
  void Put(const Cmp& e) {
    const auto& [from, op, value] = e;
    All(from, op, value);
  }
  void Put(const Fib& e) {
    const auto& [flags, result, to] = e;
    All(flags, result, to);
  }
  void Put(const Lookup& e) {
    const auto& [set, from, verdict_map, inverted, to] = e;
    All(set, from, verdict_map, inverted, to);
  }
  void Put(const Immediate& e) {
    const auto& [verdict] = e;
    Put(verdict);
  }
  void Put(const Verdict& e) {
    const auto& [code, chain] = e;
    Put(VerdictView(code, chain));
  }
  void Put(const ImmediateData& e) {
    const auto& [to, value] = e;
    All(to, value);
  }
  void Put(const ObjectReference& e) {
    const auto& [type, name] = e;
    All(type, name);
  }
  void Put(const Limit& e) {
    const auto& [packets, burst, seconds] = e;
    All(packets, burst);
    // Seconds other than 1 came later; leaving out 1 keeps the digests of older rulesets.
    if (seconds != 1) Put(seconds);
  }
  void Put(const Connlimit& e) {
    const auto& [count] = e;
    Put(count);
  }
  void Put(const Reject& e) {
    const auto& [type, code] = e;
    All(type, code);
  }
  void Put(const Log& e) {
    const auto& [group, prefix, snap_length, queue_threshold] = e;
    All(group, prefix, snap_length, queue_threshold);
  }
  void Put(const Notrack&) { static_assert(std::is_empty_v<Notrack>); }
  void Put(const Synproxy& e) {
    const auto& [mss, window_scale, flags] = e;
    All(mss, window_scale, flags);
  }
  void Put(const Nat& e) {
    const auto& [type, family, address, port] = e;
    All(type, family, address, port);
  }
  void Put(const Masquerade&) { static_assert(std::is_empty_v<Masquerade>); }
  void Put(const Redirect& e) {
    const auto& [port] = e;
    Put(port);
  }
  void Put(const UpdateSet& e) {
    const auto& [set, from, timeout_millis, limit, connlimit] = e;
    All(set, from, timeout_millis);
    if (limit.has_value()) Put(*limit);
    if (connlimit.has_value()) Put(*connlimit);
  }
  void Put(const Exthdr& e) {
    const auto& [type, to] = e;
    All(type, to);
  }
  void Put(const Socket& e) {
    const auto& [key, level, to] = e;
    All(key, level, to);
  }
  void Put(const Rt& e) {
    const auto& [key, to] = e;
    All(key, to);
  }
  void Put(const Byteorder& e) {
    const auto& [from, to, op, length, size] = e;
    All(from, to, op, length, size);
  }
  void Put(const TcpOptionWrite& e) {
    const auto& [type, offset, length, from] = e;
    All(type, offset, length, from);
  }
  void Put(const TcpOptionStrip& e) {
    const auto& [type] = e;
    Put(type);
  }
  void Put(const Foreign& e) {
    const auto& [name] = e;
    Put(name);
  }

  void Put(const Hook& hook) {
    const auto& [number, priority, policy, type, device] = hook;
    All(number, static_cast<uint32_t>(priority), policy, type, device);
  }
  void Put(const Rule& rule) {
    const auto& [expressions] = rule;
    Put(expressions.size());
    for (const Expression& expression : expressions) {
      Put(expression.index());
      std::visit([this](const auto& e) { Put(e); }, expression);
    }
  }
  void Put(const Chain& chain) {
    const auto& [hook, rules] = chain;
    Put(hook.has_value());
    if (hook.has_value()) Put(*hook);
    Put(rules.size());
    for (const Rule& rule : rules) Put(rule);
  }

  void Put(const std::vector<Field>& fields) {
    Put(fields.size());
    for (Field field : fields) Put(static_cast<uint32_t>(field));
  }

  void Put(const Set& set) {
    // The capacity is left out, because it affects only the speed of a set and not its meaning.
    const auto& [key, data, interval, verdict_map, dynamic, updated, capacity, elements] = set;
    All(key, data, interval, verdict_map, dynamic, updated);
    if (set.HoldsState()) return;
    Put(elements.size());
    for (const Element& element : elements) {
      Put(element.key());
      Put(static_cast<uint64_t>(element.value()));
      if (const auto verdict = element.verdict()) Put(*verdict);
      if (const auto bytes = element.data()) Put(*bytes);
    }
  }

  void Put(const Counter&) { static_assert(std::is_empty_v<Counter>); }
  void Put(const ConntrackHelper& helper) {
    const auto& [module, protocol] = helper;
    All(module, protocol);
  }
  void Put(const ConntrackTimeouts& timeouts) {
    const auto& [protocol, seconds] = timeouts;
    All(protocol, seconds.size());
    for (uint32_t one : seconds) Put(one);
  }
  void Put(const Object& object) {
    Put(ObjectType(object));
    std::visit([this](const auto& one) { Put(one); }, object);
  }

  void Put(const Table& table) {
    const auto& [objects, chains, sets, foreign] = table;
    Put(foreign);
    Put(objects.size());
    for (const auto& [name, object] : objects) All(name, object);
    Put(chains.size());
    for (const auto& [name, chain] : chains) All(name, chain);
    Put(sets.size());
    for (const auto& [name, set] : sets) All(name, set);
  }

  void Put(const Ruleset& ruleset) {
    const auto& [inet, netdev] = ruleset;
    for (const std::optional<Table>* table : {&inet, &netdev}) {
      Put(table->has_value());
      if (table->has_value()) Put(**table);
    }
  }

  std::string Finish() {
    Flush();
    std::string digest(EVP_MAX_MD_SIZE, '\0');
    unsigned int length = 0;
    EVP_DigestFinal_ex(context_.get(), reinterpret_cast<unsigned char*>(digest.data()), &length);
    digest.resize(length);
    return digest;
  }

 private:
  template <typename... Values>
  void All(const Values&... values) {
    (Put(values), ...);
  }

  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  void Append(const void* bytes, size_t count) {
    if (count > buffer_.size() - used_) Flush();
    if (count > buffer_.size()) {
      EVP_DigestUpdate(context_.get(), bytes, count);
      return;
    }
    memcpy(buffer_.data() + used_, bytes, count);
    used_ += count;
  }

  void Flush() {
    EVP_DigestUpdate(context_.get(), buffer_.data(), used_);
    used_ = 0;
  }

  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
  std::array<char, 16 << 10> buffer_;
  size_t used_ = 0;  // number of bytes in the buffer
};

}  // namespace

std::string Digest(const Ruleset& ruleset) {
  if (ruleset.empty()) return "";
  Canonical canonical;
  canonical.Put(ruleset);
  return canonical.Finish();
}

}  // namespace firebreak::ruleset
