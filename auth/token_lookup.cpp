#include "auth/token_service.hpp"

namespace kwikgate::auth {

ServiceResult<store::TokenRecord> TokenService::find(std::string_view id_or_key) {
    const ServiceError missing{store::Errc::not_found, "There is no such token."};
    if (id_or_key.empty() || id_or_key.size() > store::kMaxCredentialBytes) return missing;
    auto reader = store_.reader();
    if (!reader) return service_error(reader.error());
    auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    auto found = snapshot->token_by_id(id_or_key);
    if (found && !*found) found = snapshot->token_by_key(id_or_key);
    if (!found) return service_error(found.error());
    if (!*found) return missing;
    return (*found)->to_record();
}

ServiceResult<std::vector<store::TokenRecord>> TokenService::list() {
    auto reader = store_.reader();
    if (!reader) return service_error(reader.error());
    auto snapshot = reader->snapshot();
    if (!snapshot) return service_error(snapshot.error());
    std::vector<store::TokenRecord> tokens;
    const auto visited = snapshot->for_each_token({}, [&](const store::TokenView& view) {
        tokens.push_back(view.to_record());
        return true;
    });
    if (!visited) return service_error(visited.error());
    return tokens;
}

}  // namespace kwikgate::auth
