// The reservation's calls. Each acts on the caller's own holds only.
#pragma once

#include "api/call.hpp"
#include "runtime/task.hpp"
#include "services/order/direct_sale.hpp"
#include "services/reservation/reservation_service.hpp"

namespace onsale::api {

class ReservationRoutes {
 public:
  // `direct_confirm`: buyers may sell themselves a held seat without paying (holds.direct_confirm).
  ReservationRoutes(ReservationService& service, DirectSale& direct_sale, bool direct_confirm)
      : service_(service), direct_sale_(direct_sale), direct_confirm_(direct_confirm) {}

  Task<void> hold(Call call) const;
  Task<void> list_holds(Call call) const;
  Task<void> extend(Call call) const;
  Task<void> release(Call call) const;
  Task<void> confirm(Call call) const;

 private:
  ReservationService& service_;
  DirectSale& direct_sale_;
  const bool direct_confirm_;
};

}  // namespace onsale::api
