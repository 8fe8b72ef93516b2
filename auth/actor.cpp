#include "auth/actor.hpp"

#include <algorithm>

namespace kwikgate::auth {

bool is_valid_actor(std::string_view actor) {
    constexpr std::size_t kMaxActorBytes = 128;
    return !actor.empty() && actor.size() <= kMaxActorBytes &&
           std::all_of(actor.begin(), actor.end(),
                       [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7f'; });
}

}  // namespace kwikgate::auth
