#include <memory>

#include "gateway/cli/open_store.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_options.hpp"
#include "gateway/cli/token_text.hpp"
#include "gateway/json/token_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string token;
    TokenFlags settings;
    bool as_json = false;
};

bool is_empty(const auth::TokenSpec& spec) {
    return !spec.name && !spec.sections && !spec.read_write && !spec.status && !spec.account &&
           !spec.expires_at && !spec.allowed_ips && !spec.allowed_origins && !spec.rate &&
           !spec.max_concurrent && !spec.require_signature && !spec.require_form_signature &&
           !spec.debug;
}

/// Prints the token as it is after a change.
CliResult<void> print_token(TokenStore& opened, const store::TokenRecord& record, bool as_json) {
    const auto sections = opened.sections();
    if (sections.has_error()) return sections.error();
    auto reader = opened.store().reader();
    if (reader.has_error()) return failed("cannot read the store", reader.error());
    const auto snapshot = reader->snapshot();
    if (snapshot.has_error()) return failed("cannot read the store", snapshot.error());
    const auto usage = snapshot->usage(record.number);
    if (usage.has_error()) return failed("cannot read the use of the token", usage.error());
    return print(as_json ? token_json(record, *usage, *sections) + "\n"
                         : token_block(record, *usage, *sections, store::current_time()));
}

CliResult<void> update(const Flags& flags) {
    const auto spec = to_spec(flags.settings);
    if (spec.has_error()) return spec.error();
    if (is_empty(*spec)) return misused("nothing to change: name at least one setting");
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto found = (*opened)->find(flags.token);
    if (found.has_error()) return found.error();
    const auto changed = (*opened)->service().update(found->id, *spec);
    if (changed.has_error()) return failed(changed.error());
    return print_token(**opened, *changed, flags.as_json);
}

CliResult<void> set_status(const Flags& flags, auth::TokenStatus status) {
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto found = (*opened)->find(flags.token);
    if (found.has_error()) return found.error();
    const auto changed = (*opened)->service().set_status(found->id, status);
    if (changed.has_error()) return failed(changed.error());
    if (flags.as_json) return print_token(**opened, *changed, true);
    const bool is_live = status == auth::TokenStatus::live;
    return print("Token " + changed->id + " is " + (is_live ? "live" : "disabled") + ".\n");
}

void add_status_command(Command token, Session& session, const char* name, const char* description,
                        auth::TokenStatus status) {
    Command sub = token.add_command(name, description);
    const auto flags = std::make_shared<Flags>();
    add_token_argument(sub, flags->token);
    add_store_flags(sub, flags->store, true);
    sub.add_flag("--json", flags->as_json, "Print the token as a JSON object");
    on_run(sub, session, [flags, status] { return set_status(*flags, status); });
}

}  // namespace

void add_token_update(Command token, Session& session) {
    Command sub = token.add_command("update", "Change settings; key and secret stay");
    const auto flags = std::make_shared<Flags>();
    add_token_argument(sub, flags->token);
    add_store_flags(sub, flags->store, true);
    add_token_flags(sub, flags->settings, TokenFlagSet::update);
    sub.add_flag("--json", flags->as_json, "Print the token as a JSON object");
    sub.footer("A list replaces the token's list.");
    on_run(sub, session, [flags] { return update(*flags); });
}

void add_token_status(Command token, Session& session) {
    add_status_command(token, session, "enable", "Make a disabled token usable again",
                       auth::TokenStatus::live);
    add_status_command(token, session, "disable", "Refuse a token from the next request on",
                       auth::TokenStatus::disabled);
}

}  // namespace kwikgate::gateway::cli
