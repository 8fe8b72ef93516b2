#include "auth/vocabulary.hpp"

namespace kwikgate::auth {

std::string_view to_token(TokenStatus status) {
    return status == TokenStatus::live ? "live" : "disabled";
}

std::string_view to_token(Environment environment) {
    return environment == Environment::test ? "test" : "live";
}

std::string_view to_token(Scheme scheme) {
    switch (scheme) {
        case Scheme::basic:
            return "basic";
        case Scheme::signature:
            return "signature";
        case Scheme::public_key:
            return "public_key";
    }
    return "unknown";
}

std::string_view to_token(Access access) {
    return access == Access::write ? "write" : "read";
}

std::string_view to_token(Phase phase) {
    switch (phase) {
        case Phase::framing:
            return "framing";
        case Phase::address_limit:
            return "address_limit";
        case Phase::route:
            return "route";
        case Phase::authenticate:
            return "authenticate";
        case Phase::replay:
            return "replay";
        case Phase::status:
            return "status";
        case Phase::address:
            return "address";
        case Phase::environment:
            return "environment";
        case Phase::section:
            return "section";
        case Phase::permission:
            return "permission";
        case Phase::rate_limit:
            return "rate_limit";
        case Phase::body:
            return "body";
        case Phase::nonce:
            return "nonce";
        case Phase::upstream:
            return "upstream";
        case Phase::deliver:
            return "deliver";
    }
    return "unknown";
}

}  // namespace kwikgate::auth
