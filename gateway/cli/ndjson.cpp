#include "gateway/cli/ndjson.hpp"

#include <simdjson.h>

#include <unordered_set>
#include <utility>

#include "auth/base64.hpp"
#include "auth/byte_order_mark.hpp"
#include "auth/json_text.hpp"
#include "auth/secret.hpp"
#include "auth/time_text.hpp"
#include "gateway/cli/import_fields.hpp"
#include "gateway/http/json_check.hpp"
#include "gateway/json/fitting_json.hpp"
#include "gateway/json/token_json.hpp"

namespace kwikgate::gateway::cli {
namespace {

auth::JsonObject sealed_object(const store::SecretRecord& secret) {
    auth::JsonObject object;
    object.text("key", auth::encode_base64(secret.sealed_key));
    object.text("created_at", auth::to_text(secret.created_at));
    object.number("generation", secret.generation);
    if (secret.valid_until) object.text("valid_until", auth::to_text(*secret.valid_until));
    return object;
}

}  // namespace

std::string export_line(const store::TokenRecord& record, const auth::SectionCatalogue& sections,
                        bool sealed) {
    auth::JsonObject object;
    if (sealed) object.text("id", record.id);
    // One word cannot say that some sections may only be read: the lesser of the two.
    store::TokenRecord told = record;
    if (told.writable != told.readable) told.writable = store::SectionSet{};
    append_settings(object, told, sections);
    if (!sealed) return object.to_string();
    object.text("api_key", record.api_key);
    if (!record.public_key.empty()) object.text("public_key", record.public_key);
    auth::JsonObject secret = sealed_object(record.secret);
    if (record.previous_secret && record.previous_secret->valid_until) {
        secret.raw("previous", sealed_object(*record.previous_secret).to_string());
    }
    return object.raw("sealed", secret.to_string()).to_string();
}

struct ImportParser::State {
    simdjson::dom::parser parser;
    std::unordered_set<std::string> ids, api_keys, public_keys;
};

ImportParser::ImportParser(const auth::SectionCatalogue& sections)
    : sections_(sections), state_(std::make_unique<State>()) {}

ImportParser::~ImportParser() = default;

void ImportParser::refuse(std::size_t line, std::string message) {
    if (problems_.size() < kMaxImportProblems) problems_.push_back({line, std::move(message)});
}

void ImportParser::refuse_item(std::size_t item, std::string message) {
    refuse(item_lines_[item], std::move(message));
}

void ImportParser::take_names_once(const auth::ImportItem& item) {
    const auto take = [this](std::unordered_set<std::string>& taken, const std::string& name,
                             const char* what) {
        if (name.empty() || taken.insert(name).second) return;
        refuse(line_, std::string(what) + ": stands on an earlier line too");
    };
    if (item.credentials) {
        take(state_->api_keys, item.credentials->api_key, "api_key");
        take(state_->public_keys, item.credentials->public_key, "public_key");
    } else if (item.sealed) {
        take(state_->ids, item.sealed->id, "id");
        take(state_->api_keys, item.sealed->api_key, "api_key");
        take(state_->public_keys, item.sealed->public_key, "public_key");
    }
}

bool ImportParser::add_line(std::string_view text) {
    ++line_;
    if (!text.empty() && text.back() == '\r') text.remove_suffix(1);
    if (line_ == 1) text = auth::without_byte_order_mark(text);
    if (text.find_first_not_of(" \t") == std::string_view::npos) return true;
    if (items_.size() >= kMaxImportLines) {
        refuse(line_, "more than 1,000,000 tokens: split the file");
        return false;
    }
    if (text.size() > kMaxImportLineBytes) {
        refuse(line_, "longer than 64 KiB");
        return problems_.size() < kMaxImportProblems;
    }
    // The parser needs room behind the text; this copy is wiped, its own strings are reused by the
    // next line.
    simdjson::padded_string padded(text);
    simdjson::dom::element parsed;
    simdjson::dom::object object;
    std::vector<std::string> found;
    auth::ImportItem item;
    const auto error = parse_fitting(state_->parser, padded, LoneSurrogates::refuse, parsed);
    if (error == simdjson::STRING_ERROR && http::is_json(text)) {
        found.emplace_back("a \\u escape that is half of a surrogate pair, which is no character");
    } else if (error != simdjson::SUCCESS || parsed.get(object) != simdjson::SUCCESS) {
        found.emplace_back("not a JSON object");
    } else {
        ImportFields fields;
        found = read_import_fields(object, sections_, fields);
        if (found.empty()) found = combine(std::move(fields), item);
    }
    auth::wipe(padded.data(), padded.size());
    for (std::string& message : found) refuse(line_, std::move(message));
    if (found.empty()) {
        take_names_once(item);
        items_.push_back(std::move(item));
        item_lines_.push_back(line_);
    }
    return problems_.size() < kMaxImportProblems;
}

}  // namespace kwikgate::gateway::cli
