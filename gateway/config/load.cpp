#include "gateway/config/load.hpp"

#include <cerrno>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "gateway/config/parse.hpp"

namespace kwikgate::gateway {
namespace {

namespace fs = std::filesystem;

boost::system::error_code last_error() {
    return {errno == 0 ? EIO : errno, boost::system::generic_category()};
}

/// The text of a regular file or a pipe; one byte more than allowed where it is too long.
boost::system::result<std::string> read_file(const fs::path& file) {
    std::error_code status_error;
    if (fs::is_directory(file, status_error))
        return boost::system::error_code(EISDIR, boost::system::generic_category());
    errno = 0;
    std::ifstream stream(file, std::ios::binary);
    if (!stream) return last_error();
    std::string text(kMaxJsonBytes + 1, '\0');
    errno = 0;
    stream.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (stream.bad()) return last_error();
    text.resize(static_cast<std::size_t>(stream.gcount()));
    text.shrink_to_fit();
    return text;
}

/// The sources of one load: they live until the last problem is told.
class Loading {
  public:
    Loading(fs::path file, const FileReader& read)
        : file_(std::move(file)), read_(read), state_(problems_) {}

    LoadedConfig run() {
        state_.config.file = file_;
        const auto text = read_(file_);
        if (text.has_error()) {
            problems_.add_file(file_, "cannot be read: " + text.error().message());
        } else if (const ConfigSource& source = keep(file_, *text); source.document.root()) {
            parse_config(state_, root_of(source));
            read_routes_files();
            check_references(state_);
            check_limits(state_);
            check_has_routes();
            if (problems_.empty()) check_overlaps(state_);
            resolve_paths();
        }
        for (RouteDraft& route : state_.routes)
            state_.config.routes.push_back(static_cast<RouteConfig&&>(route));
        return {std::move(state_.config), problems_.take(), state_.warnings.take()};
    }

  private:
    static Place root_of(const ConfigSource& source) {
        return {&source, source.document.root(), ""};
    }

    const ConfigSource& keep(const fs::path& file, std::string text) {
        sources_.push_back(std::make_unique<ConfigSource>(
            ConfigSource{file, sources_.size(), JsonDocument(std::move(text))}));
        const ConfigSource& source = *sources_.back();
        for (const JsonFault& fault : source.document.faults())
            problems_.add_at(source, fault.offset, fault.pointer, fault.message, fault.hint);
        return source;
    }

    void read_routes_files() {
        for (const NameUse& use : state_.routes_files) {
            const fs::path file = resolve(use.name);
            const auto text = read_(file);
            if (text.has_error()) {
                problems_.add(use.place, "cannot be read: " + text.error().message(),
                              file.string());
                continue;
            }
            const ConfigSource& source = keep(file, *text);
            if (source.document.root()) parse_routes_file(state_, root_of(source));
        }
    }

    void check_has_routes() {
        if (state_.root.value->kind != JsonKind::object) return;
        const auto has_entries = [&](std::string_view key) {
            const JsonValue* list = state_.root.value->find(key);
            return list != nullptr && !(list->kind == JsonKind::array && list->items.empty());
        };
        const bool is_named = has_entries("routes") || has_entries("routes_files");
        // Named, but none came of it: only where no other problem explains it.
        if (!is_named || (state_.routes.empty() && problems_.empty()))
            problems_.add(state_.root, "there are no routes",
                          "name some in \"routes\" or \"routes_files\"");
    }

    /// Relative to the configuration file, wherever the process was started.
    fs::path resolve(const fs::path& path) const {
        return (file_.parent_path() / path).lexically_normal();
    }

    void resolve_given(fs::path& path) const {
        if (!path.empty()) path = resolve(path);
    }

    void resolve_log(std::string& destination) const {
        if (destination != "stdout" && destination != "stderr")
            destination = resolve(destination).string();
    }

    void resolve_paths() {
        Config& config = state_.config;
        config.store.path = resolve(config.store.path);
        config.store.master_key_file = resolve(config.store.master_key_file);
        config.replay.state_file =
            (config.store.path / config.replay.state_file).lexically_normal();
        for (ListenerConfig& listener : config.listeners) {
            for (fs::path& certificate : listener.tls.certificates)
                certificate = resolve(certificate);
            resolve_given(listener.tls.client_ca_file);
        }
        for (UpstreamConfig& upstream : config.upstreams) {
            resolve_given(upstream.tls.ca_file);
            resolve_given(upstream.tls.certificate_file);
            resolve_given(upstream.credentials_file);
            resolve_given(upstream.identity_key_file);
        }
        resolve_log(config.log.destination);
        resolve_log(config.access_log.destination);
        resolve_given(config.access_log.debug_capture.file);
        resolve_given(config.tracing.headers_file);
        resolve_given(config.tracing.ca_file);
        if (config.admin.is_unix_socket())
            config.admin.address = "unix:" + resolve(config.admin.address.substr(5)).string();
        if (!config.admin.certificate_file.empty())
            config.admin.certificate_file = resolve(config.admin.certificate_file);
    }

    fs::path file_;
    const FileReader& read_;
    std::vector<std::unique_ptr<ConfigSource>> sources_;
    ProblemList problems_;
    ParseState state_;
};

}  // namespace

LoadedConfig load_config(const fs::path& file) {
    return load_config(file, read_file);
}

LoadedConfig load_config(const fs::path& file, const FileReader& read) {
    return Loading(file, read).run();
}

}  // namespace kwikgate::gateway
