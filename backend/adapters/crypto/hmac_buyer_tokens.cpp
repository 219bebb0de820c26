// Token form: "v1." + 22 characters of id + "." + 43 characters of tag, base64url without padding
// (RFC 4648 section 5). A token has exactly that length; the tag covers the text before its dot.
#include "adapters/crypto/hmac_buyer_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include "base/assert.hpp"

namespace onsale {
namespace {

constexpr std::string_view kPrefix = "v1.";
constexpr std::size_t kIdChars = 22;
constexpr std::size_t kTagChars = 43;
constexpr std::size_t kSignedChars = kPrefix.size() + kIdChars;
constexpr std::size_t kTokenChars = kSignedChars + 1 + kTagChars;
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

void append_base64url(std::string& out, const unsigned char* bytes, std::size_t size) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bits = bits << 8U | bytes[i];
    held += 8;
    while (held >= 6) {
      held -= 6;
      out.push_back(kAlphabet[bits >> held & 63U]);
    }
  }
  if (held > 0) out.push_back(kAlphabet[bits << (6 - held) & 63U]);
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
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6U | static_cast<std::uint32_t>(value);
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

void append_tag(std::string& token, const HmacBuyerTokens::Key& key) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> tag{};
  unsigned size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(token.data()), token.size(), tag.data(), &size);
  check(done != nullptr && size == 32, "HMAC-SHA256 failed");
  token.push_back('.');
  append_base64url(token, tag.data(), 32);
}

}  // namespace

std::string HmacBuyerTokens::issue(BuyerId buyer) const {
  std::string token{kPrefix};
  token.reserve(kTokenChars);
  const auto id = bytes_of(buyer.bits);
  append_base64url(token, id.data(), id.size());
  append_tag(token, key_);
  return token;
}

std::optional<BuyerId> HmacBuyerTokens::verify(std::string_view token) const {
  if (token.size() != kTokenChars || !token.starts_with(kPrefix)) return std::nullopt;
  std::string expected{token.substr(0, kSignedChars)};
  append_tag(expected, key_);
  if (!equal_in_constant_time(expected, token)) return std::nullopt;
  const auto id = parse_id(token.substr(kPrefix.size(), kIdChars));
  if (!id) return std::nullopt;
  return BuyerId{*id};
}

HmacBuyerTokens::Key random_key() {
  HmacBuyerTokens::Key key{};
  check(RAND_bytes(key.data(), static_cast<int>(key.size())) == 1, "no randomness for a key");
  return key;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace onsale
