// The order's calls, and the internal one that asks for a payment.
#pragma once

#include "api/call.hpp"
#include "ports/catalogue.hpp"
#include "runtime/task.hpp"
#include "services/order/order_service.hpp"

namespace onsale::api {

class OrderRoutes {
 public:
  OrderRoutes(OrderService& service, const Catalogue& catalogue)
      : service_(service), catalogue_(catalogue) {}

  Task<void> place(Call call) const;
  Task<void> get(Call call) const;
  Task<void> list(Call call) const;
  Task<void> authorize(Call call) const;

 private:
  OrderService& service_;
  const Catalogue& catalogue_;
};

}  // namespace onsale::api
