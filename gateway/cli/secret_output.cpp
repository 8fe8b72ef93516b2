#include "gateway/cli/secret_output.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "gateway/cli/token_text.hpp"
#include "gateway/json/token_json.hpp"

namespace kwikgate::gateway::cli {

CliResult<SecretOutput> SecretOutput::prepare(const std::string& path) {
    SecretOutput output;
    if (path.empty()) return output;
    auto file = PrivateFile::create(path);
    if (file.has_error()) return file.error();
    output.file_.emplace(std::move(*file));
    return output;
}

CliResult<void> SecretOutput::deliver(const auth::IssuedToken& issued,
                                      const auth::SectionCatalogue& sections,
                                      std::string_view headline, bool as_json) {
    std::string path;
    if (file_) {
        path = file_->path().string();
        if (auto done = file_->write(issued.api_secret.expose()); done.has_error()) return done;
        if (auto done = file_->write("\n"); done.has_error()) return done;
        if (auto done = file_->sync(); done.has_error()) return done;
    }
    return print_durably(as_json ? issued_json(issued, sections, !file_) + "\n"
                                 : issued_block(issued, headline, path));
}

void SecretOutput::keep() {
    if (file_) file_->keep();
}

CliResult<void> print_durably(std::string_view text) {
    struct sigaction ignored {};
    struct sigaction before {};
    ignored.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &ignored, &before);
    auto printed = print(text);
    ::sigaction(SIGPIPE, &before, nullptr);
    if (printed.has_error()) return printed;
    struct stat about {};
    if (::fstat(STDOUT_FILENO, &about) != 0 || !S_ISREG(about.st_mode)) return {};
    if (::fsync(STDOUT_FILENO) == 0) return {};
    return failed(std::string("cannot write to standard output: ") + std::strerror(errno));
}

void add_secret_output_flags(Command sub, std::string& secret_file, bool& as_json) {
    sub.add_option("--api-secret-file", secret_file,
                   "Write the API_SECRET to this new file (0600) instead of printing it")
        .option_text("FILE");
    sub.add_flag("--json", as_json, "Print one JSON object");
}

}  // namespace kwikgate::gateway::cli
