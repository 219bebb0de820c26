// Who is asking: the buyer behind a request, from `Authorization: Bearer` or the cookie.
//
// A token that is not valid is an error, never a new buyer; a request without one gets a new buyer
// only where it changes something. Verifying costs half a microsecond, so each thread remembers the
// tokens it issued or verified last, by their whole text: a forged token never equals a remembered
// one.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/ids.hpp"
#include "ports/buyer_tokens.hpp"
#include "ports/clock.hpp"
#include "runtime/http/message.hpp"

namespace onsale::api {

class Identity {
 public:
  Identity(const BuyerTokens& tokens, IdSource& ids) : tokens_(tokens), ids_(ids) {}

  struct Who {
    bool valid = true;             // false: a token was sent and is not ours
    std::optional<BuyerId> buyer;  // nullopt: no token was sent
  };
  // `ignore_authorization`: the header carries the internal credential, look at the cookie only.
  [[nodiscard]] Who ask(const http::Request& request, bool ignore_authorization) const;

  // A new buyer; tells the client by Set-Cookie and Buyer-Token.
  BuyerId welcome(http::Response& response) const;

  // Has a browser drop a cookie that proves nothing: its page cannot, and every call would fail.
  static void dismiss(http::Response& response);

 private:
  [[nodiscard]] std::optional<BuyerId> verify(std::string_view token) const;
  static std::uint64_t next_serial();
  void remember(std::string_view token, BuyerId buyer) const;

  const BuyerTokens& tokens_;
  IdSource& ids_;
  const std::uint64_t serial_ = next_serial();  // whose tokens a thread remembers
};

// The credentials of `Authorization: Bearer x`; nullopt if there is no such header of that scheme.
std::optional<std::string_view> bearer_of(const http::Request& request);

}  // namespace onsale::api
