#include "gateway/cli/token_options.hpp"

#include "auth/time_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

/// One value a flag, or several with commas; never the next argument of the command.
void add_list(Command sub, const char* name, std::vector<std::string>& values, const char* text,
              const char* description) {
    sub.add_option(name, values, description).option_text(text).list(',');
}

void add_clearing_flags(Command sub, TokenFlags& flags) {
    sub.add_flag("--no-account", flags.no_account, "Clear the account").excludes("--account");
    sub.add_flag("--no-expires", flags.no_expires, "Never expire").excludes("--expires");
    sub.add_flag("--clear-allow-ip", flags.clear_allowed_ips, "Allow every address")
        .excludes("--allow-ip");
    sub.add_flag("--clear-allow-origin", flags.clear_allowed_origins,
                 "Allow no origin for the public key")
        .excludes("--allow-origin");
    sub.add_flag("--no-rate", flags.no_rate, "Use the configured rate limit")
        .excludes("--rate")
        .excludes("--burst");
    sub.add_flag("--no-max-concurrent", flags.no_max_concurrent, "Any number of requests at once")
        .excludes("--max-concurrent");
    sub.add_flag("--no-require-signature", flags.no_require_signature, "Accept Basic again")
        .excludes("--require-signature");
    sub.add_flag("--no-require-form-signature", flags.no_require_form_signature,
                 "Accept unsigned checkout forms again")
        .excludes("--require-form-signature");
    sub.add_flag("--no-debug", flags.no_debug, "Do not explain refused signatures")
        .excludes("--debug");
}

std::optional<bool> switched(bool on, bool off) {
    if (on) return true;
    if (off) return false;
    return std::nullopt;
}

CliResult<void> read_rate(const TokenFlags& flags, auth::TokenSpec& spec) {
    if (flags.no_rate) spec.rate.emplace(std::nullopt);
    if (flags.burst && !flags.rate) return misused("--burst needs --rate");
    if (flags.rate) {
        spec.rate.emplace(store::RateLimit{*flags.rate, flags.burst.value_or(*flags.rate)});
    }
    return {};
}

CliResult<void> read_expiry(const TokenFlags& flags, auth::TokenSpec& spec) {
    if (flags.no_expires) spec.expires_at.emplace(std::nullopt);
    if (!flags.expires) return {};
    const auto time = auth::parse_timestamp(*flags.expires);
    if (!time) {
        return misused("--expires " + *flags.expires +
                       ": write an RFC 3339 time, for example 2027-01-31T00:00:00Z");
    }
    spec.expires_at.emplace(*time);
    return {};
}

}  // namespace

void add_token_flags(Command sub, TokenFlags& flags, TokenFlagSet set) {
    const bool creates = set == TokenFlagSet::create;
    sub.add_option("-n,--name", flags.name, "Friendly name, 1-100 characters")
        .option_text("NAME")
        .required(creates);
    add_list(sub, "--section", flags.sections, "SLUG",
             "Section it may access, for example payments; repeat or use commas");
    sub.option("--section").required(creates);
    sub.add_option("--permissions", flags.permissions,
                   creates ? "read-only (default) or read-write" : "read-only or read-write")
        .option_text("P")
        .one_of({"read-only", "read-write"});
    sub.add_option("--status", flags.status,
                   creates ? "live (default) or disabled" : "live or disabled")
        .option_text("S")
        .one_of({"live", "disabled"});
    if (creates) {
        sub.add_option("--environment", flags.environment, "live (default) or test")
            .option_text("E")
            .one_of({"live", "test"});
    }
    sub.add_option("--account", flags.account, "Opaque name handed to the upstream")
        .option_text("A");
    sub.add_option("--expires", flags.expires, "Expiry time, RFC 3339").option_text("TIME");
    add_list(sub, "--allow-ip", flags.allowed_ips, "CIDR",
             "Allowed client address or CIDR block; repeat or use commas");
    add_list(sub, "--allow-origin", flags.allowed_origins, "ORIGIN",
             "Web origin of its public key; repeat or use commas");
    sub.add_option("--rate", flags.rate, "Requests per second (default: as configured)")
        .option_text("N");
    sub.add_option("--burst", flags.burst, "Requests at once above the rate (default: the rate)")
        .option_text("N");
    sub.add_option("--max-concurrent", flags.max_concurrent,
                   "Most requests under way at once, over all workers")
        .option_text("N");
    sub.add_flag("--require-signature", flags.require_signature,
                 "Refuse Basic: requests must be signed");
    sub.add_flag("--require-form-signature", flags.require_form_signature,
                 "Refuse unsigned checkout forms");
    sub.add_flag("--debug", flags.debug, "Explain a refused signature in the answer");
    if (!creates) add_clearing_flags(sub, flags);
}

CliResult<auth::TokenSpec> to_spec(const TokenFlags& flags) {
    auth::TokenSpec spec;
    spec.name = flags.name;
    if (!flags.sections.empty()) spec.sections = flags.sections;
    if (flags.permissions) spec.read_write = *flags.permissions == "read-write";
    if (flags.status) {
        spec.status =
            *flags.status == "live" ? auth::TokenStatus::live : auth::TokenStatus::disabled;
    }
    if (flags.environment) {
        spec.environment =
            *flags.environment == "test" ? auth::Environment::test : auth::Environment::live;
    }
    spec.account = flags.account;
    if (flags.no_account) spec.account = "";
    if (!flags.allowed_ips.empty() || flags.clear_allowed_ips) {
        spec.allowed_ips = flags.allowed_ips;
    }
    if (!flags.allowed_origins.empty() || flags.clear_allowed_origins) {
        spec.allowed_origins = flags.allowed_origins;
    }
    if (flags.max_concurrent == 0U)
        return misused("--max-concurrent is at least 1; to allow any number: --no-max-concurrent");
    spec.max_concurrent = flags.max_concurrent;
    if (flags.no_max_concurrent) spec.max_concurrent = 0;
    spec.require_signature = switched(flags.require_signature, flags.no_require_signature);
    spec.require_form_signature =
        switched(flags.require_form_signature, flags.no_require_form_signature);
    spec.debug = switched(flags.debug, flags.no_debug);
    if (const auto expiry = read_expiry(flags, spec); expiry.has_error()) return expiry.error();
    if (const auto rate = read_rate(flags, spec); rate.has_error()) return rate.error();
    return spec;
}

}  // namespace kwikgate::gateway::cli
