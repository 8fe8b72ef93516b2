/// Claims: the verdict does not depend on what follows a complete header, no prefix of one is
/// complete, and a header never reaches beyond its bytes.

#include <string>

#include "gateway/net/proxy_header.hpp"
#include "tests/fuzz/fuzz_input.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace kwikgate;
    using gateway::net::parse_proxy_header;
    using Status = gateway::net::ProxyHeader::Status;
    const std::string bytes(reinterpret_cast<const char*>(data), size);
    const auto header = parse_proxy_header(bytes);
    if (header.status != Status::complete) {
        fuzz::require(header.size == 0 && !header.has_source, "nothing is told of no header");
        return 0;
    }
    fuzz::require(header.size != 0 && header.size <= size, "the header lies in its bytes");
    fuzz::require(header.size <= gateway::net::kMaxProxyHeaderBytes, "the header is bounded");
    const auto again = parse_proxy_header(bytes.substr(0, header.size));
    fuzz::require(again.status == Status::complete && again.size == header.size &&
                      again.source == header.source,
                  "what follows does not count");
    for (std::size_t i = 0; i < header.size; ++i)
        fuzz::require(parse_proxy_header(bytes.substr(0, i)).status == Status::need_more,
                      "a prefix needs more");
    return 0;
}
