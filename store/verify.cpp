// Reads every record and holds every index against what it points to, both ways.
#include <atomic>
#include <set>
#include <string>

#include "store/audit_codec.hpp"
#include "store/lmdb_environment.hpp"
#include "store/lmdb_values.hpp"
#include "store/lookup.hpp"
#include "store/usage_codec.hpp"
#include "store/usage_day.hpp"

namespace kwikgate::store {
namespace {

constexpr std::size_t kMaxProblems = 1000;

/// Ids are no secret; an api_key is half of a credential and is shown in part.
std::string partial(std::string_view api_key) {
    return "'" + std::string(api_key.substr(0, 12)) + "...'";
}
std::string quoted(std::string_view text) {
    return "'" + std::string(text.substr(0, 80)) + "'";
}

class Verification {
  public:
    Verification(MDB_txn* txn, const Tables& tables, std::atomic<std::uint64_t>* read)
        : txn_(txn), tables_(tables), read_(read) {}

    Result<std::vector<std::string>> run() {
        for (const auto step :
             {&Verification::check_sections, &Verification::check_tokens, &Verification::check_ids,
              &Verification::check_numbers, &Verification::check_public_keys,
              &Verification::check_usage, &Verification::check_usage_days,
              &Verification::check_audit, &Verification::check_admin_keys})
            if (const auto done = (this->*step)(); !done) return done.error();
        if (dropped_ != 0) problems_.push_back(std::to_string(dropped_) + " more problems");
        return std::move(problems_);
    }

  private:
    void report(std::string problem) {
        if (problems_.size() < kMaxProblems) {
            problems_.push_back(std::move(problem));
        } else {
            ++dropped_;
        }
    }

    template <class Visit>
    Result<void> for_each(MDB_dbi table, Visit visit) {
        Cursor cursor(txn_, table);
        MDB_val key{};
        MDB_val value{};
        int code = cursor.get(key, value, MDB_FIRST);
        for (; code == MDB_SUCCESS; code = cursor.get(key, value, MDB_NEXT)) {
            visit(key, value);
            if (read_ != nullptr) read_->fetch_add(1, std::memory_order_relaxed);
        }
        if (code != MDB_NOTFOUND) return to_errc(code);
        return {};
    }

    /// True when `table` has `key` with exactly `value`.
    bool holds(MDB_dbi table, std::span<const std::byte> key, std::string_view value) {
        const auto found = look_up(txn_, table, key);
        return found && *found && text_of(to_value(**found)) == value;
    }
    bool holds(MDB_dbi table, std::string_view key, std::string_view value) {
        return holds(table, as_key(key), value);
    }

    Result<void> check_sections() {
        std::set<std::string> slugs;
        const auto next = meta_number(txn_, tables_, kMetaNextSection);
        if (!next) report("the counter of section ids is missing or damaged");
        return for_each(tables_.sections, [&](const MDB_val& key, const MDB_val& value) {
            std::uint8_t id = 0;
            if (!from_big_endian(key, id) || id >= kMaxSections || (next && id >= *next)) {
                report("section " + quoted(text_of(value)) + " has an id that was never given");
                return;
            }
            sections_.add(static_cast<SectionId>(id));
            if (value.mv_size == 0 || !slugs.emplace(text_of(value)).second)
                report("section slug " + quoted(text_of(value)) + " is empty or stands twice");
        });
    }

    void check_token(std::string_view api_key, const TokenView& token,
                     const Result<std::uint32_t>& next) {
        const auto number = static_cast<std::uint32_t>(token.number);
        const std::string name = "token " + quoted(token.id);
        if (token.api_key != api_key) report(name + " is stored under another key than its own");
        if (number == 0 || (next && number >= *next))
            report(name + " has a number that was never given");
        if (!holds(tables_.ids, token.id, api_key)) report(name + " is not in the index of ids");
        if (!holds(tables_.numbers, big_endian(number), token.id))
            report(name + " is not in the index of numbers");
        if (!token.public_key.empty() && !holds(tables_.public_keys, token.public_key, api_key))
            report(name + " is not in the index of public keys");
        SectionSet unknown;
        const auto note = [&](SectionId id) {
            if (!sections_.contains(id)) unknown.add(id);
        };
        token.readable.for_each(note);
        token.writable.for_each(note);
        if (!unknown.empty()) report(name + " holds a section that is not registered");
    }

