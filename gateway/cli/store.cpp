#include <atomic>
#include <filesystem>
#include <memory>
#include <string>

#include "auth/json_text.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/progress.hpp"
#include "gateway/cli/store.hpp"
#include "gateway/cli/unfinished.hpp"
#include "gateway/pipeline/replay_state.hpp"
#include "store/files.hpp"
#include "store/owner.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

struct Flags {
    StoreFlags store;
    std::string directory;  ///< Of --to or --from.
    bool as_json = false;
};

CliResult<store::Store> open_to_read(const StorePlace& place) {
    auto store = store::Store::open(place.store, options_for(place, store::OpenMode::read_only));
    if (store.has_error()) return failed("store " + place.store.string(), store.error());
    return std::move(*store);
}

CliResult<store::Store> open_named(const Flags& flags) {
    const auto place = locate_store(flags.store);
    if (place.has_error()) return place.error();
    return open_to_read(*place);
}

std::string mebibytes(std::uint64_t bytes) {
    const std::uint64_t tenths = (bytes * 10 + 512 * 1024) / (1024 * 1024);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MiB";
}

CliResult<void> stat(const Flags& flags) {
    auto store = open_named(flags);
    if (store.has_error()) return store.error();
    const auto stat = store->stat();
    if (stat.has_error()) return failed("cannot read the store", stat.error());
    if (flags.as_json) {
        auth::JsonObject object;
        object.text("store_id", stat->store_id).number("format_version", stat->format_version);
        object.number("tokens", stat->tokens).number("sections", stat->sections);
        object.number("audit_entries", stat->audit_entries);
        object.number("usage_records", stat->usage_records);
        object.number("used_bytes", stat->used_bytes).number("file_bytes", stat->file_bytes);
        object.number("map_bytes", stat->map_bytes).number("readers", stat->readers);
        object.number("max_readers", stat->max_readers);
        return print(object.to_string() + "\n");
    }
    return print(
        "Tokens         " + std::to_string(stat->tokens) + "\nSections       " +
        std::to_string(stat->sections) + "\nAudit entries  " + std::to_string(stat->audit_entries) +
        "\nUsage records  " + std::to_string(stat->usage_records) + "\nUsed           " +
        mebibytes(stat->used_bytes) + " of " + mebibytes(stat->map_bytes) + "\nFile           " +
        mebibytes(stat->file_bytes) + "\nReaders        " + std::to_string(stat->readers) + " of " +
        std::to_string(stat->max_readers) + "\nFormat         " +
        std::to_string(stat->format_version) + "\nStore id       " + stat->store_id + "\n");
}

store::Result<std::vector<std::string>> examine(store::Store& store) {
    std::atomic<std::uint64_t> records{0};
    const Progress progress([&records] { return std::to_string(records) + " records read"; });
    return store.verify(&records);
}

/// What lies in a directory that is being filled.
std::uint64_t bytes_in(const fs::path& directory) {
    std::uint64_t bytes = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(directory, ignored)) {
        const auto size = entry.file_size(ignored);
        if (!ignored) bytes += size;
    }
    return bytes;
}

/// `target` must not exist: it goes away when this is interrupted.
store::Result<void> copy_to(store::Store& store, const fs::path& target) {
    const Unfinished file(target / store::kUnfinishedBackup);
    const Unfinished directory(target);
    const Progress progress([&target] { return mebibytes(bytes_in(target)) + " copied"; });
    return store.backup(target);
}

CliResult<void> verify(const Flags& flags) {
    auto store = open_named(flags);
    if (store.has_error()) return store.error();
    const auto problems = examine(*store);
    if (problems.has_error()) return failed("cannot read the store", problems.error());
    const bool is_sound = problems->empty();
    std::string text = is_sound ? "The store is sound.\n" : "";
    for (const std::string& problem : *problems) text += problem + "\n";
    if (flags.as_json) {
        text = auth::JsonObject().boolean("ok", is_sound).texts("problems", *problems).to_string() +
               "\n";
    }
    if (auto printed = print(text); printed.has_error()) return printed;
    if (is_sound) return {};
    return failed(std::to_string(problems->size()) +
                  " problems; restore a backup with 'kwikgate store restore'");
}

