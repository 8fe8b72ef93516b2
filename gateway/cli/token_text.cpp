#include "gateway/cli/token_text.hpp"

#include <map>

#include "auth/credential.hpp"
#include "auth/vocabulary.hpp"
#include "gateway/cli/time_text.hpp"
#include "gateway/json/token_json.hpp"
#include "gateway/json/utf8_text.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kNameColumns = 32;
constexpr std::size_t kSectionColumns = 44;

std::string status_label(const store::TokenRecord& record, store::Timestamp now) {
    if (record.status == store::TokenStatus::disabled) return "Disabled";
    return record.expires_at && *record.expires_at <= now ? "Expired" : "Live";
}

std::string_view permissions_label(const store::TokenRecord& record) {
    return record.writable.empty() ? "Read-Only" : "Read-Write";
}

std::string joined(const std::vector<std::string>& texts) {
    std::string out;
    for (const std::string& text : texts) out += (out.empty() ? "" : ", ") + text;
    return out;
}

void line(std::string& out, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    std::string row = "  " + std::string(label);
    row.resize(22, ' ');
    out += row + printable(value) + "\n";
}

std::string secrets_text(const store::TokenRecord& record, const store::TokenUsage& usage) {
    const auto last_used = [&](const store::SecretRecord& secret) {
        const auto found = usage.secret_last_used.find(secret.generation);
        return found == usage.secret_last_used.end() ? std::string("never used")
                                                     : "last used " + to_minute(found->second);
    };
    std::string out =
        "made " + to_minute(record.secret.created_at) + ", " + last_used(record.secret);
    if (record.previous_secret && record.previous_secret->valid_until) {
        out += "; the one before valid until " + to_minute(*record.previous_secret->valid_until) +
               ", " + last_used(*record.previous_secret);
    }
    return out;
}

struct SectionTotal {
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    unsigned days = 0;
    std::chrono::sys_days last{};
};

}  // namespace

std::string issued_block(const auth::IssuedToken& issued, std::string_view headline,
                         std::string_view secret_file) {
    const store::TokenRecord& record = issued.record;
    std::string out = std::string(headline) + "\n\n";
    out += "  API_KEY     " + record.api_key + "\n";
    if (secret_file.empty()) {
        out += "  API_SECRET  " + std::string(issued.api_secret.expose()) + "\n";
    } else {
        out += "  API_SECRET  in " + std::string(secret_file) + "\n";
    }
    if (!record.public_key.empty()) out += "  PUBLIC_KEY  " + record.public_key + "\n";
    if (secret_file.empty()) {
        out += "\nThe secret is shown once and cannot be recovered: store it now.\n";
    }
    return out;
}

Table token_table() {
    return Table(
        {"Created", "Name", "Key", "Status", "Permissions", "Sections", "Last used", "Id"});
}

void add_token_row(Table& table, const store::TokenRecord& record, const store::TokenUsage& usage,
                   const auth::SectionCatalogue& sections, store::Timestamp now) {
    table.add_row({to_minute(record.created_at), truncated(printable(record.name), kNameColumns),
                   auth::partial_credential(record.api_key), status_label(record, now),
                   std::string(permissions_label(record)),
                   joined_sections(sections.slugs(record.readable), kSectionColumns),
                   usage.last_used_at ? to_minute(*usage.last_used_at) : "never", record.id});
}

std::string token_block(const store::TokenRecord& record, const store::TokenUsage& usage,
                        const auth::SectionCatalogue& sections, store::Timestamp now) {
    std::string out = printable(record.name) + "\n";
    line(out, "Id", record.id);
    line(out, "Key", auth::partial_credential(record.api_key));
    line(out, "Status", status_label(record, now));
    line(out, "Permissions", permissions_label(record));
    line(out, "Sections", joined(sections.slugs(record.readable)));
    line(out, "Environment", auth::to_token(record.environment));
    line(out, "Account", record.account);
    line(out, "Expires", record.expires_at ? to_minute(*record.expires_at) + " UTC" : "never");
    line(out, "Allowed addresses", joined(ip_texts(record)));
    line(out, "Allowed origins", joined(record.allowed_origins));
    if (record.rate) {
        line(out, "Rate",
             std::to_string(record.rate->requests_per_second) + " requests/s, burst " +
                 std::to_string(record.rate->burst));
    }
    if (record.max_concurrent != 0)
        line(out, "At once", std::to_string(record.max_concurrent) + " requests");
    line(out, "Requires", record.require_signature ? "signed requests" : "");
    line(out, "Requires", record.require_form_signature ? "signed checkout forms" : "");
    line(out, "Debug", record.debug ? "explains signature refusals" : "");
    line(out, "Secret", secrets_text(record, usage));
    line(out, "Created", to_minute(record.created_at) + " UTC");
    line(out, "Updated", to_minute(record.updated_at) + " UTC");
    line(out, "Last used",
         usage.last_used_at ? to_minute(*usage.last_used_at) + " UTC, " +
                                  std::to_string(usage.requests) + " requests"
                            : "never");
    return out;
}

std::string usage_block(const store::TokenRecord& record, const UsageDays& usage,
                        const auth::SectionCatalogue& sections) {
    std::map<store::SectionId, SectionTotal> totals;
    record.readable.for_each([&](store::SectionId id) { totals[id]; });
    for (const store::UsageDay& day : usage.days) {
        for (const store::SectionCount& count : day.sections) {
            SectionTotal& total = totals[count.section];
            total.reads += count.reads;
            total.writes += count.writes;
            ++total.days;
            total.last = day.day;
        }
    }
    Table table({"Section", "Reads", "Writes", "Days used", "Last day"});
    for (const auto& [id, total] : totals) {
        table.add_row({sections.slug(id), std::to_string(total.reads), std::to_string(total.writes),
                       std::to_string(total.days),
                       total.days == 0 ? "none" : day_text(total.last)});
    }
    return "\nUse from " + day_text(usage.from) + " to " + day_text(usage.to) + " (UTC)\n" +
           table.to_string();
}

std::string joined_sections(const std::vector<std::string>& slugs, std::size_t columns) {
    std::string out;
    for (std::size_t i = 0; i < slugs.size(); ++i) {
        const std::string next = (i == 0 ? "" : ", ") + slugs[i];
        const std::size_t room = i + 1 == slugs.size() ? 0 : 5;  // For " +123".
        if (i > 0 && out.size() + next.size() + room > columns) {
            return out + " +" + std::to_string(slugs.size() - i);
        }
        out += next;
    }
    return out;
}

}  // namespace kwikgate::gateway::cli
