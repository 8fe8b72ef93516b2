#include "auth/error.hpp"

#include <string>

namespace kwikgate::auth {
namespace {

const char* describe(Errc value) {
    switch (value) {
        case Errc::ok:
            return "no error";
        case Errc::master_key_unreadable:
            return "the master key file cannot be read: is it there, and may this user read it?";
        case Errc::master_key_permissions:
            return "the master key file must be a regular file that only its owner may read (0600)";
        case Errc::master_key_malformed:
            return "the master key file must hold 64 hexadecimal digits and a newline";
        case Errc::master_key_exists:
            return "the master key file exists already and is not overwritten";
        case Errc::invalid_name:
            return "the name must have 1 to 100 characters and no control characters";
        case Errc::invalid_section:
            return "the section is not in the catalogue";
        case Errc::no_sections:
            return "a token needs at least one section";
        case Errc::invalid_account:
            return "the account must be at most 128 printable ASCII characters";
        case Errc::invalid_expiry:
            return "the time must be in the future";
        case Errc::invalid_address_range:
            return "the address must be IPv4 or IPv6, with or without a prefix length";
        case Errc::invalid_origin:
            return "the origin must be scheme://host or scheme://host:port";
        case Errc::invalid_rate:
            return "the rate must be 1 to 1000000 requests per second";
        case Errc::invalid_credential:
            return "a credential must have 8 to 255 visible ASCII characters, a key no colon";
        case Errc::invalid_import:
            return "the item cannot be imported";
        case Errc::invalid_actor:
            return "the actor must have 1 to 128 visible characters";
        case Errc::crypto_failure:
            return "the cryptographic library failed";
    }
    return "unknown error";
}

// Boost's category has a protected destructor that is not virtual: nobody deletes one through it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wnon-virtual-dtor"
class AuthCategory final : public boost::system::error_category {
  public:
    const char* name() const noexcept override { return "kwikgate.auth"; }
    std::string message(int value) const override { return describe(static_cast<Errc>(value)); }
};
#pragma GCC diagnostic pop

}  // namespace

const boost::system::error_category& auth_category() noexcept {
    static const AuthCategory category;
    return category;
}

boost::system::error_code make_error_code(Errc value) noexcept {
    return {static_cast<int>(value), auth_category()};
}

}  // namespace kwikgate::auth
