#include <memory>
#include <string>

#include "auth/authority.hpp"
#include "auth/login_ticket.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/config/load.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

struct Flags {
    StoreFlags store;
    std::string id;
};

/// Where a browser finds the console.
CliResult<std::string> console_url(const AdminConfig& admin) {
    if (admin.address.empty()) return failed("admin.address is empty: there is no console");
    if (admin.is_unix_socket())
        return failed("admin.address is a unix socket, which no browser opens");
    std::string authority = admin.address;
    if (!admin.authorities.empty()) {
        authority = admin.authorities.front();
        const auto known = auth::parse_authority(authority);
        if (known && known->port.empty())
            authority += admin.address.substr(admin.address.rfind(':'));
    }
    return (admin.certificate_file.empty() ? "http://" : "https://") + authority + "/";
}

CliResult<void> print_link(const Flags& flags) {
    const LoadedConfig loaded = load_config(flags.store.config);
    if (!loaded.ok()) return failed(loaded.problems.front().to_string());
    const auto url = console_url(loaded.config.admin);
    if (url.has_error()) return url.error();
    auto opened = TokenStore::open(flags.store);
    if (opened.has_error()) return opened.error();
    const auto ticket = auth::issue_login_ticket((*opened)->store(), (*opened)->master_key(),
                                                 flags.id, actor(), store::current_time);
    if (ticket.has_error()) return failed(ticket.error());
    // Behind the "#": a browser sends it to nobody, and no log has it.
    return print(*url + "#login=" + std::string(ticket->expose()) + "\n");
}

}  // namespace

void add_login_link(Command admin, Session& session) {
    Command sub = admin.add_command(
        "login-link", "Print a link that logs in to the console once, within five minutes");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("id", flags->id, "Admin key it logs in with (adm_...)").required();
    sub.add_option("-c,--config", flags->store.config, "Configuration")
        .option_text("FILE")
        .required();
    sub.add_option("--master-key-file", flags->store.master_key_file,
                   "Master key file, if it is not beside the store")
        .option_text("FILE");
    sub.footer("The gateway must be running: a link from before its start is refused.");
    on_run(sub, session, [flags] { return print_link(*flags); });
}

}  // namespace kwikgate::gateway::cli
