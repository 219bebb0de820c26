// Token form: "v1." + 22 characters of id + "." + 43 characters of tag, base64url without padding
// (RFC 4648 section 5). A token has exactly that length; the tag covers the text before its dot.
#include "adapters/crypto/hmac_buyer_tokens.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>

#include "base/assert.hpp"
#include "base/constant_time.hpp"

namespace onsale {
namespace {

constexpr std::string_view kPrefix = "v1.";
constexpr std::size_t kIdChars = 22;
constexpr std::size_t kTagChars = 43;
constexpr std::size_t kSignedChars = kPrefix.size() + kIdChars;
constexpr std::size_t kTokenChars = kSignedChars + 1 + kTagChars;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// What each character stands for; kForeign for those of another alphabet.
constexpr std::uint8_t kForeign = 64;
constexpr std::array<std::uint8_t, 256> kValueOf = [] {
  std::array<std::uint8_t, 256> values{};
  values.fill(kForeign);
  std::uint8_t value = 0;
  for (const char letter : kAlphabet) values[static_cast<unsigned char>(letter)] = value++;
  return values;
}();

char* put_base64url(char* at, const unsigned char* bytes, std::size_t size) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = bits << 8U | bytes[i];
    held += 8;
    while (held >= 6) {
      held -= 6;
      *at++ = kAlphabet[bits >> held & 63U];
    }
  }
  if (held > 0) *at++ = kAlphabet[bits << (6 - held) & 63U];
  return at;
}

std::array<unsigned char, 16> bytes_of(Bits128 bits) {
  std::array<unsigned char, 16> out{};
  for (unsigned i = 0; i < 8; ++i) {
    out[i] = static_cast<unsigned char>(bits.hi >> (56U - 8U * i));
    out[8 + i] = static_cast<unsigned char>(bits.lo >> (56U - 8U * i));
  }
  return out;
}

// The id's 22 characters; nullopt for a foreign character or stray bits at the end.
std::optional<Bits128> parse_id(std::string_view text) {
  std::array<unsigned char, 16> bytes{};
  std::size_t at = 0;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const std::uint8_t value = kValueOf[static_cast<unsigned char>(c)];
    if (value == kForeign) return std::nullopt;
    bits = bits << 6U | value;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes[at++] = static_cast<unsigned char>(bits >> held & 255U);
    }
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;
  Bits128 id;
  for (unsigned i = 0; i < 8; ++i) {
    id.hi = id.hi << 8U | bytes[i];
    id.lo = id.lo << 8U | bytes[8 + i];
  }
  return id;
}

using Token = std::array<char, kTokenChars>;

// HMAC-SHA256 that has taken in its key. HMAC() looks its algorithms up and takes in the key at
// each call, which is five times the work of a tag; so each thread keeps the last key it used.
class KeyedHmac {
 public:
  using Tag = std::array<unsigned char, 32>;

  static KeyedHmac& of(const HmacBuyerTokens::Key& key) {
    thread_local KeyedHmac mine;
    if (!mine.keyed_ || mine.key_ != key) mine.take_in(key);
    return mine;
  }

  Tag tag_of(std::string_view text) {
    Tag tag{};
    std::size_t size = 0;
    const bool done =
        EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1 &&
        EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(text.data()),
                       text.size()) == 1 &&
        EVP_MAC_final(context_.get(), tag.data(), &size, tag.size()) == 1;
    check(done && size == tag.size(), "HMAC-SHA256 failed");
    return tag;
  }

  ~KeyedHmac() { OPENSSL_cleanse(key_.data(), key_.size()); }
  KeyedHmac(const KeyedHmac&) = delete;
  KeyedHmac& operator=(const KeyedHmac&) = delete;

 private:
  struct Free {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
  };

  KeyedHmac() {
    EVP_MAC* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    context_.reset(EVP_MAC_CTX_new(hmac));
    EVP_MAC_free(hmac);
    check(context_ != nullptr, "there is no HMAC");
  }

  void take_in(const HmacBuyerTokens::Key& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};
    keyed_ = EVP_MAC_init(context_.get(), key.data(), key.size(), parameters) == 1;
    check(keyed_, "HMAC-SHA256 takes no key");
    key_ = key;
  }

  std::unique_ptr<EVP_MAC_CTX, Free> context_;
  HmacBuyerTokens::Key key_{};
  bool keyed_ = false;
};

// The token whose signed part this is.
Token token_of(std::string_view signed_part, const HmacBuyerTokens::Key& key) {
  Token token;
  char* at = std::copy(signed_part.begin(), signed_part.end(), token.data());
  const KeyedHmac::Tag tag = KeyedHmac::of(key).tag_of(signed_part);
  *at++ = '.';
  put_base64url(at, tag.data(), tag.size());
  return token;
}

}  // namespace

std::string HmacBuyerTokens::issue(BuyerId buyer) const {
  std::array<char, kSignedChars> signed_part;
  const auto id = bytes_of(buyer.bits);
  put_base64url(std::copy(kPrefix.begin(), kPrefix.end(), signed_part.data()), id.data(),
                id.size());
  const Token token = token_of({signed_part.data(), signed_part.size()}, key_);
  return {token.data(), token.size()};
}

std::optional<BuyerId> HmacBuyerTokens::verify(std::string_view token) const {
  if (token.size() != kTokenChars || !token.starts_with(kPrefix)) return std::nullopt;
  const Token expected = token_of(token.substr(0, kSignedChars), key_);
  if (!equal_in_constant_time({expected.data(), expected.size()}, token)) return std::nullopt;
  const auto id = parse_id(token.substr(kPrefix.size(), kIdChars));
  if (!id) return std::nullopt;
  return BuyerId{*id};
}

HmacBuyerTokens::Key random_key() {
  HmacBuyerTokens::Key key{};
  check(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1, "no randomness for a key");
  return key;
}

}  // namespace onsale
