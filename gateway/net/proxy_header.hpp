#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "store/types.hpp"

namespace kwikgate::gateway::net {

/// The longest header that is taken: a version 2 header with as many extensions (TLVs) as senders
/// add in practice. A longer one is malformed.
inline constexpr std::size_t kMaxProxyHeaderBytes = 1024;

/// What a PROXY protocol header says.
struct ProxyHeader {
    enum class Status : std::uint8_t { need_more, complete, malformed };
    Status status = Status::need_more;
    std::size_t size = 0;     ///< Bytes of the header, once complete.
    bool has_source = false;  ///< False for LOCAL and UNKNOWN: the sender speaks for itself.
    store::IpAddress source;
};

/// Reads the PROXY protocol header, version 1 (text) or 2 (binary), at the start of `bytes`. TCP
/// over IPv4 and IPv6 only, where TCP6 may carry mapped IPv4 addresses on either side; anything
/// else, a datagram or a Unix socket, is malformed. Total: any bytes give an answer. **Spec**:
/// HAProxy's proxy-protocol.txt. **Cost**: no allocation.
ProxyHeader parse_proxy_header(std::string_view bytes);

}  // namespace kwikgate::gateway::net
