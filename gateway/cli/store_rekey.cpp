#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <system_error>

#include "auth/json_text.hpp"
#include "auth/rekey.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/store.hpp"
#include "store/clock.hpp"
#include "store/file_descriptor.hpp"
#include "store/files.hpp"
#include "store/owner.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kKeyFileBytes = 65;  // 64 digits and a newline

struct Flags {
    StoreFlags store;
    std::string new_key_file;
    bool as_json = false;
};

struct Outcome {
    fs::path key_file;  ///< Holds the store's key from now on.
    fs::path old_file;  ///< Holds the one before; empty when it stayed where it was.
    std::uint64_t tokens = 0;
    bool was_done = false;  ///< An earlier run had sealed everything already.
};

CliResult<auth::MasterKey> load_key(const fs::path& file) {
    auto key = auth::MasterKey::load(file);
    if (key.has_error()) return failed("master key " + file.string(), key.error());
    return std::move(*key);
}

/// As whoever owns the key's directory.
CliResult<void> save_key(const auth::MasterKey& key, const fs::path& file) {
    const auto as_owner = store::AsOwner::of_nearest(file.parent_path());
    if (as_owner.has_error()) return failed("cannot write " + file.string(), as_owner.error());
    const auto saved = key.save(file);
    if (saved.has_value()) return {};
    return failed("cannot write " + file.string() + ": " + saved.error().message() +
                  "; name another place with --new-master-key-file");
}

/// Where root keeps the key of the gateway's user, the new one becomes that user's too.
CliResult<void> give_to_owner_of(const fs::path& present, const fs::path& next) {
    struct stat owner {};
    if (::geteuid() != 0 || ::stat(present.c_str(), &owner) != 0) return {};
    if (::lchown(next.c_str(), owner.st_uid, owner.st_gid) == 0) return {};
    return failed("cannot give " + next.string() + " to the owner of " + present.string() + ": " +
                  std::strerror(errno));
}

CliResult<bool> seals(store::Store& store, const auth::MasterKey& key) {
    const auto is_it = auth::is_sealed_under(store, key);
    if (is_it.has_error()) return failed(is_it.error());
    return *is_it;
}

CliResult<std::uint64_t> seal_anew(store::Store& store, const auth::MasterKey& current,
                                   const auth::MasterKey& next) {
    std::atomic<std::uint64_t> sealed{0};
    const Progress progress([&sealed] { return std::to_string(sealed) + " secrets sealed anew"; });
    const auto tokens = auth::rekey(store, current, next, actor(), store::current_time(), &sealed);
    if (tokens.has_error()) return failed(tokens.error());
    return *tokens;
}

/// Keeps the old key under a name of its own, for the backups that were made with it. A file of
/// that name is from a run that was interrupted here, and holds the same key, or a part of it.
CliResult<fs::path> keep_old_key(const auth::MasterKey& old, const fs::path& key_file) {
    fs::path file = key_file;
    file += ".old-" + old.check_value().substr(0, 8);
    if (store::is_present(file)) {
        const auto kept = load_key(file);
        if (kept.has_value() && kept->check_value() == old.check_value()) return file;
        std::error_code error;
        if (fs::file_size(file, error) >= kKeyFileBytes || error)
            return failed(file.string() + " is in the way: it is not the key that was replaced");
        if (::unlink(file.c_str()) != 0)
            return failed("cannot remove " + file.string() + ": " + std::strerror(errno));
    }
    if (auto saved = save_key(old, file); saved.has_error()) return saved.error();
    return file;
}

/// Changes the key in its own place. Three steps, each of which leaves a state that this function
/// goes on from: the new key is written beside the old one; everything is sealed anew in one
/// transaction; the new key takes the old one's name.
CliResult<Outcome> rekey_in_place(store::Store& store, const fs::path& named) {
    std::error_code error;
    const fs::path key_file = fs::canonical(named, error);
    if (error) return failed("master key " + named.string() + ": " + error.message());
    fs::path next_file = key_file;
    next_file += ".new";
    const auto current = load_key(key_file);
    if (current.has_error()) return current.error();
    const auto is_current = seals(store, *current);
    if (is_current.has_error()) return is_current.error();

    Outcome outcome{key_file, {}, 0, !*is_current};
    if (*is_current) {
        // What an interrupted run left behind seals nothing.
        if (store::is_present(next_file) && ::unlink(next_file.c_str()) != 0)
            return failed("cannot remove " + next_file.string() + ": " + std::strerror(errno));
        const auth::MasterKey next = auth::MasterKey::generate();
        if (auto saved = save_key(next, next_file); saved.has_error()) return saved.error();
        const auto tokens = seal_anew(store, *current, next);
        if (tokens.has_error()) {
            ::unlink(next_file.c_str());
            return tokens.error();
        }
        outcome.tokens = *tokens;
    } else {
        const auto next = load_key(next_file);
        if (next.has_error())
            return failed("the master key in " + key_file.string() +
                          " is not the one of this store, and there is no " + next_file.string() +
                          " of an interrupted rekey");
        const auto is_next = seals(store, *next);
        if (is_next.has_error()) return is_next.error();
        if (!*is_next)
            return failed("neither " + key_file.string() + " nor " + next_file.string() +
                          " holds the master key of this store");
    }
    auto old_file = keep_old_key(*current, key_file);
    if (old_file.has_error()) return old_file.error();
    outcome.old_file = *old_file;
    const auto as_owner = store::AsOwner::of_nearest(key_file.parent_path());
    if (as_owner.has_error())
        return failed("cannot replace " + key_file.string(), as_owner.error());
    if (auto given = give_to_owner_of(key_file, next_file); given.has_error()) return given.error();
    if (::rename(next_file.c_str(), key_file.c_str()) != 0)
        return failed("cannot replace " + key_file.string() + ": " + std::strerror(errno) +
                      "; the store's key is in " + next_file.string());
    if (const auto unsynced = store::sync_directory(key_file.parent_path()))
        return failed("cannot sync the directory of " + key_file.string(), unsynced);
    return outcome;
}

