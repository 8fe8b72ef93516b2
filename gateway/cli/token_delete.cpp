#include <unistd.h>

#include <cstdio>
#include <memory>

#include "auth/json_text.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string token;
    bool is_sure = false;
    bool as_json = false;
};

/// Asks on the terminal; anything but y or yes is no.
bool confirmed(const store::TokenRecord& record) {
    std::fprintf(stderr, "Delete token %s (%s) for good? [y/N] ", record.id.c_str(),
                 printable(record.name).c_str());
    char answer[16] = {};
    if (std::fgets(answer, sizeof answer, stdin) == nullptr) return false;
    const std::string_view text(answer);
    return text == "y\n" || text == "Y\n" || text == "yes\n";
}

CliResult<void> erase(const Flags& flags) {
    const bool can_ask = ::isatty(STDIN_FILENO) == 1 && ::isatty(STDERR_FILENO) == 1;
    if (!flags.is_sure && !can_ask) {
        return misused("deleting cannot be undone: add --yes, or use 'token disable'");
    }
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto found = (*opened)->find(flags.token);
    if (found.has_error()) return found.error();
    if (!flags.is_sure && !confirmed(*found)) return failed("nothing was deleted");
    const auto erased = (*opened)->service().erase(found->id);
    if (erased.has_error()) return failed(erased.error());
    if (!flags.as_json) return print("Token " + found->id + " was deleted.\n");
    return print(auth::JsonObject().text("id", found->id).boolean("deleted", true).to_string() +
                 "\n");
}

}  // namespace

void add_token_delete(Command token, Session& session) {
    Command sub = token.add_command("delete", "Delete a token for good");
    const auto flags = std::make_shared<Flags>();
    add_token_argument(sub, flags->token);
    add_store_flags(sub, flags->store, true);
    sub.add_flag("-y,--yes", flags->is_sure, "Do not ask for confirmation");
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return erase(*flags); });
}

}  // namespace kwikgate::gateway::cli
