#pragma once

#include <string>
#include <string_view>

#include "gateway/config/config.hpp"
#include "gateway/json/capture_entry.hpp"
#include "gateway/pasted/pasted_request.hpp"
#include "gateway/pipeline/saved_text.hpp"
#include "store/store.hpp"

/// From what was pasted to what is judged: what `kwikgate explain` and the admin API share.
namespace kwikgate::gateway {

/// Reads `saved.raw` as what was pasted and puts the request in its place. Of a capture, `entry` is
/// set and `saved.raw` is for `restore_request` to fill. Returns what is not understood; empty: all
/// is.
std::string take_pasted(SavedText& saved, std::optional<CaptureEntry>& entry);

/// The request as it was sent, as far as the capture and the store tell: the API_KEY, of which the
/// capture holds a part, comes from the store. What is not known is said in `notes`.
void restore_request(const CaptureEntry& entry, store::Store& store, SavedText& out);

/// The listener that a request came to: the one of that name, nullptr where there is none. Without
/// a name, the first one that has the scheme of the request's URL, else the first one. Where the
/// schemes differ, `saved.notes` says so.
const ListenerConfig* find_listener(const Config& config, std::string_view name, SavedText& saved);

}  // namespace kwikgate::gateway
