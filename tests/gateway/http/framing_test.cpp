#include "gateway/http/framing.hpp"

#include "tests/gateway/http/request_heads.hpp"

namespace kwikgate::gateway::http {
namespace {

using auth::Reason;

TEST(RequestFraming, JudgesContentLength) {
    expect_verdicts({
        {"9112-6.3 zero", post("Content-Length: 0\r\n"), Reason::none},
        {"9110-8.6 leading zeros", post("Content-Length: 0005\r\n"), Reason::none},
        {"9110-8.6 the largest", post("Content-Length: 9223372036854775807\r\n"), Reason::none},
        {"9110-8.6 one more", post("Content-Length: 9223372036854775808\r\n"), Reason::bad_framing},
        {"9110-8.6 2^64", post("Content-Length: 18446744073709551616\r\n"), Reason::bad_framing},
        {"9110-8.6 many digits", post("Content-Length: " + std::string(300, '1') + "\r\n"),
         Reason::bad_framing},
        {"9110-8.6 empty", post("Content-Length:\r\n"), Reason::bad_framing},
        {"9110-8.6 plus", post("Content-Length: +5\r\n"), Reason::bad_framing},
        {"9110-8.6 minus", post("Content-Length: -5\r\n"), Reason::bad_framing},
        {"9110-8.6 minus zero", post("Content-Length: -0\r\n"), Reason::bad_framing},
        {"9110-8.6 hex", post("Content-Length: 0x5\r\n"), Reason::bad_framing},
        {"9110-8.6 fraction", post("Content-Length: 5.0\r\n"), Reason::bad_framing},
        {"9110-8.6 exponent", post("Content-Length: 5e1\r\n"), Reason::bad_framing},
        {"9110-8.6 space within", post("Content-Length: 5 5\r\n"), Reason::bad_framing},
        {"9110-8.6 underscore", post("Content-Length: 5_0\r\n"), Reason::bad_framing},
        {"9110-8.6 quoted", post("Content-Length: \"5\"\r\n"), Reason::bad_framing},
        {"9110-8.6 equal list", post("Content-Length: 5, 5\r\n"), Reason::bad_framing},
        {"9110-8.6 list", post("Content-Length: 5, 6\r\n"), Reason::bad_framing},
        {"9110-8.6 trailing comma", post("Content-Length: 5,\r\n"), Reason::bad_framing},
        {"9112-6.3 repeated, equal", post("Content-Length: 5\r\nContent-Length: 5\r\n"),
         Reason::bad_framing},
        {"9112-6.3 repeated, different", post("Content-Length: 5\r\ncontent-length: 6\r\n"),
         Reason::bad_framing},
        {"9110-9.3.1 on GET", get("Content-Length: 5\r\n"), Reason::none},
        {"9112-6.3 HTTP/1.0", "POST / HTTP/1.0\r\nContent-Length: 5\r\n\r\n", Reason::none},
    });
}

TEST(RequestFraming, JudgesTransferEncoding) {
    const auto te = [](std::string_view value) {
        return post(std::string{"Transfer-Encoding: "}.append(value).append("\r\n"));
    };
    const Reason unknown = Reason::transfer_coding_unsupported;
    expect_verdicts({
        {"9112-7.1 chunked", te("chunked"), Reason::none},
        {"9112-7 case", te("cHuNkEd"), Reason::none},
        {"9112-7.1 on GET", get("Transfer-Encoding: chunked\r\n"), Reason::none},
        {"9112-6.1 gzip", te("gzip"), unknown},
        {"9112-6.1 gzip, chunked", te("gzip, chunked"), unknown},
        {"9112-6.1 gzip and chunked lines",
         post("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), unknown},
        {"9112-7 identity", te("identity"), unknown},
        {"9112-7 like chunked", te("xchunked"), unknown},
        {"9112-7 like chunked, longer", te("chunkedd"), unknown},
        {"9112-6.1 chunked, gzip", te("chunked, gzip"), Reason::bad_framing},
        {"9112-6.1 chunked, identity", te("chunked, identity"), Reason::bad_framing},
        {"9112-7.1 twice", te("chunked, chunked"), Reason::bad_framing},
        {"9112-7.1 two lines", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"),
         Reason::bad_framing},
        {"9112-7.1 parameter", te("chunked;q=1"), Reason::bad_framing},
        {"9112-7.1 empty parameter", te("chunked;"), Reason::bad_framing},
        {"9112-6.1 empty", te(""), Reason::bad_framing},
        {"9112-6.1 comma only", te(","), Reason::bad_framing},
        {"9112-6.1 commas only, two lines", post("Transfer-Encoding: ,\r\nTransfer-Encoding:\r\n"),
         Reason::bad_framing},
        {"9110-5.6.1.2 comma before", te(", chunked"), Reason::none},
        {"9110-5.6.1.2 comma behind", te("chunked,"), Reason::none},
        {"9110-5.6.1.2 commas around", te(" , ,chunked ,"), Reason::none},
        {"9110-5.6.1.2 an empty line beside",
         post("Transfer-Encoding:\r\nTransfer-Encoding: chunked\r\n"), Reason::none},
        {"9112-6.1 comma and an unknown one", te(",gzip,"), unknown},
        {"9112-6.3 comma before and length",
         post("Transfer-Encoding: ,chunked\r\nContent-Length: 5\r\n"), Reason::bad_framing},
        {"9112-6.3 comma alone and length", post("Transfer-Encoding: ,\r\nContent-Length: 5\r\n"),
         Reason::bad_framing},
        {"9112-6.1 quoted", te("\"chunked\""), Reason::bad_framing},
        {"9112-6.1 space within", te("chunked chunked"), Reason::bad_framing},
        {"9112-6.1 obs-text", te("chunked\xa0"), Reason::bad_framing},
        {"9112-5.1 space before the colon", post("Transfer-Encoding : chunked\r\n"),
         Reason::bad_header},
        {"9112-6.3 both", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n"),
         Reason::bad_framing},
        {"9112-6.3 both, other order", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n"),
         Reason::bad_framing},
        {"9112-6.3 unknown coding and length",
         post("Transfer-Encoding: gzip\r\nContent-Length: 5\r\n"), Reason::bad_framing},
        {"9112-6.1 HTTP/1.0", "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
         Reason::bad_framing},
        {"underscore is another field, dropped later", post("Transfer_Encoding: chunked\r\n"),
         Reason::none},
    });
}

TEST(RequestFraming, JudgesExpectAndRepeatedFields) {
    expect_verdicts({
        {"9110-10.1.1 100-continue", post("Expect: 100-Continue\r\nContent-Length: 5\r\n"),
         Reason::none},
        {"9110-10.1.1 other", post("Expect: 200-ok\r\n"), Reason::expectation_failed},
        {"9110-5.6.1.2 a list without members", post("Expect:\r\n"), Reason::none},
        {"9110-10.1.1 an empty line beside one",
         post("Expect: \t\r\nExpect: 100-continue\r\nContent-Length: 5\r\n"), Reason::none},
        {"9110-10.1.1 an empty line beside a wrong one", post("Expect:\r\nExpect: x\r\n"),
         Reason::expectation_failed},
        {"9110-10.1.1 list", post("Expect: 100-continue, x\r\n"), Reason::expectation_failed},
        {"9110-10.1.1 twice", post("Expect: 100-continue\r\nExpect: 100-continue\r\n"),
         Reason::expectation_failed},
        {"9110-8.3 Content-Type twice", post("Content-Type: a/b\r\ncontent-type: a/b\r\n"),
         Reason::duplicate_field},
        {"6454-7 Origin twice", post("Origin: http://a\r\nOrigin: http://b\r\n"),
         Reason::duplicate_field},
        {"9530-2 Content-Digest combines",
         post("Content-Digest: a=:Yg==:\r\n"
              "Content-Digest: c=:ZA==:\r\n"),
         Reason::none},
        {"9110-5.3 lists combine", get("Accept: a/b\r\nAccept: c/d\r\n"), Reason::none},
        {"9110-7.6.1 Connection with 32 options",
         get("Connection: a" +
             [] {
                 std::string more;
                 for (int i = 0; i < 31; ++i) more += ",a";
                 return more;
             }() +
             "\r\n"),
         Reason::none},
        {"9110-7.6.1 Connection with 33 options",
         get("Connection: " + std::string(32, ',') + "\r\n"), Reason::bad_header},
        {"9110-7.8 Upgrade is not ours",
         get("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: "
             "h2c\r\nHTTP2-Settings: AAMAAABk\r\n"),
         Reason::none},
    });
}

}  // namespace
}  // namespace kwikgate::gateway::http
