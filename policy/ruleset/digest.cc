#include "policy/ruleset/digest.h"

#include <openssl/evp.h>

#include <memory>

namespace firebreak::ruleset {
namespace {

// Feeds a hash with values that cannot run into each other: numbers have a fixed width, strings
// and lists their length in front.
class Canonical {
 public:
  Canonical() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    buffer_.reserve(kFlushAt + 256);
  }

  void Put(uint64_t value) {
    for (int shift = 0; shift < 64; shift += 8)
      buffer_.push_back(static_cast<char>(value >> shift));
    if (buffer_.size() >= kFlushAt) Flush();
  }
  void Put(const std::string& value) {
    Put(value.size());
    buffer_ += value;
  }
  void Put(const Verdict& verdict) {
    Put(static_cast<uint32_t>(verdict.code));
    Put(verdict.chain);
  }

  void Put(const Meta& e) { Put(e.key), Put(e.to); }
  void Put(const Ct& e) { Put(e.key), Put(e.to); }
  void Put(const Payload& e) { Put(e.base), Put(e.offset), Put(e.length), Put(e.to); }
  void Put(const Bitwise& e) { Put(e.from), Put(e.to), Put(e.mask), Put(e.exclusive_or); }
  void Put(const Cmp& e) { Put(e.from), Put(e.op), Put(e.value); }
  void Put(const Lookup& e) { Put(e.set), Put(e.from), Put(e.verdict_map), Put(e.inverted); }
  void Put(const Immediate& e) { Put(e.verdict); }
  void Put(const CounterReference& e) { Put(e.name); }
  void Put(const Foreign& e) { Put(e.name); }

  void Put(const Chain& chain) {
    Put(chain.hook.has_value());
    if (chain.hook.has_value()) {
      Put(chain.hook->number);
      Put(static_cast<uint32_t>(chain.hook->priority));
      Put(chain.hook->policy);
      Put(chain.hook->type);
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

  void Put(const Set& set) {
    Put(set.key.size());
    for (Field field : set.key) Put(static_cast<uint32_t>(field));
    Put(set.interval), Put(set.verdict_map), Put(set.dynamic);
    if (set.dynamic) return;
    Put(set.elements.size());
    for (const Element& element : set.elements) {
      Put(element.key);
      Put(element.verdict.has_value());
      if (element.verdict.has_value()) Put(*element.verdict);
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
  static constexpr size_t kFlushAt = 16 << 10;

  struct FreeContext {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };

  void Flush() {
    EVP_DigestUpdate(context_.get(), buffer_.data(), buffer_.size());
    buffer_.clear();
  }

  std::unique_ptr<EVP_MD_CTX, FreeContext> context_;
  std::string buffer_;
};

}  // namespace

std::string Digest(const Ruleset& ruleset) {
  if (!ruleset.has_value()) return "";
  Canonical canonical;
  canonical.Put(ruleset->foreign);
  canonical.Put(ruleset->counters.size());
  for (const std::string& name : ruleset->counters) canonical.Put(name);
  canonical.Put(ruleset->chains.size());
  for (const auto& [name, chain] : ruleset->chains) canonical.Put(name), canonical.Put(chain);
  canonical.Put(ruleset->sets.size());
  for (const auto& [name, set] : ruleset->sets) canonical.Put(name), canonical.Put(set);
  return canonical.Finish();
}

}  // namespace firebreak::ruleset
