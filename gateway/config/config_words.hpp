#pragma once

#include <array>
#include <string_view>

#include "gateway/config/config.hpp"

/// How the choices of the configuration are spelled, in the order of their enums.
namespace kwikgate::gateway {

inline constexpr std::array<std::string_view, 3> kIoBackends = {"automatic", "io_uring", "epoll"};
static_assert(static_cast<int>(IoBackend::automatic) == 0 &&
              static_cast<int>(IoBackend::io_uring) == 1 &&
              static_cast<int>(IoBackend::epoll) == 2);

inline constexpr std::array<std::string_view, 2> kTlsVersions = {"1.2", "1.3"};
static_assert(static_cast<int>(TlsVersion::tls_1_2) == 0 &&
              static_cast<int>(TlsVersion::tls_1_3) == 1);

inline constexpr std::array<std::string_view, 3> kClientCertificates = {"none", "optional",
                                                                        "required"};
static_assert(static_cast<int>(ClientCertificates::none) == 0 &&
              static_cast<int>(ClientCertificates::optional) == 1 &&
              static_cast<int>(ClientCertificates::required) == 2);

inline constexpr std::array<std::string_view, 3> kCredentialHandling = {"strip", "replace", "pass"};
static_assert(static_cast<int>(CredentialHandling::strip) == 0 &&
              static_cast<int>(CredentialHandling::replace) == 1 &&
              static_cast<int>(CredentialHandling::pass) == 2);

inline constexpr std::array<std::string_view, 2> kAfterCrash = {"refuse_writes", "accept"};
static_assert(static_cast<int>(AfterCrash::refuse_writes) == 0 &&
              static_cast<int>(AfterCrash::accept) == 1);

}  // namespace kwikgate::gateway
