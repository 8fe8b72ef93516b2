#pragma once

#include "auth/replay_guard.hpp"
#include "gateway/config/config.hpp"
#include "store/store.hpp"

/// What keeps a nonce used when the process, or the window it is remembered for, changes.
/// **Threads**: the main thread, beside the workers.
namespace kwikgate::gateway {

/// At a start, before anything is served. The state file exists only after a clean end and is taken
/// away while we run, so that a crash leaves none: then signatures made before now are distrusted,
/// unless the store has never been served or the configuration says otherwise. A window that is
/// longer than the one before it does not bring back what was already forgotten. **Errors**: the
/// store's, when it had to be written (a first start, another window): do not serve then.
store::Result<void> restore_replay_state(store::Store& store, auth::ReplayGuard& guard,
                                         const Config& config, auth::Timestamp now);

/// At a reload, before the workers use `next`. **Errors**: the store's; nothing has changed then.
store::Result<void> change_signature_window(store::Store& store, auth::ReplayGuard& guard,
                                            const SignatureConfig& next, auth::Timestamp now);

/// Has the next start distrust the past of a store that was restored: where its backup was made
/// before anything was served, it does not show what was served since.
store::Result<void> note_that_it_served(store::Store& store);

}  // namespace kwikgate::gateway
