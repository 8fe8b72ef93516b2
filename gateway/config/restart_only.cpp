#include "gateway/config/restart_only.hpp"

#include <array>
#include <string_view>

namespace kwikgate::gateway {
namespace {

struct Check {
    std::string_view key;
    bool (*is_same)(const Config& a, const Config& b);
};

constexpr std::array kChecks{
    Check{"workers", [](const Config& a, const Config& b) { return a.workers == b.workers; }},
    Check{"io_backend",
          [](const Config& a, const Config& b) { return a.io_backend == b.io_backend; }},
    Check{"store.path",
          [](const Config& a, const Config& b) { return a.store.path == b.store.path; }},
    Check{"store.master_key_file",
          [](const Config& a, const Config& b) {
              return a.store.master_key_file == b.store.master_key_file;
          }},
    Check{"store.map_size",
          [](const Config& a, const Config& b) { return a.store.map_bytes == b.store.map_bytes; }},
    Check{"limits.request_line",
          [](const Config& a, const Config& b) {
              return a.limits.request_line_bytes == b.limits.request_line_bytes;
          }},
    Check{"limits.header",
          [](const Config& a, const Config& b) {
              return a.limits.header_bytes == b.limits.header_bytes;
          }},
    Check{"limits.header_fields",
          [](const Config& a, const Config& b) {
              return a.limits.header_fields == b.limits.header_fields;
          }},
    Check{"limits.held_body",
          [](const Config& a, const Config& b) {
              return a.limits.held_body_bytes == b.limits.held_body_bytes;
          }},
    Check{"limits.response_header",
          [](const Config& a, const Config& b) {
              return a.limits.response_header_bytes == b.limits.response_header_bytes;
          }},
    Check{"limits.response_header_fields",
          [](const Config& a, const Config& b) {
              return a.limits.response_header_fields == b.limits.response_header_fields;
          }},
    Check{"limits.relay_buffer",
          [](const Config& a, const Config& b) {
              return a.limits.relay_buffer_bytes == b.limits.relay_buffer_bytes;
          }},
    Check{"address_limit.table_entries",
          [](const Config& a, const Config& b) {
              return a.address_limit.table_entries == b.address_limit.table_entries;
          }},
    Check{"address_limit.enabled",
          [](const Config& a, const Config& b) {
              return a.address_limit.enabled == b.address_limit.enabled;
          }},
    Check{"address_limit.failures_per_minute",
          [](const Config& a, const Config& b) {
              return a.address_limit.failures_per_minute == b.address_limit.failures_per_minute;
          }},
    Check{"address_limit.burst",
          [](const Config& a, const Config& b) {
              return a.address_limit.burst == b.address_limit.burst;
          }},
    Check{"address_limit.exempt",
          [](const Config& a, const Config& b) {
              return a.address_limit.exempt == b.address_limit.exempt;
          }},
    Check{"replay.entries",
          [](const Config& a, const Config& b) { return a.replay.entries == b.replay.entries; }},
    Check{"replay.state_file",
          [](const Config& a, const Config& b) {
              return a.replay.state_file == b.replay.state_file;
          }},
    Check{"admin", [](const Config& a, const Config& b) { return a.admin == b.admin; }},
    Check{"health", [](const Config& a, const Config& b) { return a.health == b.health; }},
};

}  // namespace

std::string changed_restart_only_key(const Config& running, const Config& next) {
    for (const Check& check : kChecks)
        if (!check.is_same(running, next)) return std::string(check.key);
    return {};
}

}  // namespace kwikgate::gateway
