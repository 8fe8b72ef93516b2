#include "gateway/admin/sessions.hpp"

#include <algorithm>

#include "auth/base62.hpp"
#include "auth/signature/sha2.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::size_t kNameBytes = 43;

}  // namespace

Sessions::Digest Sessions::digest_of(std::string_view name) {
    Digest digest{};
    auth::Sha256 hash;
    hash.update(name);
    hash.finish(digest);
    return digest;
}

bool Sessions::has_ended(const Session& session, store::Timestamp now) const {
    return now >= session.expires_at || now - session.used_at >= idle_;
}

void Sessions::make_room(store::Timestamp now) {
    std::erase_if(sessions_, [&](const auto& entry) { return has_ended(entry.second, now); });
    if (sessions_.size() < kMost) return;
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; }));
}

auth::SecretString Sessions::open(std::string key_id, store::Timestamp now) {
    std::string name(kNameBytes, '0');
    if (!auth::put_random_base62(name)) return {};
    make_room(now);
    sessions_[digest_of(name)] = {std::move(key_id), now + lifetime_, now};
    return auth::SecretString(std::move(name));
}

const Sessions::Session* Sessions::find(std::string_view name, store::Timestamp now) {
    const auto found = sessions_.find(digest_of(name));
    if (found == sessions_.end()) return nullptr;
    if (has_ended(found->second, now)) {
        sessions_.erase(found);
        return nullptr;
    }
    found->second.used_at = now;
    return &found->second;
}

void Sessions::close(std::string_view name) {
    sessions_.erase(digest_of(name));
}

}  // namespace kwikgate::gateway::admin
