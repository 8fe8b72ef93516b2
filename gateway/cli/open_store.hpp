#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "auth/master_key.hpp"
#include "auth/section_catalogue.hpp"
#include "auth/token_service.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/config/config.hpp"
#include "store/store.hpp"

namespace kwikgate::gateway::cli {

/// The flags that say which store, shared by all commands that use one.
struct StoreFlags {
    std::string config;
    std::string store;
    std::string master_key_file;
};

/// Adds --config and --store, and --master-key-file where the command seals or opens secrets.
void add_store_flags(Command sub, StoreFlags& flags, bool needs_master_key);

/// Where the store and its key are.
struct StorePlace {
    std::filesystem::path store;
    std::filesystem::path master_key;   ///< Empty when none was found.
    std::size_t map_bytes = 0;          ///< 0: the default.
    std::vector<std::string> sections;  ///< Of the configuration's catalogue.
};

/// From --config, or --store with a store directory or one made by `init`. The master key, first
/// that is set: --master-key-file, KWIKGATE_MASTER_KEY_FILE, the configuration's,
/// $CREDENTIALS_DIRECTORY/master.key, master.key in the directory or beside it. KWIKGATE_MAP_SIZE
/// goes before the configuration's `store.map_size`.
CliResult<StorePlace> locate_store(const StoreFlags& flags);

/// The configuration, or its first problem and where to see all of them.
CliResult<Config> load_valid_config(const std::string& file);

store::StoreOptions options_for(const StorePlace& place, store::OpenMode mode);

/// The master key of `place`, or how to name one.
CliResult<auth::MasterKey> load_master_key(const StorePlace& place);

/// What is said of an id or key that nothing has.
Failure no_such_token();

/// "cli:" and the name of the user who runs this.
std::string actor();

/// A store opened to look at it; the master key is not needed. **Owns** store, reader and one
/// snapshot, which is let go of before anything is printed that somebody may read slowly: while it
/// lasts, every change makes the store grow.
class StoreView {
  public:
    static CliResult<std::unique_ptr<StoreView>> open(const StoreFlags& flags);
    /// Not after `let_go`, until `look_again`.
    const store::Snapshot& snapshot() const { return *snapshot_; }
    const auth::SectionCatalogue& sections() const { return sections_; }
    void let_go() { snapshot_.reset(); }
    /// Takes the newest state for the snapshot.
    CliResult<void> look_again();

  private:
    StoreView(store::Store store, store::Reader reader);
    store::Store store_;
    store::Reader reader_;
    std::optional<store::Snapshot> snapshot_;
    auth::SectionCatalogue sections_;
};

/// A store opened to change it: what `auth::TokenService` needs, and the service. Not movable: the
/// service refers to its neighbours.
class TokenStore {
  public:
    static CliResult<std::unique_ptr<TokenStore>> open(const StoreFlags& flags);
    TokenStore(const TokenStore&) = delete;
    TokenStore& operator=(const TokenStore&) = delete;

    store::Store& store() { return store_; }
    const auth::MasterKey& master_key() const { return key_; }
    auth::TokenService& service() { return service_; }
    /// The registry as it is now.
    CliResult<auth::SectionCatalogue> sections();
    /// By id or whole API_KEY.
    CliResult<store::TokenRecord> find(std::string_view id_or_key);

  private:
    TokenStore(store::Store store, auth::MasterKey key);
    store::Store store_;
    auth::MasterKey key_;
    auth::TokenService service_;
};

}  // namespace kwikgate::gateway::cli
