#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "auth/ip_rules.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/captured.hpp"
#include "gateway/cli/input.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/json/explanation_json.hpp"
#include "gateway/json/utf8_text.hpp"
#include "gateway/pasted/judged_text.hpp"
#include "gateway/pipeline/base_difference.hpp"
#include "gateway/pipeline/explanation.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kMaxRequestBytes = std::size_t{64} << 20U;
constexpr std::size_t kMaxBaseBytes = std::size_t{1} << 20U;

struct Flags {
    std::string config;
    std::string master_key_file;
    std::string request;
    std::string captured;
    std::string capture_file;
    std::string base;
    std::string at;
    std::string peer;
    std::string listener;
    bool as_json = false;
};

constexpr const char* kDefaultPeer = "127.0.0.1";

CliResult<SavedText> read_files(const Flags& flags) {
    SavedText saved;
    if (flags.captured.empty()) {
        auto raw = read_input(flags.request, kMaxRequestBytes);
        if (raw.has_error()) return raw.error();
        saved.raw = std::move(*raw);
        if (saved.raw.empty()) return failed(flags.request + " is empty");
    }
    saved.at = store::current_time();
    if (!flags.at.empty()) {
        const auto time = auth::parse_timestamp(flags.at);
        if (!time)
            return misused("--at " + flags.at +
                           ": write an RFC 3339 time, for example 2027-01-31T00:00:00Z");
        saved.at = *time;
    }
    saved.has_base = !flags.base.empty();
    if (saved.has_base) {
        auto base = read_input(flags.base, kMaxBaseBytes);
        if (base.has_error()) return base.error();
        saved.base = std::move(*base);
    }
    return saved;
}

/// The entry that is asked for or was given; none: a saved request was. Fills what the flags leave
/// open.
CliResult<std::optional<CaptureEntry>> find_entry(const Config& config, Flags& flags,
                                                  SavedText& saved) {
    std::optional<CaptureEntry> entry;
    if (flags.captured.empty()) {
        const std::string error = take_pasted(saved, entry);
        if (!error.empty()) return failed(flags.request + ": " + error);
    } else {
        if (flags.capture_file.empty())
            flags.capture_file = config.access_log.debug_capture.file.string();
        auto found = read_capture(flags.capture_file, flags.captured);
        if (found.has_error()) return found.error();
        entry = std::move(*found);
    }
    if (entry && flags.at.empty()) saved.at = entry->at;
    if (entry && flags.peer.empty()) flags.peer = entry->peer;
    if (entry && flags.listener.empty()) flags.listener = entry->listener;
    if (flags.peer.empty()) flags.peer = kDefaultPeer;
    return entry;
}

CliResult<Explanation> judge(Flags flags, SavedText& saved) {
    const auto config = load_valid_config(flags.config);
    if (config.has_error()) return config.error();
    const auto entry = find_entry(*config, flags, saved);
    if (entry.has_error()) return entry.error();
    const ListenerConfig* listener = find_listener(*config, flags.listener, saved);
    if (listener == nullptr)
        return misused("--listener " + flags.listener + ": the configuration has no such listener");
    const auto peer = auth::parse_ip(flags.peer);
    if (!peer) return misused("--peer " + flags.peer + ": write an IP address");
    const auto place = locate_store({flags.config, {}, flags.master_key_file});
    if (place.has_error()) return place.error();
    const auto key = load_master_key(*place);
    if (key.has_error()) return key.error();
    auto store = store::Store::open(place->store, options_for(*place, store::OpenMode::read_only));
    if (store.has_error()) return failed("store " + place->store.string(), store.error());
    if (const auto bound = auth::bind_master_key(*store, *key); bound.has_error())
        return failed(bound.error());
    if (*entry) restore_request(**entry, *store, saved);
    saved.mend();
    const BuiltRuntime built = build_judging_runtime(*config, *store);
    if (built.runtime == nullptr) return failed(built.error);
    auto result = explain(
        *built.runtime, *store, *key,
        {saved.raw, listener, *peer, saved.at,
         *entry ? std::string_view((*entry)->body_digest) : std::string_view(), saved.base});
    if (!result.error.empty()) return failed(result.error);
    return std::move(result.explanation);
}

