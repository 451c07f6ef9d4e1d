#include "policy/ruleset/digest.h"

#include <endian.h>
#include <openssl/evp.h>
#include <string.h>

#include <array>
#include <memory>

#include "absl/strings/string_view.h"

namespace firebreak::ruleset {
namespace {

// Feeds a hash with values that cannot run into each other: numbers have a fixed width, strings
// and lists their length in front.
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

  void Put(const Meta& e) { Put(e.key), Put(e.to); }
  void Put(const std::optional<uint8_t>& value) { Put(value.has_value()), Put(value.value_or(0)); }

  void Put(const Ct& e) { Put(e.key), Put(e.to), Put(e.direction); }
  void Put(const Payload& e) { Put(e.base), Put(e.offset), Put(e.length), Put(e.to); }
  void Put(const Bitwise& e) { Put(e.from), Put(e.to), Put(e.mask), Put(e.exclusive_or); }
  void Put(const Cmp& e) { Put(e.from), Put(e.op), Put(e.value); }
  void Put(const Fib& e) { Put(e.flags), Put(e.result), Put(e.to); }
  void Put(const Lookup& e) {
    Put(e.set), Put(e.from), Put(e.verdict_map), Put(e.inverted), Put(e.to);
  }
  void Put(const Immediate& e) { Put(e.verdict); }
  void Put(const ImmediateData& e) { Put(e.to), Put(e.value); }
  void Put(const ObjectReference& e) { Put(e.type), Put(e.name); }
  void Put(const Limit& e) { Put(e.packets), Put(e.burst); }
  void Put(const Log& e) {
    Put(e.group), Put(e.prefix), Put(e.snap_length), Put(e.queue_threshold);
  }
  void Put(const Notrack&) {}
  void Put(const Synproxy& e) { Put(e.mss), Put(e.window_scale), Put(e.flags); }
  void Put(const Nat& e) { Put(e.type), Put(e.family), Put(e.address), Put(e.port); }
  void Put(const Masquerade&) {}
  void Put(const Redirect& e) { Put(e.port); }
  void Put(const UpdateSet& e) { Put(e.set), Put(e.from), Put(e.timeout_millis); }
  void Put(const Foreign& e) { Put(e.name); }

  void Put(const Chain& chain) {
    Put(chain.hook.has_value());
    if (chain.hook.has_value()) {
      Put(chain.hook->number);
      Put(static_cast<uint32_t>(chain.hook->priority));
      Put(chain.hook->policy);
      Put(chain.hook->type);
      Put(chain.hook->device);
    }
    Put(chain.rules.size());
    for (const Rule& rule : chain.rules) {
      Put(rule.expressions.size());
      for (const Expression& expression : rule.expressions) {
        Put(expression.index());
        std::visit([this](const auto& e) { Put(e); }, expression);
      }
    }
  }

  void Put(const std::vector<Field>& fields) {
    Put(fields.size());
    for (Field field : fields) Put(static_cast<uint32_t>(field));
  }

  void Put(const Set& set) {
    Put(set.key), Put(set.data);
    Put(set.interval), Put(set.verdict_map), Put(set.dynamic), Put(set.updated);
    if (set.dynamic) return;
    Put(set.elements.size());
    for (const Element& element : set.elements) {
      Put(element.key());
      Put(static_cast<uint64_t>(element.value()));
      if (const auto verdict = element.verdict()) Put(*verdict);
      if (const auto data = element.data()) Put(*data);
    }
  }

  void Put(const Object& object) {
    Put(ObjectType(object));
    if (const auto* helper = std::get_if<ConntrackHelper>(&object)) {
      Put(helper->module), Put(helper->protocol);
    }
    if (const auto* timeouts = std::get_if<ConntrackTimeouts>(&object)) {
      Put(timeouts->protocol), Put(timeouts->seconds.size());
      for (uint32_t seconds : timeouts->seconds) Put(seconds);
    }
  }

  void Put(const Table& table) {
    Put(table.foreign);
    Put(table.objects.size());
    for (const auto& [name, object] : table.objects) Put(name), Put(object);
    Put(table.chains.size());
    for (const auto& [name, chain] : table.chains) Put(name), Put(chain);
    Put(table.sets.size());
    for (const auto& [name, set] : table.sets) Put(name), Put(set);
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
  size_t used_ = 0;  // bytes of the buffer
};

}  // namespace

std::string Digest(const Ruleset& ruleset) {
  if (ruleset.empty()) return "";
  Canonical canonical;
  for (const std::optional<Table>* table : {&ruleset.inet, &ruleset.netdev}) {
    canonical.Put(table->has_value());
    if (table->has_value()) canonical.Put(**table);
  }
  return canonical.Finish();
}

}  // namespace firebreak::ruleset
