#pragma once

#include <atomic>

#include "store/lmdb_environment.hpp"

namespace kwikgate::store {

/// What a `Reader` and its `Snapshot` share: a read transaction that is renewed and reset.
struct ReaderState {
    LmdbEnvironment& environment;
    MDB_txn* txn = nullptr;
    std::atomic<bool> active{false};

    explicit ReaderState(LmdbEnvironment& env) : environment(env) {}
    ReaderState(const ReaderState&) = delete;
    ReaderState& operator=(const ReaderState&) = delete;
    ~ReaderState() {
        if (txn != nullptr) environment.unregister_reader(txn, active);
    }
};

}  // namespace kwikgate::store
