#include "gateway/pasted/judged_text.hpp"

#include <algorithm>
#include <utility>

#include "auth/credential.hpp"
#include "auth/secret.hpp"
#include "auth/signature/signature_fault.hpp"
#include "auth/time_text.hpp"
#include "gateway/telemetry/redaction.hpp"

namespace kwikgate::gateway {
namespace {

constexpr std::string_view kEllipsis = "\xe2\x80\xa6";

/// True when there was something to replace.
bool replace_all(std::string& text, std::string_view what, std::string_view with) {
    bool is_found = false;
    for (std::size_t at = text.find(what); at != std::string::npos;
         at = text.find(what, at + with.size())) {
        text.replace(at, what.size(), with);
        is_found = true;
    }
    return is_found;
}

std::string api_key_of(const std::string& token_id, store::Store& store) {
    auto reader = store.reader();
    if (token_id.empty() || !reader) return {};
    const auto snapshot = reader->snapshot();
    if (!snapshot) return {};
    const auto token = snapshot->token_by_id(token_id);
    return token && *token ? std::string((*token)->api_key) : std::string();
}

}  // namespace

std::string take_pasted(SavedText& saved, std::optional<CaptureEntry>& entry) {
    PastedRequest pasted = read_pasted(saved.raw);
    auth::wipe(saved.raw.data(), saved.raw.size());
    saved.raw = std::move(pasted.raw);
    saved.format = to_token(pasted.format);
    saved.scheme = std::move(pasted.scheme);
    for (std::string& note : pasted.notes) saved.notes.push_back(std::move(note));
    entry = std::move(pasted.capture);
    return std::move(pasted.error);
}

void restore_request(const CaptureEntry& entry, store::Store& store, SavedText& out) {
    out.raw = entry.head;
    out.format = to_token(PastedFormat::capture);
    const std::string api_key = api_key_of(entry.token, store);
    if (!api_key.empty()) replace_all(out.raw, auth::partial_credential(api_key), api_key);
    out.notes.push_back("the gateway answered this request " + std::to_string(entry.status) + " " +
                        entry.reason + " in phase " + entry.phase + ", at " +
                        auth::to_text(entry.at));
    if (entry.reason == auth::row(auth::Reason::nonce_replayed).token)
        out.notes.emplace_back(
            "its nonce had been used before with this API_KEY, which is not known here: a new "
            "nonce and a new signature are needed for every attempt, also when a request is sent "
            "again");
    if (entry.left_out != 0)
        out.notes.push_back(std::to_string(entry.left_out) +
                            " field values are not in the capture, nor is the body");
    if (replace_all(out.raw, kEllipsis, "...") || out.raw.find(kRedacted) != std::string::npos)
        out.notes.emplace_back(
            "what the capture shortened or redacted was something else when it was signed");
}

const ListenerConfig* find_listener(const Config& config, std::string_view name, SavedText& saved) {
    const auto& listeners = config.listeners;
    const auto fits = [&](const ListenerConfig& listener) {
        return name.empty() ? listener.scheme == saved.scheme : listener.name == name;
    };
    auto found = std::find_if(listeners.begin(), listeners.end(), fits);
    if (found == listeners.end() && name.empty()) found = listeners.begin();
    if (found == listeners.end()) return nullptr;
    if (!saved.scheme.empty() && found->scheme != saved.scheme)
        saved.notes.push_back("the request was made for " + saved.scheme + ", and listener " +
                              found->name + " has scheme " + found->scheme +
                              ", which is what a signature is judged with");
    return &*found;
}

}  // namespace kwikgate::gateway
