#include "gateway/cli/open_store.hpp"

#include <pwd.h>
#include <unistd.h>

#include <system_error>

#include "gateway/cli/input.hpp"
#include "gateway/config/load.hpp"
#include "gateway/config/units.hpp"
#include "store/clock.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLeastMapBytes = std::size_t{1} << 20;

bool is_there(const fs::path& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

CliResult<StorePlace> from_config(const std::string& file) {
    const auto config = load_valid_config(file);
    if (config.has_error()) return config.error();
    StorePlace place;
    place.store = config->store.path;
    place.master_key = config->store.master_key_file;
    place.map_bytes = config->store.map_bytes;
    place.sections = config->sections;
    return place;
}

CliResult<StorePlace> from_directory(const fs::path& directory) {
    StorePlace place;
    std::error_code error;
    if (fs::exists(directory / "data.mdb", error)) {
        place.store = directory;
    } else if (error) {
        return failed(directory.string() + " cannot be read: " + error.message());
    } else if (is_there(directory / "store" / "data.mdb")) {
        place.store = directory / "store";
    } else {
        return failed("no store in " + directory.string() +
                      "; name the directory that 'kwikgate init --dir' made");
    }
    const fs::path candidates[] = {directory / "master.key",
                                   fs::absolute(place.store).parent_path() / "master.key"};
    for (const fs::path& candidate : candidates) {
        if (!is_there(candidate)) continue;
        place.master_key = candidate;
        break;
    }
    return place;
}

CliResult<auth::SectionCatalogue> read_sections(const store::Snapshot& snapshot) {
    auto sections = auth::SectionCatalogue::read(snapshot);
    if (sections.has_error()) return failed("cannot read the sections", sections.error());
    return std::move(*sections);
}

}  // namespace

CliResult<Config> load_valid_config(const std::string& file) {
    LoadedConfig loaded = load_config(file);
    if (loaded.ok()) return std::move(loaded.config);
    return failed(loaded.problems.front().to_string() + "; see 'kwikgate check --config " + file +
                  "'");
}

store::StoreOptions options_for(const StorePlace& place, store::OpenMode mode) {
    store::StoreOptions options;
    options.mode = mode;
    if (place.map_bytes != 0) options.map_bytes = place.map_bytes;
    return options;
}

void add_store_flags(Command sub, StoreFlags& flags, bool needs_master_key) {
    sub.add_option("-c,--config", flags.config, "Configuration that names the store")
        .option_text("FILE");
    sub.add_option("-s,--store", flags.store, "Directory of the store, or the one made by init")
        .option_text("DIR");
    if (!needs_master_key) return;
    sub.add_option("--master-key-file", flags.master_key_file,
                   "Master key file, if it is not beside the store (or "
                   "KWIKGATE_MASTER_KEY_FILE)")
        .option_text("FILE");
}

CliResult<StorePlace> locate_store(const StoreFlags& flags) {
    if (flags.config.empty() == flags.store.empty()) {
        return misused("say which store: either --config FILE or --store DIR");
    }
    CliResult<StorePlace> place =
        flags.config.empty() ? from_directory(flags.store) : from_config(flags.config);
    if (place.has_error()) return place;
    const std::string from_environment = environment_variable("KWIKGATE_MASTER_KEY_FILE");
    const std::string credentials = environment_variable("CREDENTIALS_DIRECTORY");
    if (!flags.master_key_file.empty()) {
        place->master_key = flags.master_key_file;
    } else if (!from_environment.empty()) {
        place->master_key = from_environment;
    } else if (flags.config.empty() && !credentials.empty() &&
               is_there(fs::path(credentials) / "master.key")) {
        place->master_key = fs::path(credentials) / "master.key";
    }
    if (const std::string map_size = environment_variable("KWIKGATE_MAP_SIZE"); !map_size.empty()) {
        const auto bytes = parse_size(map_size);
        if (!bytes || *bytes < kLeastMapBytes)
            return misused("KWIKGATE_MAP_SIZE: write a size of 1MiB or more, such as 1GiB");
        place->map_bytes = *bytes;
    }
    return place;
}

