#include "auth/login_ticket.hpp"

#include "auth/actor.hpp"
#include "auth/admin_key.hpp"
#include "auth/ascii.hpp"
#include "auth/base62.hpp"
#include "auth/error.hpp"
#include "auth/json_text.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::string_view kContext = "kwikgate login ticket 1\n";
constexpr std::size_t kNonceDigits = 22;
constexpr std::size_t kMostBytes = 200;

std::string mac_of(const MasterKey& key, std::string_view body) {
    return key.mac(std::string(kContext) + std::string(body));
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Everything before the first dot, taken off `rest`.
std::string_view take_part(std::string_view& rest) {
    const std::size_t dot = std::min(rest.find('.'), rest.size());
    const std::string_view part = rest.substr(0, dot);
    rest.remove_prefix(std::min(dot + 1, rest.size()));
    return part;
}

}  // namespace

ServiceResult<SecretString> issue_login_ticket(store::Store& store, const MasterKey& key,
                                               std::string_view key_id, std::string_view actor,
                                               const TokenService::Clock& clock) {
    if (!is_valid_actor(actor)) return service_error(Errc::invalid_actor);
    const auto record = read_admin_key(store, key_id);
    if (!record) return record.error();
    std::string nonce(kNonceDigits, '0');
    if (!put_random_base62(nonce)) return service_error(Errc::crypto_failure);
    const store::Timestamp now = clock();
    const auto written = store.write([&](store::Write& write) -> store::Result<void> {
        return write.append_audit({0, now, std::string(actor), "admin_key.login_link", "", "",
                                   JsonObject()
                                       .text("id", record->id)
                                       .text("name", record->name)
                                       .text("role", record->role)
                                       .to_string()});
    });
    if (!written) return service_error(written.error());
    const std::string body =
        record->id + "." + std::to_string(now.time_since_epoch().count()) + "." + nonce;
    return SecretString(body + "." + mac_of(key, body));
}

std::optional<LoginTicket> open_login_ticket(const MasterKey& key, std::string_view text) {
    const std::size_t end = text.rfind('.');
    if (text.size() > kMostBytes || end == std::string_view::npos) return std::nullopt;
    std::string_view body = text.substr(0, end);
    if (!constant_time_equal(bytes_of(text.substr(end + 1)), bytes_of(mac_of(key, body))))
        return std::nullopt;
    LoginTicket ticket;
    ticket.key_id = take_part(body);
    const std::string_view time = take_part(body);
    std::int64_t milliseconds = 0;
    if (!read_decimal(time, milliseconds)) return std::nullopt;
    ticket.issued_at = store::Timestamp(std::chrono::milliseconds(milliseconds));
    ticket.nonce = body;
    return ticket;
}

}  // namespace kwikgate::auth