std::string padded(std::string text, std::size_t columns) {
    text.resize(std::max(text.size() + 1, columns), ' ');
    return text;
}

std::string as_text(const Explanation& explanation, const SavedText& saved) {
    std::string text = "Request    " + printable(explanation.request) + "\nJudged at  " +
                       auth::to_text(saved.at) + "\n";
    if (saved.format != "raw") text += "Read as    " + std::string(saved.format) + "\n";
    text += "\n";
    for (const ExplainedPhase& line : explanation.phases) {
        std::string row = "  " + padded(std::string(auth::to_token(line.phase)), 15) +
                          padded(std::string(to_token(line.outcome)), 13) + printable(line.detail);
        row.erase(row.find_last_not_of(' ') + 1);
        text += row + "\n";
    }
    if (!explanation.signature_base.empty()) {
        text += "\nSignature base, as computed here:\n";
        std::size_t number = 0;
        for (const std::string& line : base_lines(explanation.signature_base))
            text += "  " + padded(std::to_string(++number), 3) + printable(line) + "\n";
    }
    const auto difference =
        saved.has_base ? first_difference(saved.base, explanation.signature_base) : std::nullopt;
    if (difference) {
        text += "\nYour base differs first in line " + std::to_string(difference->line) +
                ", column " + std::to_string(difference->column) + ":\n  yours  " +
                printable(difference->yours) + "\n  ours   " + printable(difference->ours) + "\n";
    } else if (saved.has_base) {
        text += "\nYour base is the same.\n";
    }
    for (const std::string& note : saved.notes) text += "\nNote: " + note + ".\n";
    text += "\nVerdict    " + verdict(explanation) + "\n";
    if (!explanation.cause.empty()) text += "Cause      " + explanation.cause + "\n";
    if (!explanation.detail.empty()) text += "Why        " + printable(explanation.detail) + "\n";
    if (!explanation.advice.empty()) text += "Advice     " + explanation.advice + "\n";
    return text;
}

CliResult<void> run_explain(const Flags& flags) {
    if (flags.request.empty() == flags.captured.empty())
        return misused("name the request: either --request FILE or --captured ID");
    auto saved = read_files(flags);
    if (saved.has_error()) return saved.error();
    const auto explanation = judge(flags, *saved);
    if (explanation.has_error()) return explanation.error();
    return print(flags.as_json ? explanation_json(*explanation, *saved) + "\n"
                               : as_text(*explanation, *saved));
}

}  // namespace

void add_explain(Command app, Session& session) {
    Command sub = app.add_command("explain", "Explain why a saved request is let in or refused");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("-c,--config", flags->config, "Configuration").option_text("FILE").required();
    sub.add_option("--request", flags->request,
                   "Saved request: raw, a curl command, the output of curl -v, a .http file "
                   "or a capture; - is standard input")
        .option_text("FILE");
    sub.add_option("--captured", flags->captured,
                   "Explain the request of the debug capture with this id")
        .option_text("ID");
    sub.add_option("--capture-file", flags->capture_file,
                   "File of the debug capture (default: as configured)")
        .option_text("FILE");
    sub.add_option("--base", flags->base, "Signature base that the client computed, for comparison")
        .option_text("FILE");
    sub.add_option("--at", flags->at, "Time to judge it at (default: now, or when it was captured)")
        .option_text("TIME");
    sub.add_option("--peer", flags->peer, "Client address (default: 127.0.0.1, or as captured)")
        .option_text("ADDR");
    sub.add_option("--listener", flags->listener,
                   "Listener (default: as captured, or the first with the URL's scheme)")
        .option_text("NAME");
    sub.add_option("--master-key-file", flags->master_key_file,
                   "Master key file, if it is not beside the store")
        .option_text("FILE");
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    sub.footer(
        "Sends nothing, changes nothing, and may run while a gateway serves. It cannot\n"
        "know which nonces were used and how much of a rate is left. The output is for\n"
        "operators: it says more than a client may know.");
    on_run(sub, session, [flags] { return run_explain(*flags); });
}

}  // namespace kwikgate::gateway::cli
