#include <memory>
#include <string>

#include "auth/json_text.hpp"
#include "auth/master_key.hpp"
#include "auth/token_service.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/store.hpp"
#include "store/files.hpp"
#include "store/owner.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    bool as_json = false;
};

/// The key that lies there already, or a new one.
CliResult<auth::MasterKey> key_for(const StorePlace& place, bool& is_new) {
    is_new = !store::is_present(place.master_key);
    if (!is_new) return load_master_key(place);
    const auto as_owner = store::AsOwner::of_nearest(place.master_key);
    if (as_owner.has_error())
        return failed("cannot write " + place.master_key.string(), as_owner.error());
    auto key = auth::MasterKey::generate();
    if (const auto saved = key.save(place.master_key); saved.has_error())
        return failed("cannot write " + place.master_key.string(), saved.error());
    return key;
}

CliResult<void> create(const Flags& flags) {
    if (flags.store.config.empty()) return misused("say for which gateway: --config FILE");
    const auto place = locate_store(flags.store);
    if (place.has_error()) return place.error();
    if (store::is_present(place->store / "data.mdb"))
        return failed("there is a store in " + place->store.string() + " already");
    bool is_new_key = false;
    const auto key = key_for(*place, is_new_key);
    if (key.has_error()) return key.error();
    auto store =
        store::Store::create(place->store, options_for(*place, store::OpenMode::read_write));
    if (store.has_error()) return failed("store " + place->store.string(), store.error());
    if (const auto bound = auth::bind_master_key(*store, *key); bound.has_error())
        return failed(bound.error());
    if (const auto added = auth::register_sections(*store, place->sections); added.has_error())
        return failed(added.error());
    if (flags.as_json)
        return print(auth::JsonObject()
                         .boolean("ok", true)
                         .text("store", place->store.string())
                         .text("master_key_file", place->master_key.string())
                         .boolean("new_master_key", is_new_key)
                         .to_string() +
                     "\n");
    return print("Made the store " + place->store.string() + (is_new_key ? " and" : " under") +
                 " the key " + place->master_key.string() +
                 ".\nKeep a copy of the key apart from the store: without it no token works.\n");
}

}  // namespace

void add_store_create(Command store, Session& session) {
    Command sub = store.add_command(
        "create", "Create the store and the master key that a configuration names");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, true);
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return create(*flags); });
}

}  // namespace kwikgate::gateway::cli
