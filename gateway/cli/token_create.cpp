#include <memory>

#include "gateway/cli/held_signals.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/secret_output.hpp"
#include "gateway/cli/token.hpp"
#include "gateway/cli/token_options.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    TokenFlags token;
    std::string secret_file;
    bool as_json = false;
};

CliResult<void> create(const Flags& flags) {
    const auto spec = to_spec(flags.token);
    if (spec.has_error()) return spec.error();
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto sections = (*opened)->sections();
    if (sections.has_error()) return sections.error();
    auto output = SecretOutput::prepare(flags.secret_file);
    if (output.has_error()) return output.error();
    const HeldSignals held;
    const auto issued = (*opened)->service().create(*spec);
    if (issued.has_error()) return failed(issued.error());
    const auto delivered = output->deliver(
        *issued, *sections,
        "Token " + issued->record.id + " created: " + printable(issued->record.name),
        flags.as_json);
    if (delivered.has_value()) {
        output->keep();
        return {};
    }
    // Nobody has seen the secret: a token that cannot be used must not stay behind.
    const auto erased = (*opened)->service().erase(issued->record.id);
    return failed(delivered.error().message() + (erased.has_error()
                                                     ? "; delete token " + issued->record.id
                                                     : std::string("; the token was not created")));
}

}  // namespace

void add_token_create(Command token, Session& session) {
    Command sub = token.add_command("create", "Create a token; its secret is shown once");
    const auto flags = std::make_shared<Flags>();
    add_store_flags(sub, flags->store, true);
    add_token_flags(sub, flags->token, TokenFlagSet::create);
    add_secret_output_flags(sub, flags->secret_file, flags->as_json);
    on_run(sub, session, [flags] { return create(*flags); });
}

}  // namespace kwikgate::gateway::cli
