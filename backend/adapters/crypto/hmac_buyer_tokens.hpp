// Buyer tokens by HMAC-SHA256 (RFC 2104) with OpenSSL; why not a JWT: one algorithm, one form,
// nothing to negotiate (docs/adr). The key is 32 random bytes kept in the data folder, mode 0600.
#pragma once

#include <array>
#include <string>

#include "base/result.hpp"
#include "ports/buyer_tokens.hpp"

namespace onsale {

class HmacBuyerTokens final : public BuyerTokens {
 public:
  using Key = std::array<unsigned char, 32>;
  explicit HmacBuyerTokens(const Key& key) : key_(key) {}

  [[nodiscard]] std::string issue(BuyerId buyer) const override;
  [[nodiscard]] std::optional<BuyerId> verify(std::string_view token) const override;

 private:
  Key key_;
};

// 32 fresh bytes from the operating system.
HmacBuyerTokens::Key random_key();

}  // namespace onsale
