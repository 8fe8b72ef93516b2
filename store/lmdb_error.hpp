#pragma once

#include "store/error.hpp"

namespace kwikgate::store {

/// What LMDB or the operating system returned, in our words.
Errc to_errc(int code) noexcept;

}  // namespace kwikgate::store
