#include "gateway/admin/sessions.hpp"

#include <algorithm>

#include "auth/base62.hpp"
#include "auth/signature/sha2.hpp"

namespace kwikgate::gateway::admin {
namespace {

constexpr std::size_t kHalfBytes = 43;

}  // namespace

Sessions::Digest Sessions::digest_of(std::string_view half) {
    Digest digest{};
    auth::Sha256 hash;
    hash.update(half);
    hash.finish(digest);
    return digest;
}

bool Sessions::has_ended(const Session& session, store::Timestamp now) const {
    return now >= session.expires_at || now - session.used_at >= idle_;
}

void Sessions::make_room(std::string_view key_id, store::Timestamp now) {
    std::erase_if(sessions_,
                  [&](const auto& entry) { return has_ended(entry.second.session, now); });
    const auto is_own = [&](const auto& entry) { return entry.second.session.key_id == key_id; };
    const auto own = std::count_if(sessions_.begin(), sessions_.end(), is_own);
    const bool gives_own = own >= static_cast<std::ptrdiff_t>(kMostOfKey);
    if (!gives_own && sessions_.size() < kMost) return;
    auto unused = sessions_.end();
    for (auto at = sessions_.begin(); at != sessions_.end(); ++at) {
        if (gives_own && !is_own(*at)) continue;
        const bool is_older = unused == sessions_.end() ||
                              at->second.session.used_at < unused->second.session.used_at;
        if (is_older) unused = at;
    }
    sessions_.erase(unused);
}

Sessions::Opened Sessions::open(std::string key_id, store::Timestamp now) {
    std::string cookie(kHalfBytes, '0');
    std::string page(kHalfBytes, '0');
    if (!auth::put_random_base62(cookie) || !auth::put_random_base62(page)) return {};
    make_room(key_id, now);
    sessions_[digest_of(cookie)] = {{std::move(key_id), now + lifetime_, now}, digest_of(page)};
    return {auth::SecretString(std::move(cookie)), auth::SecretString(std::move(page))};
}

Sessions::Entries::iterator Sessions::look_up(const SessionHalves& halves) {
    const auto found = sessions_.find(digest_of(halves.cookie));
    if (found == sessions_.end()) return found;
    const Digest page = digest_of(halves.page);
    return auth::constant_time_equal(found->second.page, page) ? found : sessions_.end();
}

const Sessions::Session* Sessions::find(const SessionHalves& halves, store::Timestamp now) {
    const auto found = look_up(halves);
    if (found == sessions_.end()) return nullptr;
    Session& session = found->second.session;
    if (has_ended(session, now)) {
        sessions_.erase(found);
        return nullptr;
    }
    session.used_at = now;
    return &session;
}

void Sessions::close(const SessionHalves& halves) {
    const auto found = look_up(halves);
    if (found != sessions_.end()) sessions_.erase(found);
}

}  // namespace kwikgate::gateway::admin