CliResult<void> done(const Flags& flags, const char* verb, const std::string& target) {
    if (!flags.as_json) return print(std::string("The store was ") + verb + " " + target + ".\n");
    return print(auth::JsonObject().boolean("ok", true).text("store", target).to_string() + "\n");
}

CliResult<void> refuse_existing(const fs::path& target) {
    if (!store::is_present(target)) return {};
    return failed(target.string() + " exists already; name a new directory, or move it away");
}

CliResult<void> backup(const Flags& flags) {
    auto store = open_named(flags);
    if (store.has_error()) return store.error();
    if (auto is_new = refuse_existing(flags.directory); is_new.has_error()) return is_new;
    const auto copied = copy_to(*store, flags.directory);
    if (copied.has_error()) return failed("backup to " + flags.directory, copied.error());
    return done(flags, "copied to", flags.directory);
}

/// Not left behind where it fails: a captured write could pass again.
store::Result<void> note_past(const fs::path& restored) {
    const auto noted = [&]() -> store::Result<void> {
        auto store = store::Store::open(restored);
        return store ? note_that_it_served(*store) : store.error();
    }();
    std::error_code ignored;
    if (!noted) fs::remove_all(restored, ignored);
    return noted;
}

CliResult<void> restore(const Flags& flags) {
    if (flags.store.store.empty()) return misused("say where to: --store DIR");
    const fs::path target = flags.store.store;
    if (auto is_new = refuse_existing(target); is_new.has_error()) return is_new;
    if (!store::is_present(fs::path(flags.directory) / store::kDataFile))
        return failed("no backup in " + flags.directory +
                      "; name the directory that 'kwikgate store backup --to' made");
    StorePlace backup;
    backup.store = flags.directory;
    auto source = open_to_read(backup);
    if (source.has_error()) return source.error();
    const auto problems = examine(*source);
    if (problems.has_error()) return failed("cannot read the backup", problems.error());
    if (!problems->empty()) {
        return failed("the backup is not sound (" + problems->front() + "); nothing was restored");
    }
    // What is made where the gateway's user keeps its things becomes that user's.
    const auto as_owner = store::AsOwner::of_nearest(target);
    if (as_owner.has_error()) return failed("restore to " + target.string(), as_owner.error());
    auto copied = copy_to(*source, target);
    if (copied.has_value()) copied = note_past(target);
    if (copied.has_error()) return failed("restore to " + target.string(), copied.error());
    return done(flags, "restored to", target.string());
}

using Action = CliResult<void> (*)(const Flags&);

std::pair<Command, std::shared_ptr<Flags>> add(Command parent, Session& session, const char* name,
                                               const char* description, Action action) {
    Command sub = parent.add_command(name, description);
    auto flags = std::make_shared<Flags>();
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags, action] { return action(*flags); });
    return {sub, flags};
}

}  // namespace

void add_store(Command app, Session& session) {
    Command parent = app.add_command("store", "Inspect, back up, restore and re-key the store");
    parent.require_command();
    add_store_create(parent, session);
    {
        auto [sub, flags] =
            add(parent, session, "stat", "Show the size of the store and how full it is", stat);
        add_store_flags(sub, flags->store, false);
    }
    {
        auto [sub, flags] = add(parent, session, "verify", "Read and check every record", verify);
        add_store_flags(sub, flags->store, false);
    }
    {
        auto [sub, flags] =
            add(parent, session, "backup", "Copy it consistently, also while it is in use", backup);
        add_store_flags(sub, flags->store, false);
        sub.add_option("--to", flags->directory, "New directory for the copy")
            .option_text("DIR")
            .required();
    }
    add_store_rekey(parent, session);
    auto [sub, flags] = add(parent, session, "restore", "Make a store from a backup", restore);
    sub.add_option("--from", flags->directory, "Directory of the backup")
        .option_text("DIR")
        .required();
    sub.add_option("-s,--store", flags->store.store, "New directory of the store")
        .option_text("DIR")
        .required();
}

}  // namespace kwikgate::gateway::cli
