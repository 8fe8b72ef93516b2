#pragma once

#include <lmdb.h>

#include <filesystem>
#include <stdexcept>
#include <string>

namespace kwikgate::store {

/// Changes a closed store behind the back of our own code, to damage it.
class RawEnvironment {
  public:
    explicit RawEnvironment(const std::filesystem::path& directory) {
        require(mdb_env_create(&env_));
        require(mdb_env_set_maxdbs(env_, 16));
        require(mdb_env_set_mapsize(env_, std::size_t{64} << 20));
        require(mdb_env_open(env_, directory.c_str(), 0, 0600));
        require(mdb_txn_begin(env_, nullptr, 0, &txn_));
    }
    RawEnvironment(const RawEnvironment&) = delete;
    RawEnvironment& operator=(const RawEnvironment&) = delete;
    ~RawEnvironment() {
        mdb_txn_commit(txn_);
        mdb_env_close(env_);
    }
    void put(const char* table, std::string key, std::string value) {
        MDB_val k{key.size(), key.data()};
        MDB_val v{value.size(), value.data()};
        require(mdb_put(txn_, open(table), &k, &v, 0));
    }
    void erase(const char* table, std::string key) {
        MDB_val k{key.size(), key.data()};
        require(mdb_del(txn_, open(table), &k, nullptr));
    }
    /// The table is gone as if it had never been made.
    void drop(const char* table) { require(mdb_drop(txn_, open(table), 1)); }
    std::string get(const char* table, std::string key) {
        MDB_val k{key.size(), key.data()};
        MDB_val v{};
        require(mdb_get(txn_, open(table), &k, &v));
        return {static_cast<const char*>(v.mv_data), v.mv_size};
    }

  private:
    static void require(int code) {
        if (code != MDB_SUCCESS) throw std::runtime_error(mdb_strerror(code));
    }
    MDB_dbi open(const char* table) {
        MDB_dbi handle = 0;
        require(mdb_dbi_open(txn_, table, 0, &handle));
        return handle;
    }
    MDB_env* env_ = nullptr;
    MDB_txn* txn_ = nullptr;
};

}  // namespace kwikgate::store
