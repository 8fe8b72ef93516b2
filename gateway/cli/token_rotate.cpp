#include <memory>

#include "gateway/cli/held_signals.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/secret_output.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string token;
    std::string overlap = "24h";
    std::string secret_file;
    bool as_json = false;
};

std::string headline(const store::TokenRecord& record) {
    std::string out = "New secret for token " + record.id + ": " + printable(record.name) + "\n";
    if (!record.previous_secret || !record.previous_secret->valid_until) {
        return out + "The old secret stopped working.";
    }
    return out + "The old secret works until " + to_minute(*record.previous_secret->valid_until) +
           " UTC.";
}

CliResult<void> rotate(const Flags& flags) {
    const auto overlap = parse_duration(flags.overlap);
    if (!overlap) {
        return misused("--overlap " + flags.overlap + ": write a duration such as 30m, 24h or 7d");
    }
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto sections = (*opened)->sections();
    if (sections.has_error()) return sections.error();
    const auto found = (*opened)->find(flags.token);
    if (found.has_error()) return found.error();
    auto output = SecretOutput::prepare(flags.secret_file);
    if (output.has_error()) return output.error();
    // Handed over before it counts: a second rotation would end the one that clients still use.
    auto rotated = (*opened)->service().prepare_rotation(found->id, *overlap);
    if (rotated.has_error()) return failed(rotated.error());
    const std::string kept = "; the token keeps the secret that it has";
    const auto delivered =
        output->deliver(*rotated, *sections, headline(rotated->record), flags.as_json);
    if (delivered.has_error()) return failed(delivered.error().message() + kept);
    const HeldSignals held;
    const auto written = (*opened)->service().write_rotation(*rotated);
    if (written.has_error()) return failed(failed(written.error()).message() + kept);
    output->keep();
    return {};
}

}  // namespace

void add_token_rotate(Command token, Session& session) {
    Command sub =
        token.add_command("rotate", "Make a new secret; the old one works until its overlap ends");
    const auto flags = std::make_shared<Flags>();
    add_token_argument(sub, flags->token);
    add_store_flags(sub, flags->store, true);
    sub.add_option("--overlap", flags->overlap,
                   "How long the old secret still works (default 24h; 0 ends it now)")
        .option_text("TIME");
    add_secret_output_flags(sub, flags->secret_file, flags->as_json);
    on_run(sub, session, [flags] { return rotate(*flags); });
}

}  // namespace kwikgate::gateway::cli
