#include "auth/admin_key.hpp"

#include <memory>

#include "auth/json_text.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/held_signals.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/private_file.hpp"
#include "gateway/cli/secret_output.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/time_text.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string name;
    std::string role = "viewer";
    std::string key_file;
    std::string id;
    bool as_json = false;
};

std::string described(const store::AdminKeyRecord& record) {
    return auth::JsonObject()
        .text("id", record.id)
        .text("name", record.name)
        .text("role", record.role)
        .text("created_at", auth::to_text(record.created_at))
        .to_string();
}

/// What is shown once. Without the key where it went to a file.
std::string report(const auth::IssuedAdminKey& made, const Flags& flags) {
    const bool is_shown = flags.key_file.empty();
    if (flags.as_json) {
        std::string json = described(made.record);
        if (!is_shown) return json + "\n";
        json.back() = ',';
        return json + "\"key\":" + auth::json_string(made.key.expose()) + "}\n";
    }
    return "Admin key " + made.record.id + " created: " + made.record.name + " (" +
           made.record.role + ")\n\n  ADMIN_KEY  " +
           (is_shown ? std::string(made.key.expose()) : "in " + flags.key_file) + "\n" +
           (is_shown ? "\nThe key is shown once and cannot be recovered: store it now.\n" : "");
}

CliResult<void> create(const Flags& flags) {
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    std::optional<PrivateFile> file;
    if (!flags.key_file.empty()) {
        auto made = PrivateFile::create(flags.key_file);
        if (made.has_error()) return made.error();
        file.emplace(std::move(*made));
    }
    store::Store& store = (*opened)->store();
    const HeldSignals held;
    const auto made =
        auth::create_admin_key(store, flags.name, flags.role, actor(), store::current_time);
    if (made.has_error()) return failed(made.error());
    CliResult<void> delivered;
    if (file) {
        delivered = file->write(std::string(made->key.expose()) + "\n");
        if (delivered.has_value()) delivered = file->sync();
    }
    if (delivered.has_value()) delivered = print_durably(report(*made, flags));
    if (delivered.has_value()) {
        if (file) file->keep();
        return {};
    }
    // Nobody has seen the key: it must not stay behind.
    const auto erased = auth::erase_admin_key(store, made->record.id, actor(), store::current_time);
    return failed(delivered.error().message() + (erased.has_error()
                                                     ? "; delete admin key " + made->record.id
                                                     : std::string("; the key was not created")));
}

CliResult<void> list(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    const auto keys = (*view)->snapshot().admin_keys();
    if (keys.has_error()) return failed("cannot read the admin keys", keys.error());
    Table table({"Created", "Name", "Role", "Id"});
    std::string json = "[";
    for (const store::AdminKeyRecord& key : *keys) {
        table.add_row({to_minute(key.created_at), key.name, key.role, key.id});
        json += (json.size() > 1 ? ",\n " : "") + described(key);
    }
    return print(flags.as_json ? json + "]\n" : table.to_string());
}

CliResult<void> erase(const Flags& flags) {
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto erased =
        auth::erase_admin_key((*opened)->store(), flags.id, actor(), store::current_time);
    if (erased.has_error()) return failed(erased.error());
    if (!flags.as_json) return print("Admin key " + flags.id + " was deleted.\n");
    return print(auth::JsonObject().text("id", flags.id).boolean("deleted", true).to_string() +
                 "\n");
}

void add_create(Command key, Session& session) {
    Command sub = key.add_command("create", "Create an admin key; it is shown once");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, true);
    sub.add_option("-n,--name", flags->name, "Owner of the key, 1-100 characters")
        .option_text("NAME")
        .required();
    sub.add_option("--role", flags->role, "viewer (default) may look, admin may change")
        .option_text("ROLE")
        .one_of({"viewer", "admin"});
    sub.add_option("--key-file", flags->key_file,
                   "Write the key to this new file (0600) instead of printing it")
        .option_text("FILE");
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return create(*flags); });
}

void add_list(Command key, Session& session) {
    Command sub = key.add_command("list", "List the admin keys");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--json", flags->as_json, "Print a JSON array");
    on_run(sub, session, [flags] { return list(*flags); });
}

void add_delete(Command key, Session& session) {
    Command sub = key.add_command("delete", "Delete an admin key; it and its sessions end at once");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("id", flags->id, "Id (adm_...)").required();
    add_store_flags(sub, flags->store, true);
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return erase(*flags); });
}

}  // namespace

void add_admin(Command app, Session& session) {
    Command admin = app.add_command("admin", "Manage access to the admin API and console");
    admin.require_command();
    add_login_link(admin, session);
    Command key = admin.add_command("key", "Create, list and delete admin keys");
    key.require_command();
    add_create(key, session);
    add_list(key, session);
    add_delete(key, session);
}

}  // namespace kwikgate::gateway::cli
