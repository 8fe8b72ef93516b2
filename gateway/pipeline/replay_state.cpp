#include "gateway/pipeline/replay_state.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <string>
#include <system_error>

#include "auth/time_text.hpp"
#include "gateway/telemetry/log.hpp"
#include "store/owner.hpp"

namespace kwikgate::gateway {
namespace {

using auth::ReplayGuard;
using auth::Timestamp;
using std::chrono::milliseconds;

constexpr std::string_view kServedName = "served";
constexpr std::string_view kWindowName = "signature.window";

/// The freshness that was last in force here, kept in the store: a restart may come with another.
struct Window {
    milliseconds max_age{0};
    milliseconds max_ahead{0};
    Timestamp created_until{};  ///< A wider `max_ahead` before let in signatures up to here.
};

std::string to_text(const Window& window) {
    return std::to_string(window.max_age.count()) + " " + std::to_string(window.max_ahead.count()) +
           " " + std::to_string(window.created_until.time_since_epoch().count());
}

std::optional<Window> parse_window(std::string_view text) {
    std::int64_t values[3] = {};
    const char* at = text.data();
    const char* const end = at + text.size();
    for (std::int64_t& value : values) {
        while (at != end && *at == ' ') ++at;
        const auto [next, error] = std::from_chars(at, end, value);
        if (error != std::errc{}) return std::nullopt;
        at = next;
    }
    if (at != end) return std::nullopt;
    return Window{milliseconds(values[0]), milliseconds(values[1]),
                  Timestamp(milliseconds(values[2]))};
}

struct Past {
    std::optional<Window> window;
    bool is_known = false;  ///< The store could be read.
    bool has_served = false;
};

Past read_past(store::Store& store) {
    Past past;
    auto reader = store.reader();
    if (!reader) return past;
    const auto snapshot = reader->snapshot();
    if (!snapshot) return past;
    const auto served = snapshot->meta(kServedName);
    const auto window = snapshot->meta(kWindowName);
    past.is_known = served.has_value() && window.has_value();
    past.has_served = past.is_known && served->has_value();
    if (past.is_known && window->has_value()) past.window = parse_window(**window);
    return past;
}

Window next_window(const std::optional<Window>& before, const SignatureConfig& config,
                   Timestamp now) {
    Window next{config.max_age, config.max_ahead, {}};
    if (!before) return next;
    next.created_until = before->created_until;
    if (before->max_ahead > config.max_ahead)
        next.created_until = std::max(next.created_until, now + before->max_ahead);
    return next;
}

store::Result<void> remember(store::Store& store, const Past& past, const SignatureConfig& config,
                             Timestamp now, const AlsoWrite& also = {}) {
    const auto& before = past.window;
    const bool is_same =
        before && before->max_age == config.max_age && before->max_ahead == config.max_ahead;
    const bool stays = is_same && past.has_served;
    if (stays && !also) return {};  // A start that changes nothing waits for no disk.
    const std::string text = to_text(next_window(before, config, now));
    return store.write([&](store::Write& write) -> store::Result<void> {
        if (also)
            if (auto done = also(write); !done) return done;
        if (stays) return {};
        if (auto put = write.put_meta(kServedName, "1"); !put) return put;
        return write.put_meta(kWindowName, text);
    });
}

/// Nonces were remembered for the old window: what is older may be forgotten, and the longer one
/// would accept it again.
void distrust_older_than(ReplayGuard& guard, const std::optional<Window>& before,
                         milliseconds max_age, Timestamp now) {
    if (before && before->max_age < max_age) guard.distrust_created_until(now - before->max_age);
}

void say_lost(Timestamp until) {
    log_warn("replay state is lost: writes signed up to " + auth::to_text(until) +
             " are answered 503 replay_state_lost");
}

void distrust_the_past(ReplayGuard& guard, const std::optional<Window>& before,
                       const Config& config, Timestamp now) {
    if (config.replay.after_crash == AfterCrash::accept) {
        log_warn("replay state is lost; replay.after_crash is accept: earlier signatures pass");
        return;
    }
    milliseconds ahead = config.signature.max_ahead;
    if (before) ahead = std::max(ahead, before->max_ahead);
    Timestamp until = now + ahead;
    if (before) until = std::max(until, before->created_until);
    guard.distrust_created_until(until);
    say_lost(until);
}

/// A file that cannot be used now and could be later, when somebody has mended it, would pass for
/// the state of a clean end that it is not.
void set_aside(const std::filesystem::path& place, const std::filesystem::path& file,
               ReplayGuard::LoadOutcome outcome) {
    std::filesystem::path aside = place;
    aside += ".unusable";
    std::error_code error;
    std::filesystem::rename(place, aside, error);
    const bool is_foreign = outcome == ReplayGuard::LoadOutcome::foreign;
    log_warn("replay state in " + file.string() +
             (is_foreign ? " is not of the gateway that served from this store last"
                         : " cannot be used") +
             (error ? std::string() : " and is set aside as " + file.string() + ".unusable"));
}

/// Takes the file as whoever owns its directory.
ReplayGuard::LoadOutcome take_file(ReplayGuard& guard, const std::filesystem::path& file,
                                   const std::optional<auth::ReplayLife>& life, Timestamp now) {
    using Outcome = ReplayGuard::LoadOutcome;
    const auto as_owner = store::AsOwner::of(file.parent_path());
    if (!as_owner)
        return as_owner.error() == store::Errc::not_a_store ? Outcome::absent : Outcome::unreadable;
    const std::filesystem::path place = as_owner->directory() / file.filename();
    const Outcome outcome = guard.load(place, life, now);
    if (outcome != Outcome::loaded && outcome != Outcome::absent) set_aside(place, file, outcome);
    return outcome;
}

}  // namespace

store::Result<void> restore_replay_state(store::Store& store, auth::ReplayGuard& guard,
                                         const Config& config, store::ServeLock& lock,
                                         auth::Timestamp now) {
    using Outcome = ReplayGuard::LoadOutcome;
    const Past past = read_past(store);
    const Outcome outcome = take_file(guard, config.replay.state_file, lock.life(), now);
    if (const auto begun = lock.begin_life(); !begun)
        log_warn("serve.lock of the store cannot be written (" + begun.error().message() +
                 "): at the end no replay state is saved");
    if (outcome == Outcome::loaded) {
        distrust_older_than(guard, past.window, config.signature.max_age, now);
        // As of a crash before the clean end, while a signature from then would be fresh.
        if (guard.distrusted_until() > now - config.signature.max_age)
            say_lost(guard.distrusted_until());
    } else if (outcome != Outcome::absent || !past.is_known || past.has_served) {
        distrust_the_past(guard, past.window, config, now);
    }
    // Else nothing was ever served: there is no past in which a nonce could have been used.
    return remember(store, past, config.signature, now);
}

void save_replay_state(const auth::ReplayGuard& guard, const Config& config,
                       const store::ServeLock& lock, auth::Timestamp now) {
    if (!lock.life()) return;  // Told at the start.
    if (!lock.is_ours())
        return log_error(
            "replay state is not saved: serve.lock of the store was removed or replaced, and "
            "another gateway may have served");
    const std::filesystem::path& file = config.replay.state_file;
    const auto as_owner = store::AsOwner::of(file.parent_path());
    const auto error = as_owner
                           ? guard.save(as_owner->directory() / file.filename(), lock.life(), now)
                           : as_owner.error();
    if (error) log_error("replay state cannot be saved: " + error.message());
}

store::Result<void> note_that_it_served(store::Store& store) {
    return store.write([](store::Write& write) { return write.put_meta(kServedName, "1"); });
}

store::Result<void> change_signature_window(store::Store& store, auth::ReplayGuard& guard,
                                            const SignatureConfig& next, auth::Timestamp now,
                                            const AlsoWrite& also) {
    const Past past = read_past(store);
    if (auto written = remember(store, past, next, now, also); !written) return written;
    distrust_older_than(guard, past.window, next.max_age, now);
    return {};
}

}  // namespace kwikgate::gateway
