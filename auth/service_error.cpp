#include "auth/service_error.hpp"

#include <stdexcept>

namespace kwikgate::auth {

void throw_exception_from_error(const ServiceError& error, const boost::source_location& where) {
    throw std::logic_error("a refused change was taken for a done one at " +
                           std::string(where.file_name()) + ":" + std::to_string(where.line()) +
                           ": " + error.detail);
}

ServiceError service_error(boost::system::error_code code) {
    return {code, code.message()};
}

}  // namespace kwikgate::auth
