#pragma once

#include <cstdint>
#include <string_view>

namespace kwikgate::gateway {

/// What an option of curl means for the request that is sent.
enum class CurlOption : std::uint8_t {
    unknown,
    ignored,           ///< Changes nothing of the request.
    ignored_argument,  ///< The same, with an argument.
    request,
    header,
    data,
    data_raw,
    data_binary,
    data_urlencode,
    json,
    url,
    url_query,
    user,
    bearer,
    user_agent,
    referer,
    cookie,
    range,
    form,
    upload,
    head,
    get,
    compressed,
    path_as_is,
    globoff,
    request_target,
    next,
    config,        ///< Reads more options from a file.
    netrc,         ///< Reads credentials from a file.
    other_scheme,  ///< Another way to authenticate than Basic.
    other_scheme_argument,
    haproxy,
};

/// By the name without its hyphens, such as "data-raw".
CurlOption curl_option(std::string_view name);
/// By the letter of the short form.
CurlOption curl_option(char letter);
bool takes_argument(CurlOption option);

}  // namespace kwikgate::gateway
