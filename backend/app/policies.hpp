// From the settings to the options of each part: shared by every form of the office.
#pragma once

#include <string>

#include "adapters/mock_provider/mock_provider.hpp"
#include "api/api.hpp"
#include "api/sse/fan_out_pump.hpp"
#include "app/config.hpp"
#include "app/data_folder.hpp"
#include "runtime/http/server.hpp"
#include "services/order/order_service.hpp"
#include "services/payment/payment_service.hpp"
#include "services/reservation/reservation_service.hpp"

namespace onsale::app {

http::ServerOptions server_options(const Config& config);
MockProviderOptions provider_options(const Config& config);
HoldPolicy hold_policy(const Config& config);
PaymentPolicy payment_policy(const Config& config);
OrderPolicy order_policy(const Config& config);
api::ApiOptions api_options(const Config& config, std::string credential);
sse::FanOutLimits fan_out_limits(const Config& config);

// Where a listening server is reached from this machine.
Endpoints endpoints_of(const Config& config, const http::Server& server);

// Of a process that plays roles: the seats are told of by the reservation role, and only the roles'
// own routes answer.
OrderPolicy scaled_order_policy(const Config& config);
api::ApiOptions role_options(const Config& config, std::string credential);

}  // namespace onsale::app
