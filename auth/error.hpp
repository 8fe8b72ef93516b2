#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>

namespace kwikgate::auth {

/// What can go wrong while managing tokens. A refused request is a `Decision`, never one of these.
enum class Errc {
    ok = 0,
    master_key_unreadable,
    master_key_permissions,
    master_key_malformed,
    master_key_exists,
    invalid_name,
    invalid_section,  ///< Not in the catalogue.
    no_sections,
    invalid_account,
    invalid_expiry,
    invalid_address_range,
    invalid_origin,
    invalid_rate,
    invalid_credential,  ///< An imported credential breaks the limits.
    invalid_import,
    invalid_actor,
    crypto_failure,  ///< OpenSSL or the random generator failed.
};

const boost::system::error_category& auth_category() noexcept;
boost::system::error_code make_error_code(Errc value) noexcept;

template <class T>
using Result = boost::system::result<T>;

}  // namespace kwikgate::auth

namespace boost::system {
template <>
struct is_error_code_enum<kwikgate::auth::Errc> : std::true_type {};
}  // namespace boost::system
