#pragma once

#include <functional>

#include "auth/replay_guard.hpp"
#include "gateway/config/config.hpp"
#include "store/serve_lock.hpp"
#include "store/store.hpp"

/// What keeps a nonce used when the process, or the window it is remembered for, changes.
/// **Threads**: the main thread, beside the workers.
namespace kwikgate::gateway {

/// At a start, before anything is served. The state file exists only after a clean end and is taken
/// away while we run, so that a crash leaves none; and it counts only where it is of the life that
/// `lock` says came last, which ends here: a new one begins. Else signatures made before now are
/// distrusted, unless the store has never been served or the configuration says otherwise. A window
/// that is longer than the one before it does not bring back what was already forgotten.
/// **Errors**: the store's, when it had to be written (a first start, another window): do not serve
/// then.
store::Result<void> restore_replay_state(store::Store& store, auth::ReplayGuard& guard,
                                         const Config& config, store::ServeLock& lock,
                                         auth::Timestamp now);

/// At the end, when no request can record a nonce any more and `lock` is still held. Says in the
/// log why nothing was saved: the next start then distrusts the past.
void save_replay_state(const auth::ReplayGuard& guard, const Config& config,
                       const store::ServeLock& lock, auth::Timestamp now);

/// What else a reload writes, in the same transaction.
using AlsoWrite = std::function<store::Result<void>(store::Write&)>;

/// At a reload, before the workers use `next`. Without `also` a window that stays writes nothing.
/// **Errors**: the store's; nothing has changed then.
store::Result<void> change_signature_window(store::Store& store, auth::ReplayGuard& guard,
                                            const SignatureConfig& next, auth::Timestamp now,
                                            const AlsoWrite& also = {});

/// Has the next start distrust the past of a store that was restored: where its backup was made
/// before anything was served, it does not show what was served since.
store::Result<void> note_that_it_served(store::Store& store);

}  // namespace kwikgate::gateway