CliResult<auth::MasterKey> load_master_key(const StorePlace& place) {
    if (place.master_key.empty()) {
        return failed("no master.key beside the store " + place.store.string() +
                      "; name it with --master-key-file or KWIKGATE_MASTER_KEY_FILE");
    }
    auto key = auth::MasterKey::load(place.master_key);
    if (key.has_error()) return failed("master key " + place.master_key.string(), key.error());
    return std::move(*key);
}

std::string actor() {
    const uid_t user = ::getuid();
    // No other thread of a command looks users up.
    const passwd* entry = ::getpwuid(user);  // NOLINT(concurrency-mt-unsafe)
    return "cli:" + (entry == nullptr ? std::to_string(user) : std::string(entry->pw_name));
}

StoreView::StoreView(store::Store store, store::Reader reader)
    : store_(std::move(store)), reader_(std::move(reader)), snapshot_(reader_.snapshot().value()) {}

CliResult<void> StoreView::look_again() {
    let_go();
    auto snapshot = reader_.snapshot();
    if (snapshot.has_error()) return failed("cannot read the store", snapshot.error());
    snapshot_.emplace(std::move(*snapshot));
    return {};
}

CliResult<std::unique_ptr<StoreView>> StoreView::open(const StoreFlags& flags) {
    const auto place = locate_store(flags);
    if (place.has_error()) return place.error();
    const std::string where = "store " + place->store.string();
    auto store = store::Store::open(place->store, options_for(*place, store::OpenMode::read_only));
    if (store.has_error()) return failed(where, store.error());
    auto reader = store->reader();
    if (reader.has_error()) return failed(where, reader.error());
    try {
        std::unique_ptr<StoreView> view(new StoreView(std::move(*store), std::move(*reader)));
        auto sections = read_sections(*view->snapshot_);
        if (sections.has_error()) return sections.error();
        view->sections_ = std::move(*sections);
        return view;
    } catch (const boost::system::system_error& error) {
        return failed(where, error.code());
    }
}

TokenStore::TokenStore(store::Store store, auth::MasterKey key)
    : store_(std::move(store)),
      key_(std::move(key)),
      service_(store_, key_, actor(), store::current_time) {}

CliResult<std::unique_ptr<TokenStore>> TokenStore::open(const StoreFlags& flags) {
    const auto place = locate_store(flags);
    if (place.has_error()) return place.error();
    auto key = load_master_key(*place);
    if (key.has_error()) return key.error();
    auto store = store::Store::open(place->store, options_for(*place, store::OpenMode::read_write));
    if (store.has_error()) return failed("store " + place->store.string(), store.error());
    std::unique_ptr<TokenStore> opened(new TokenStore(std::move(*store), std::move(*key)));
    if (const auto bound = auth::bind_master_key(opened->store_, opened->key_); bound.has_error()) {
        return failed("master key " + place->master_key.string() + ": " +
                      failed(bound.error()).message());
    }
    // A section that the configuration adds is usable before the gateway first ran with it.
    if (!place->sections.empty()) {
        const auto added = auth::register_sections(opened->store_, place->sections);
        if (added.has_error()) return failed(added.error());
    }
    return opened;
}

CliResult<auth::SectionCatalogue> TokenStore::sections() {
    auto reader = store_.reader();
    if (reader.has_error()) return failed("cannot read the store", reader.error());
    const auto snapshot = reader->snapshot();
    if (snapshot.has_error()) return failed("cannot read the store", snapshot.error());
    return read_sections(*snapshot);
}

CliResult<store::TokenRecord> TokenStore::find(std::string_view id_or_key) {
    auto found = service_.find(id_or_key);
    if (found.has_value()) return std::move(*found);
    if (found.error().code == store::Errc::not_found) return no_such_token();
    return failed(found.error());
}

Failure no_such_token() {
    return failed("no such token; 'kwikgate token list' shows their ids");
}

}  // namespace kwikgate::gateway::cli
