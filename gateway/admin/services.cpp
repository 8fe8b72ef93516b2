#include "gateway/admin/services.hpp"

#include <stdexcept>

#include "auth/error.hpp"
#include "gateway/telemetry/log.hpp"
#include "store/error.hpp"

namespace kwikgate::gateway::admin {
namespace {

struct Row {
    boost::system::error_code code;
    unsigned status;
    std::string_view token;
};

const std::vector<Row>& rows() {
    using auth::Errc;
    static const std::vector<Row> rows = {
        {store::Errc::not_found, 404, "not_found"},
        {store::Errc::version_conflict, 412, "version_conflict"},
        {store::Errc::already_exists, 409, "already_exists"},
        {store::Errc::invalid_argument, 422, "invalid_argument"},
        {Errc::invalid_name, 422, "invalid_name"},
        {Errc::invalid_section, 422, "invalid_section"},
        {Errc::no_sections, 422, "no_sections"},
        {Errc::invalid_account, 422, "invalid_account"},
        {Errc::invalid_expiry, 422, "invalid_expiry"},
        {Errc::invalid_address_range, 422, "invalid_address_range"},
        {Errc::invalid_origin, 422, "invalid_origin"},
        {Errc::invalid_rate, 422, "invalid_rate"},
        {Errc::invalid_credential, 422, "invalid_credential"},
        {Errc::crypto_failure, 503, "crypto_failure"},
    };
    return rows;
}

}  // namespace

AdminResponse service_problem(const auth::ServiceError& error) {
    for (const Row& row : rows())
        if (row.code == error.code) return problem(row.status, row.token, error.detail);
    return store_problem(error.code);
}

AdminResponse store_problem(const boost::system::error_code& error) {
    log_error("admin API: " + error.message());
    AdminResponse response = problem(503, "store_unavailable", error.message());
    response.set("Retry-After", "1");
    return response;
}

store::Reader make_reader(store::Store& store) {
    auto reader = store.reader();
    if (!reader) throw std::runtime_error("admin: " + reader.error().message());
    return std::move(*reader);
}

}  // namespace kwikgate::gateway::admin