    Result<void> check_tokens() {
        const auto next = meta_number(txn_, tables_, kMetaNextToken);
        if (!next) report("the counter of token numbers is missing or damaged");
        return for_each(tables_.tokens, [&](const MDB_val& key, const MDB_val& value) {
            const auto token = decode(bytes_of(value));
            if (token) return check_token(text_of(key), *token, next);
            report("the token with key " + partial(text_of(key)) + ": " + token.error().message());
        });
    }

    Result<void> check_ids() {
        return for_each(tables_.ids, [&](const MDB_val& id, const MDB_val& api_key) {
            const auto token = find_by_key(txn_, tables_, text_of(api_key));
            if (!token) return;  // Reported with the tokens.
            if (!*token || (*token)->id != text_of(id))
                report("the index of ids leads from " + quoted(text_of(id)) + " to no such token");
        });
    }

    Result<void> check_numbers() {
        return for_each(tables_.numbers, [&](const MDB_val& key, const MDB_val& id) {
            std::uint32_t number = 0;
            const bool is_number = from_big_endian(key, number);
            const auto token = find_by_index(txn_, tables_, tables_.ids, text_of(id));
            if (!token) return;
            if (!is_number || !*token || (*token)->number != static_cast<TokenNumber>(number))
                report("the index of numbers leads from " + std::to_string(number) +
                       " to no such token");
        });
    }

    Result<void> check_public_keys() {
        return for_each(tables_.public_keys, [&](const MDB_val& key, const MDB_val& api_key) {
            const auto token = find_by_key(txn_, tables_, text_of(api_key));
            if (!token) return;
            if (!*token || (*token)->public_key != text_of(key))
                report("the index of public keys leads from " + partial(text_of(key)) +
                       " to no such token");
        });
    }

    Result<void> check_usage() {
        return for_each(tables_.usage, [&](const MDB_val& key, const MDB_val& value) {
            std::uint32_t number = 0;
            const bool is_number = from_big_endian(key, number);
            const std::string name = "usage of token number " + std::to_string(number);
            const auto token = look_up(txn_, tables_.numbers, bytes_of(key));
            if (!is_number || !token || !*token) report(name + " belongs to no token");
            const auto usage = decode_usage(bytes_of(value));
            if (!usage) report(name + ": " + usage.error().message());
        });
    }

    Result<void> check_usage_days() {
        if (!tables_.usage_days) return {};
        return for_each(*tables_.usage_days, [&](const MDB_val& key, const MDB_val& value) {
            TokenNumber number{};
            std::chrono::sys_days day{};
            if (!read_usage_day_key(key, number, day))
                return report("a day of usage stands under a key that is none");
            const auto owner = static_cast<std::uint32_t>(number);
            const std::string name = "a day of usage of token number " + std::to_string(owner);
            const auto token = look_up(txn_, tables_.numbers, big_endian(owner));
            if (!token || !*token) report(name + " belongs to no token");
            const auto usage = decode_usage_day(day, bytes_of(value));
            if (!usage) report(name + ": " + usage.error().message());
        });
    }

    Result<void> check_audit() {
        std::uint64_t expected = 1;
        return for_each(tables_.audit, [&](const MDB_val& key, const MDB_val& value) {
            std::uint64_t sequence = 0;
            if (!from_big_endian(key, sequence) || sequence != expected)
                report("the audit log has a gap before entry " + std::to_string(sequence));
            expected = sequence + 1;
            const auto entry = decode_audit(sequence, bytes_of(value));
            if (!entry)
                report("audit entry " + std::to_string(sequence) + ": " + entry.error().message());
        });
    }

    Result<void> check_admin_keys() {
        return for_each(tables_.admin_keys, [&](const MDB_val& id, const MDB_val& value) {
            const auto key = decode_admin_key(bytes_of(value));
            if (!key) report("admin key " + quoted(text_of(id)) + ": " + key.error().message());
            if (key && key->id != text_of(id))
                report("admin key " + quoted(text_of(id)) + " is stored under another id");
        });
    }

    MDB_txn* txn_;
    const Tables& tables_;
    std::atomic<std::uint64_t>* read_;
    SectionSet sections_;
    std::vector<std::string> problems_;
    std::size_t dropped_ = 0;
};

}  // namespace

Result<std::vector<std::string>> Store::verify(std::atomic<std::uint64_t>* read) {
    const auto txn = ReadTransaction::begin(*environment_);
    if (!txn) return txn.error();
    return Verification(txn->handle(), environment_->tables(), read).run();
}

}  // namespace kwikgate::store
