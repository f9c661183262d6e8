// SPDX-License-Identifier: Apache-2.0
// Where fields of an event stand in Backstage's AuditorEvent
// (@backstage/backend-defaults, auditor); what has no place there stands in `meta`.
#pragma once

#include "event/fields.h"

#include <array>
#include <string_view>

namespace tally::sink {

struct BackstagePlace {
  event::Field field;
  std::string_view object;  ///< "actor", "request", "error"; empty: the event itself
  std::string_view member;
};

inline constexpr std::array kBackstagePlaces{
    BackstagePlace{event::Field::event_name, "", "eventId"},
    BackstagePlace{event::Field::severity_level, "", "severityLevel"},
    BackstagePlace{event::Field::actor_id, "actor", "actorId"},
    BackstagePlace{event::Field::actor_ip, "actor", "ip"},
    BackstagePlace{event::Field::actor_user_agent, "actor", "userAgent"},
    BackstagePlace{event::Field::api_endpoint, "request", "url"},
    BackstagePlace{event::Field::http_method, "request", "method"},
    BackstagePlace{event::Field::status, "", "status"},
    BackstagePlace{event::Field::error_message, "error", "message"},
};

}  // namespace tally::sink
