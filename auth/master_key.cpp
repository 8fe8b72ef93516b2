#include "auth/master_key.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>

#include "auth/ascii.hpp"
#include "auth/private_input.hpp"
#include "store/file_descriptor.hpp"

namespace kwikgate::auth {
namespace {

constexpr std::size_t kHexDigits = 64;
constexpr std::string_view kCheckText = "kwikgate master key check 1";

}  // namespace

MasterKey MasterKey::generate() {
    MasterKey key;
    const auto bytes = key.bytes_.expose_mutable();
    if (RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
        throw std::runtime_error("the random generator failed");
    return key;
}

Result<MasterKey> MasterKey::load(const std::filesystem::path& file) {
    SecretBytes<kHexDigits + 1> text;
    const auto buffer = text.expose_mutable();
    std::size_t size = 0;
    switch (read_private_file(file, buffer, size)) {
        case PrivateInput::read:
            break;
        case PrivateInput::unreadable:
            return Errc::master_key_unreadable;
        case PrivateInput::not_private:
            return Errc::master_key_permissions;
        case PrivateInput::too_long:
            return Errc::master_key_malformed;
    }
    // With or without the newline: a systemd credential may come without.
    const bool bare = size == kHexDigits;
    if (!bare && !(size == kHexDigits + 1 && buffer[kHexDigits] == '\n'))
        return Errc::master_key_malformed;
    MasterKey key;
    const auto bytes = key.bytes_.expose_mutable();
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int byte =
            hex_pair(static_cast<char>(buffer[2 * i]), static_cast<char>(buffer[2 * i + 1]));
        if (byte < 0) return Errc::master_key_malformed;
        bytes[i] = static_cast<std::uint8_t>(byte);
    }
    return key;
}

Result<void> MasterKey::save(const std::filesystem::path& file) const {
    const store::FileDescriptor out(
        ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!out.is_open()) {
        if (errno == EEXIST) return Errc::master_key_exists;
        return store::last_error();
    }
    // The umask may have taken the owner's bits away, but never adds any.
    const SecretString text(to_hex(bytes_.expose()) + "\n");
    boost::system::error_code error;
    if (!store::write_all(out.get(), text.expose()) || ::fsync(out.get()) != 0)
        error = store::last_error();
    else
        error = store::sync_directory(file.parent_path());
    if (!error) return {};
    ::unlink(file.c_str());
    return error;
}

std::string MasterKey::check_value() const {
    return mac(kCheckText);
}

std::string MasterKey::mac(std::string_view text) const {
    std::array<std::uint8_t, 32> out{};
    unsigned size = 0;
    const auto key = bytes_.expose();
    const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes, text.size(), out.data(),
             &size) == nullptr)
        throw std::runtime_error("the cryptographic library failed");
    return to_hex(out);
}

}  // namespace kwikgate::auth