/// Seals everything under the key in `next_file`, which is made unless it is there. The present
/// key's file is left as it is.
CliResult<Outcome> rekey_to(store::Store& store, const fs::path& present,
                            const fs::path& next_file) {
    const auto current = load_key(present);
    if (current.has_error()) return current.error();
    Outcome outcome{next_file, {}, 0, false};
    if (!store::is_present(next_file)) {
        const auth::MasterKey made = auth::MasterKey::generate();
        if (auto saved = save_key(made, next_file); saved.has_error()) return saved.error();
    }
    const auto next = load_key(next_file);
    if (next.has_error()) return next.error();
    const auto is_next = seals(store, *next);
    if (is_next.has_error()) return is_next.error();
    outcome.was_done = *is_next;
    if (outcome.was_done) return outcome;
    const auto tokens = seal_anew(store, *current, *next);
    if (tokens.has_error()) return tokens.error();
    outcome.tokens = *tokens;
    return outcome;
}

std::string report(const Outcome& outcome, const fs::path& present) {
    std::string text = outcome.was_done
                           ? "All secrets were sealed under the new master key already.\n"
                           : "Sealed the secrets of " + std::to_string(outcome.tokens) +
                                 " tokens under the new master key.\n";
    text += "  new  " + outcome.key_file.string() + "\n";
    if (!outcome.old_file.empty()) {
        return text + "  old  " + outcome.old_file.string() +
               "\n\nBackups made before now need the old key: destroy it with the last of them.\n"
               "Keep a copy of the new one apart from the store.\n";
    }
    return text + "\nPut it in the place of " + present.string() +
           " before the gateway starts: the old key\nopens only backups made before now.\n";
}

CliResult<void> rekey(const Flags& flags) {
    const auto place = locate_store(flags.store);
    if (place.has_error()) return place.error();
    if (place->master_key.empty())
        return failed("no master.key beside the store; name it with --master-key-file");
    store::StoreOptions options = options_for(*place, store::OpenMode::read_write);
    options.is_alone = true;
    auto store = store::Store::open(place->store, options);
    if (store.has_error()) return failed("store " + place->store.string(), store.error());
    const auto outcome = flags.new_key_file.empty()
                             ? rekey_in_place(*store, place->master_key)
                             : rekey_to(*store, place->master_key, flags.new_key_file);
    if (outcome.has_error()) return outcome.error();
    if (!flags.as_json) return print(report(*outcome, place->master_key));
    auth::JsonObject object;
    object.boolean("ok", true).number("tokens", outcome->tokens);
    object.boolean("was_done", outcome->was_done);
    object.text("master_key_file", outcome->key_file.string());
    if (outcome->old_file.empty()) {
        object.null("old_master_key_file");
    } else {
        object.text("old_master_key_file", outcome->old_file.string());
    }
    return print(object.to_string() + "\n");
}

}  // namespace

void add_store_rekey(Command store, Session& session) {
    Command sub = store.add_command("rekey", "Change the master key; no gateway may run");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, true);
    sub.add_option("--new-master-key-file", flags->new_key_file,
                   "Use the key in this file, made unless it is there; do not replace the old file")
        .option_text("FILE");
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    sub.footer(
        "Seals every secret anew: tokens, keys and secrets stay as they are for those\n"
        "who use them. Interrupted, it leaves everything under one of the two keys; run\n"
        "it again to finish. The old key is kept beside the new one.");
    on_run(sub, session, [flags] { return rekey(*flags); });
}

}  // namespace kwikgate::gateway::cli
