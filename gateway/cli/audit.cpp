#include <memory>
#include <optional>
#include <vector>

#include "auth/time_text.hpp"
#include "gateway/cli/audit_text.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/table.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/json/audit_entry_json.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string token;
    std::string since;
    bool as_json = false;
};

constexpr std::size_t kBatchEntries = 1000;

/// The next entries, held by nothing but memory when it returns: whoever reads the output may take
/// all day, and a view of the store that lasts makes it grow with every change.
CliResult<void> read_batch(StoreView& view, std::uint64_t from,
                           std::vector<store::AuditEntry>& batch) {
    batch.clear();
    if (auto looked = view.look_again(); looked.has_error()) return looked;
    const auto walked = view.snapshot().for_each_audit(from, [&](const store::AuditEntry& entry) {
        batch.push_back(entry);
        return batch.size() < kBatchEntries;
    });
    view.let_go();
    if (walked.has_error()) return failed("cannot read the audit log", walked.error());
    return {};
}

CliResult<void> audit(const Flags& flags) {
    std::optional<store::Timestamp> since;
    if (!flags.since.empty()) {
        since = parse_since(flags.since, store::current_time());
        if (!since) {
            return misused("--since " + flags.since +
                           ": write an RFC 3339 time, or a duration such as 24h");
        }
    }
    const auto view = StoreView::open(flags.store);
    if (view.has_error()) return view.error();
    Table table({"Time", "Actor", "Action", "Token", "Change"});
    std::vector<store::AuditEntry> batch;
    for (std::uint64_t next = 0;; next = batch.back().sequence + 1) {
        if (auto read = read_batch(**view, next, batch); read.has_error()) return read;
        if (batch.empty()) break;
        for (const store::AuditEntry& entry : batch) {
            if (since && entry.at < *since) continue;
            if (!flags.token.empty() && entry.token_id != flags.token) continue;
            if (!flags.as_json) {
                table.add_row({auth::to_text(entry.at), entry.actor, entry.action, entry.token_id,
                               audit_change(entry)});
            } else if (auto printed = print(audit_entry_json(entry) + "\n"); printed.has_error()) {
                return printed;
            }
        }
    }
    return flags.as_json ? CliResult<void>() : print(table.to_string());
}

}  // namespace

void add_audit(Command app, Session& session) {
    Command sub = app.add_command("audit", "Show who changed what, oldest first");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, false);
    sub.add_option("--token", flags->token, "Only changes of this token").option_text("ID");
    sub.add_option("--since", flags->since,
                   "Only changes since this RFC 3339 time, or of the last 24h, 7d ...")
        .option_text("TIME");
    sub.add_flag("--json", flags->as_json, "Print NDJSON, one change a line");
    on_run(sub, session, [flags] { return audit(*flags); });
}

}  // namespace kwikgate::gateway::cli
