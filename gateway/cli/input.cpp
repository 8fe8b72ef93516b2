#include "gateway/cli/input.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "auth/byte_order_mark.hpp"

namespace kwikgate::gateway::cli {
namespace {

constexpr std::size_t kMaxSecretBytes = 4096;

/// Closes what it opened; standard input stays.
class Descriptor {
  public:
    explicit Descriptor(const std::string& file)
        : owns_(file != "-"),
          number_(owns_ ? ::open(file.c_str(), O_RDONLY | O_CLOEXEC) : STDIN_FILENO) {}
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    ~Descriptor() {
        if (owns_ && number_ >= 0) ::close(number_);
    }
    int number() const { return number_; }

  private:
    bool owns_;
    int number_;
};

std::string name_of(const std::string& file) {
    return file == "-" ? "standard input" : file;
}

}  // namespace

CliResult<std::string> read_input(const std::string& file, std::size_t limit) {
    const Descriptor input(file);
    const auto cannot = [&](int error) {
        return failed("cannot read " + name_of(file) + ": " + std::strerror(error));
    };
    if (input.number() < 0) return cannot(errno);
    std::string text;
    std::array<char, 64 * 1024> piece;
    for (;;) {
        const ssize_t got = ::read(input.number(), piece.data(), piece.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return cannot(errno);
        if (got == 0) break;
        text.append(piece.data(), static_cast<std::size_t>(got));
        if (text.size() > limit)
            return failed(name_of(file) + " holds more than " + std::to_string(limit) + " bytes");
    }
    auth::wipe(piece.data(), piece.size());  // It may have been a secret.
    return text;
}

CliResult<auth::SecretString> read_secret(const std::string& file, const char* variable,
                                          const std::string& what, const std::string& flag) {
    std::string text;
    if (file.empty()) {
        text = environment_variable(variable);
        if (text.empty())
            return misused("no " + what + ": name a file with " + flag + ", or set " + variable);
    } else {
        auto read = read_input(file, kMaxSecretBytes);
        if (read.has_error()) return read.error();
        text.swap(*read);
    }
    if (text.ends_with('\n')) text.pop_back();
    if (text.ends_with('\r')) text.pop_back();
    if (const auto rest = auth::without_byte_order_mark(text); rest.size() != text.size())
        text.erase(0, text.size() - rest.size());
    if (text.empty()) return failed("the " + what + " in " + name_of(file) + " is empty");
    return auth::SecretString(std::move(text));
}

std::string environment_variable(const char* name) {
    // No other thread of a command changes the environment.
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
    return value == nullptr ? std::string() : std::string(value);
}

}  // namespace kwikgate::gateway::cli
