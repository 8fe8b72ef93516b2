#include <memory>

#include "gateway/cli/open_store.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_text.hpp"
#include "gateway/json/token_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string token;
    bool as_json = false;
};

CliResult<store::TokenRecord> find(const store::Snapshot& snapshot, const std::string& id_or_key) {
    const auto by_id = snapshot.token_by_id(id_or_key);
    if (by_id.has_error()) return failed("cannot read the token", by_id.error());
    if (*by_id) return (*by_id)->to_record();
    const auto by_key = snapshot.token_by_key(id_or_key);
    if (by_key.has_error()) return failed("cannot read the token", by_key.error());
    if (*by_key) return (*by_key)->to_record();
    return no_such_token();
}

CliResult<void> show(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    const auto record = find((*view)->snapshot(), flags.token);
    if (record.has_error()) return record.error();
    const auto usage = (*view)->snapshot().usage(record->number);
    if (usage.has_error()) return failed("cannot read the use of the token", usage.error());
    const auto days = read_usage_days((*view)->snapshot(), record->number, store::current_time());
    if (days.has_error()) return failed("cannot read the use of the token", days.error());
    const auth::SectionCatalogue& sections = (*view)->sections();
    if (!flags.as_json)
        return print(token_block(*record, *usage, sections, store::current_time()) +
                     usage_block(*record, *days, sections));
    std::string json = token_json(*record, *usage, sections);
    json.pop_back();
    return print(json + ",\"usage_by_day\":" + usage_days_json(*days, sections) + "}\n");
}

}  // namespace

void add_token_show(Command token, Session& session) {
    Command sub = token.add_command("show", "Show one token with its use");
    const auto flags = std::make_shared<Flags>();
    add_token_argument(sub, flags->token);
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return show(*flags); });
}

}  // namespace kwikgate::gateway::cli
