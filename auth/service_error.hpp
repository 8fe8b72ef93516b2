#pragma once

#include <boost/assert/source_location.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>

namespace kwikgate::auth {

/// A refused change: what, and about which value.
struct ServiceError {
    boost::system::error_code code;
    std::string detail;  ///< A whole sentence, ready to show.
};

/// Called by boost::system::result when a value is asked of a failure: a bug of ours.
[[noreturn]] void throw_exception_from_error(const ServiceError& error,
                                             const boost::source_location& where);

template <class T>
using ServiceResult = boost::system::result<T, ServiceError>;

/// An error whose own message says enough.
ServiceError service_error(boost::system::error_code code);

}  // namespace kwikgate::auth
