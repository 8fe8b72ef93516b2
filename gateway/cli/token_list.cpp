#include <memory>

#include "gateway/cli/open_store.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_text.hpp"
#include "gateway/cli/token_walk.hpp"
#include "gateway/json/token_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    bool as_json = false;
};

CliResult<void> list(const Flags& flags) {
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    const auth::SectionCatalogue& sections = (*view)->sections();
    const store::Timestamp now = store::current_time();
    Table table = token_table();
    std::string json = "[";
    bool is_first = true;
    auto walked =
        walk_tokens(**view, flags.as_json ? WalkOutput::on_the_way : WalkOutput::at_the_end,
                    [&](const store::TokenRecord& record, const store::TokenUsage& usage) {
                        if (flags.as_json) {
                            json += (is_first ? "" : ",\n ") + token_json(record, usage, sections);
                            flush_over(json);
                        } else {
                            add_token_row(table, record, usage, sections, now);
                        }
                        is_first = false;
                    });
    auto printed = print(flags.as_json ? json + "]\n" : table.to_string());
    if (printed.has_error()) return printed;
    if (walked.has_error() || flags.as_json || !is_first) return walked;
    return print("No tokens yet: make one with 'kwikgate token create'.\n");
}

}  // namespace

void add_token_list(Command token, Session& session) {
    Command sub = token.add_command("list", "List all tokens, oldest first");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_flag("--json", flags->as_json, "Print a JSON array");
    on_run(sub, session, [flags] { return list(*flags); });
}

}  // namespace kwikgate::gateway::cli
