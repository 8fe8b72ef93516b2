#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "auth/admin_key.hpp"
#include "auth/json_text.hpp"
#include "auth/master_key.hpp"
#include "auth/token_service.hpp"
#include "gateway/cli/command.hpp"
#include "gateway/cli/embedded_files.hpp"
#include "gateway/cli/held_signals.hpp"
#include "gateway/cli/open_store.hpp"
#include "gateway/cli/private_file.hpp"
#include "gateway/cli/secret_output.hpp"
#include "store/clock.hpp"
#include "store/owner.hpp"

namespace kwikgate::gateway::cli {
namespace {

namespace fs = std::filesystem;

/// Ready to serve in front of `kwikgate sandbox`; live and test tokens go to the same upstream
/// until somebody says otherwise.
constexpr std::string_view kConfig = R"({
  "listeners": [{"address": "127.0.0.1:8080"}],
  "admin": {"address": "127.0.0.1:9180"},
  "store": {"path": "store", "master_key_file": "master.key"},
  "upstreams": {"kwik": {"servers": ["http://127.0.0.1:9090"]}},
  "environments": {"live": "kwik", "test": "kwik"},
  "routes_files": ["kwik.routes.json"]
}
)";

struct Flags {
    std::string directory;
    bool as_json = false;
};

/// The new directory. Until `keep`, everything made in it is removed again: a half-made one would
/// stand in the way of the next try.
class NewDirectory {
  public:
    /// Takes a path that does not exist, or an empty directory (a fresh mount, for example).
    static CliResult<NewDirectory> create(const fs::path& path) {
        std::error_code error;
        const bool was_there = fs::is_directory(path, error) && fs::is_empty(path, error);
        if (!was_there && ::mkdir(path.c_str(), 0700) != 0) {
            if (errno == EEXIST) {
                return failed(path.string() +
                              " exists already and is not empty; name a new directory");
            }
            return failed("cannot create " + path.string() + ": " + std::strerror(errno));
        }
        if (::chmod(path.c_str(), 0700) != 0) {
            return failed("cannot protect " + path.string() + ": " + std::strerror(errno));
        }
        return NewDirectory(path, was_there);
    }
    NewDirectory(NewDirectory&& other) noexcept
        : path_(std::exchange(other.path_, {})), was_there_(other.was_there_) {}
    NewDirectory& operator=(NewDirectory&&) = delete;
    ~NewDirectory() {
        if (path_.empty()) return;
        std::error_code ignored;
        for (const auto& entry : fs::directory_iterator(path_, ignored)) {
            fs::remove_all(entry.path(), ignored);
        }
        if (!was_there_) fs::remove(path_, ignored);
    }
    void keep() { path_.clear(); }
    const fs::path& path() const { return path_; }

  private:
    NewDirectory(fs::path path, bool was_there) : path_(std::move(path)), was_there_(was_there) {}
    fs::path path_;
    bool was_there_;
};

CliResult<void> write_file(const fs::path& path, std::string_view text) {
    auto file = PrivateFile::create(path);
    if (file.has_error()) return file.error();
    if (auto wrote = file->write(text); wrote.has_error()) return wrote;
    return file->finish();
}

/// Store, sections, key check value and the first admin key.
CliResult<auth::IssuedAdminKey> make_store(const fs::path& directory, const auth::MasterKey& key) {
    auto store = store::Store::create(directory);
    if (store.has_error()) return failed("store " + directory.string(), store.error());
    if (const auto bound = auth::bind_master_key(*store, key); bound.has_error()) {
        return failed(bound.error());
    }
    if (const auto added = auth::register_sections(*store, {}); added.has_error()) {
        return failed(added.error());
    }
    auto admin =
        auth::create_admin_key(*store, "first admin", "admin", actor(), store::current_time);
    if (admin.has_error()) return failed(admin.error());
    return std::move(*admin);
}

std::string report(const fs::path& directory, const auth::IssuedAdminKey& admin, bool as_json) {
    const std::string config = (directory / "kwikgate.json").string();
    if (as_json) {
        return auth::JsonObject()
                   .text("directory", directory.string())
                   .text("config", config)
                   .text("admin_key_id", admin.record.id)
                   .text("admin_key", admin.key.expose())
                   .to_string() +
               "\n";
    }
    return "Made " + directory.string() +
           ": store/, master.key, kwikgate.json, kwik.routes.json\n\n" + "  ADMIN_KEY  " +
           std::string(admin.key.expose()) + "\n\n" +
           "The admin key is shown once and cannot be recovered: store it now.\n"
           "Keep a copy of master.key apart from the store: without it no token works.\n\n"
           "Next:\n"
           "  1. set the upstream in " +
           config + "\n" + "  2. kwikgate token create --config " + config +
           " \\\n       --name 'My shop' --section payments --permissions read-write\n" +
           "  3. kwikgate serve --config " + config + "\n";
}

CliResult<void> init(const Flags& flags) {
    const HeldSignals held;
    const auto as_owner = store::AsOwner::of_nearest(flags.directory);
    if (as_owner.has_error()) return failed("cannot create " + flags.directory, as_owner.error());
    auto directory = NewDirectory::create(flags.directory);
    if (directory.has_error()) return directory.error();
    const fs::path path = directory->path();
    const auth::MasterKey key = auth::MasterKey::generate();
    if (const auto saved = key.save(path / "master.key"); saved.has_error()) {
        return failed("cannot write " + (path / "master.key").string(), saved.error());
    }
    const auto admin = make_store(path / "store", key);
    if (admin.has_error()) return admin.error();
    if (auto wrote = write_file(path / "kwik.routes.json", kwik_routes()); wrote.has_error()) {
        return wrote;
    }
    if (auto wrote = write_file(path / "kwikgate.json", kConfig); wrote.has_error()) {
        return wrote;
    }
    // Nobody sees the admin key if this fails: then the directory goes too.
    if (auto printed = print_durably(report(path, *admin, flags.as_json)); printed.has_error()) {
        return printed;
    }
    directory->keep();
    return {};
}

}  // namespace

void add_init(Command app, Session& session) {
    Command sub = app.add_command(
        "init", "Make a directory with store, master key, admin key and configuration");
    const auto flags = std::make_shared<Flags>();
    sub.add_option("--dir", flags->directory, "New directory").option_text("DIR").required();
    sub.add_flag("--json", flags->as_json, "Print one JSON object");
    on_run(sub, session, [flags] { return init(*flags); });
}

}  // namespace kwikgate::gateway::cli
